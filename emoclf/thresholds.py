"""
Thresholds: from which probability an emotion counts as present, chosen per emotion on tweets held out of training.

The threshold with the highest F1 on a few hundred tweets owes much to chance,
most of all for a rare emotion. So F1 is first smoothed over neighbouring
thresholds, and an emotion with few positives leans on the curve of all emotions.
"""

import numpy as np

GRID = np.linspace(0.05, 0.95, 91)  # the thresholds that are tried, a hundredth apart
BANDWIDTH = 15  # hundredths: the standard deviation of the smoothing
PRIOR = 25.0  # positives that the common curve counts for


def fit(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """A threshold per emotion, shape (n_labels,), each in [0.05, 0.95].

    Parameters
    ----------
    targets : shape (n, n_labels), 0 or 1
    probabilities : same shape; of tweets that the model did not train on
    """
    if targets.shape != probabilities.shape:
        raise ValueError(f"targets have shape {targets.shape}, probabilities {probabilities.shape}")
    positives = targets.sum(axis=0)
    curves = _smooth(f1_curves(targets, probabilities))
    common = curves[positives > 0].mean(axis=0) if positives.any() else np.exp(-((GRID - 0.5) ** 2))
    blended = (positives[:, None] * curves + PRIOR * common) / (positives[:, None] + PRIOR)
    return np.asarray(GRID[blended.argmax(axis=1)])


def f1_curves(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """F1 of each emotion at each threshold of `GRID`, shape (n_labels, n_thresholds).

    >>> curve = f1_curves(np.array([[1], [0], [1]]), np.array([[0.9], [0.5], [0.3]]))[0]
    >>> [round(float(curve[i]), 2) for i in (15, 35, 65)]  # thresholds 0.2, 0.4 and 0.7
    [0.8, 0.5, 0.67]
    """
    curves = []
    for truth, found in zip(targets.T > 0, probabilities.T, strict=True):
        guessed = found[:, None] >= GRID
        hits = guessed[truth].sum(axis=0)
        curves.append(2 * hits / np.maximum(guessed.sum(axis=0) + truth.sum(), 1))
    return np.array(curves)


def _smooth(curves: np.ndarray) -> np.ndarray:
    """Each curve under a Gaussian; beyond its ends a curve goes on as it ended."""
    reach = 3 * BANDWIDTH
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / BANDWIDTH) ** 2)
    padded = np.pad(curves, ((0, 0), (reach, reach)), mode="edge")
    return np.array([np.convolve(curve, kernel / kernel.sum(), mode="valid") for curve in padded])
