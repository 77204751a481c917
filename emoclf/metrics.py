"""
Metrics: how right a set of predicted labels is, per emotion and in all, with intervals, and whether another is better.

Intervals are 95 % percentile bootstraps over tweets (Efron and Tibshirani,
1993). A comparison is paired: both sides are scored on the same resampled
tweets, so that what both find easy or hard cancels out. It says "no evidence of
change" where the interval spans zero, and never more than that.
"""

from dataclasses import dataclass

import numpy as np

from emoclf.labels import EMOTIONS, LabelSet

RESAMPLES = 2000
INTERVAL = (2.5, 97.5)  # percentiles


@dataclass(frozen=True)
class EmotionScore:
    """One emotion's figures, each in [0, 1]; an F1 without any positive is 0."""

    support: int  # tweets that carry the emotion
    accuracy: float
    precision: float
    recall: float
    f1: float
    f1_low: float
    f1_high: float


@dataclass(frozen=True)
class Scores:
    """Figures of one set of predictions against one set of targets."""

    n: int
    macro_f1: float
    micro_f1: float
    jaccard: float  # mean over tweets; 1 where both sides are empty, as in SemEval-2018 E-c
    accuracy: float  # mean over emotions
    per_emotion: dict[str, EmotionScore]


@dataclass(frozen=True)
class Change:
    """How much an F1 moved from before to after, with the interval of the difference."""

    support: int
    before: float
    after: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def verdict(self) -> str:
        """The interval in words: better, worse, or no evidence of change."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "no evidence of change"


def score(targets: np.ndarray, predicted: np.ndarray, label_set: LabelSet = EMOTIONS, seed: int = 0) -> Scores:
    """Score `predicted` against `targets`, both of shape (n, n_labels) and 0 or 1.

    >>> targets = np.array([[1, 0], [1, 1]])
    >>> score(targets, np.array([[1, 0], [0, 1]]), LabelSet(("anger", "joy"))).macro_f1  # 2/3 and 1
    0.8333333333333333
    """
    _check_shapes(targets, predicted, label_set)
    hits, guesses, positives = targets * predicted, predicted, targets
    tp, guessed, support = hits.sum(0), guesses.sum(0), positives.sum(0)
    accuracy = (targets == predicted).mean(0)
    low, high = np.percentile(_resampled_f1(targets, predicted, seed), INTERVAL, axis=0)
    f1 = _f1(tp, guessed, support)
    per_emotion = {
        name: EmotionScore(
            support=int(support[j]),
            accuracy=float(accuracy[j]),
            precision=_ratio(tp[j], guessed[j]),
            recall=_ratio(tp[j], support[j]),
            f1=float(f1[j]),
            f1_low=float(low[j]),
            f1_high=float(high[j]),
        )
        for j, name in enumerate(label_set.names)
    }
    union = np.maximum(targets, predicted).sum(1)
    jaccard = np.where(union == 0, 1.0, hits.sum(1) / np.maximum(union, 1))
    return Scores(
        n=len(targets),
        macro_f1=float(f1.mean()),
        micro_f1=float(_f1(tp.sum(), guessed.sum(), support.sum())),
        jaccard=float(jaccard.mean()),
        accuracy=float(accuracy.mean()),
        per_emotion=per_emotion,
    )


def compare(
    targets: np.ndarray, before: np.ndarray, after: np.ndarray, label_set: LabelSet = EMOTIONS, seed: int = 0
) -> dict[str, Change]:
    """How `after` differs from `before` in F1 on the same tweets, per emotion and under "macro".

    All three arrays have shape (n, n_labels) and hold 0 or 1.
    """
    _check_shapes(targets, before, label_set)
    _check_shapes(targets, after, label_set)
    support = targets.sum(0)
    f1_before, f1_after = (_f1((targets * side).sum(0), side.sum(0), support) for side in (before, after))
    differences = _resampled_f1(targets, after, seed) - _resampled_f1(targets, before, seed)
    low, high = np.percentile(differences, INTERVAL, axis=0)
    macro_low, macro_high = np.percentile(differences.mean(1), INTERVAL)
    changes = {
        name: Change(int(support[j]), float(f1_before[j]), float(f1_after[j]), float(low[j]), float(high[j]))
        for j, name in enumerate(label_set.names)
    }
    changes["macro"] = Change(
        int(support.sum()), float(f1_before.mean()), float(f1_after.mean()), float(macro_low), float(macro_high)
    )
    return changes


def _resampled_f1(targets: np.ndarray, predicted: np.ndarray, seed: int) -> np.ndarray:
    """F1 per emotion in each bootstrap sample, shape (RESAMPLES, n_labels); the same seed draws the same tweets."""
    n = len(targets)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float32)
    tp, guessed, support = (counts @ part.astype(np.float32) for part in (targets * predicted, predicted, targets))
    return _f1(tp, guessed, support)


def _f1(tp: np.ndarray, guessed: np.ndarray, support: np.ndarray) -> np.ndarray:
    return np.asarray(2 * tp / np.maximum(guessed + support, 1))


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _check_shapes(targets: np.ndarray, predicted: np.ndarray, label_set: LabelSet) -> None:
    if targets.shape != predicted.shape or targets.ndim != 2 or targets.shape[1] != len(label_set) or not len(targets):
        raise ValueError(
            f"targets have shape {targets.shape}, predicted {predicted.shape}; expected (n, {len(label_set)})"
        )
