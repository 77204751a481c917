"""
Precision, recall and F1 of one emotion at every threshold.

If no tweet reaches a threshold, nothing is predicted and the precision is undefined.
"""

from dataclasses import dataclass

import numpy as np

THRESHOLDS = np.linspace(0.01, 0.99, 99)


@dataclass(frozen=True)
class Tradeoff:
    """Metrics of one emotion at each of `THRESHOLDS`, every array of shape (99,)."""

    precision: np.ndarray  # NaN if no tweet reaches the threshold
    recall: np.ndarray
    f1: np.ndarray
    labelled: np.ndarray  # tweets at or above the threshold

    @property
    def end(self) -> int:
        """How many of `THRESHOLDS`, from the lowest, are reached by some tweet.

        >>> tradeoff(np.array([1, 0]), np.array([0.05, 0.02])).end
        5
        """
        return int((self.labelled > 0).sum())

    def at(self, threshold: float) -> int:
        """Return the position of the threshold nearest to this one."""
        return int(np.abs(THRESHOLDS - threshold).argmin())


def tradeoff(targets: np.ndarray, probabilities: np.ndarray) -> Tradeoff:
    """Return precision, recall, F1 and labelled tweets at every threshold, from arrays of shape (n,) of one emotion.

    >>> curve = tradeoff(np.array([1, 0, 1]), np.array([0.9, 0.5, 0.3]))
    >>> i = curve.at(0.4)  # of the two tweets at or over it, one has the emotion; of the two that have it, one is found
    >>> float(curve.precision[i]), float(curve.recall[i]), float(curve.f1[i]), int(curve.labelled[i])
    (0.5, 0.5, 0.5, 2)
    """
    predicted = probabilities[:, None] >= THRESHOLDS - 1e-9  # 0.30 of the grid is slightly above 0.3
    labelled, positives = predicted.sum(axis=0), int(targets.sum())
    hits = predicted[targets > 0].sum(axis=0)
    return Tradeoff(
        precision=np.where(labelled > 0, hits / np.maximum(labelled, 1), np.nan),
        recall=hits / max(positives, 1),
        f1=2 * hits / np.maximum(labelled + positives, 1),
        labelled=labelled,
    )
