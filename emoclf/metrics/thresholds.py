"""
Chooses each emotion's decision threshold on tweets held out of training.

The thresholds maximise the mean F1 of the emotions plus half the mean Jaccard index of the tweets. F1 alone is nearly
equal for many thresholds and favours predicting too many emotions; the Jaccard index considers each tweet as a whole
and decides between them.

The threshold with the highest F1 on a few hundred tweets depends on chance, most of all for a rare emotion. So F1 is
first smoothed over neighbouring thresholds, and emotions with few positives are shrunk towards the mean curve. The
Jaccard index uses all emotions of all tweets and needs no smoothing.
"""

import numpy as np

from emoclf.metrics.scores import jaccard_index

GRID = np.linspace(0.05, 0.95, 91)  # the candidate thresholds, in steps of 0.01
BANDWIDTH = 15  # hundredths: the standard deviation of the smoothing
PRIOR = 25.0  # the weight of the common curve, in positives
JACCARD = 0.5  # the weight of the Jaccard index, relative to the mean F1
ROUNDS = 10  # the largest number of passes over all emotions; three are usual


def fit(targets: np.ndarray, probabilities: np.ndarray, jaccard: float = JACCARD) -> np.ndarray:
    """Return a threshold per emotion, shape (n_labels,), each in [0.05, 0.95].

    Parameters
    ----------
    targets : shape (n, n_labels), 0 or 1
    probabilities : same shape; of tweets that the model did not train on
    jaccard : the weight of the Jaccard index, relative to the mean F1
    """
    if targets.shape != probabilities.shape:
        raise ValueError(f"targets have shape {targets.shape}, probabilities {probabilities.shape}")
    truth = targets > 0
    f1 = _smoothed_f1(truth, probabilities)
    chosen = f1.argmax(axis=1)
    if not truth.any():
        return np.asarray(GRID[chosen])
    found = probabilities >= GRID[chosen]
    for _ in range(ROUNDS):
        before = chosen.copy()
        for j, own in enumerate(probabilities.T):
            objective = f1[j] / len(f1) + jaccard * _jaccard_curve(truth, found, j, own)
            chosen[j] = objective.argmax()
            found[:, j] = own >= GRID[chosen[j]]
        if np.array_equal(before, chosen):
            break
    return np.asarray(GRID[chosen])


def f1_curves(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return F1 of each emotion at each threshold of `GRID`, shape (n_labels, n_thresholds).

    >>> curve = f1_curves(np.array([[1], [0], [1]]), np.array([[0.9], [0.5], [0.3]]))[0]
    >>> [round(float(curve[i]), 2) for i in (15, 35, 65)]  # thresholds 0.2, 0.4 and 0.7
    [0.8, 0.5, 0.67]
    """
    curves = []
    for truth, found in zip(targets.T > 0, probabilities.T, strict=True):
        predicted = found[:, None] >= GRID
        hits = predicted[truth].sum(axis=0)
        curves.append(2 * hits / np.maximum(predicted.sum(axis=0) + truth.sum(), 1))
    return np.array(curves)


def _smoothed_f1(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return smoothed and shrunk F1 curves; with the maximum at 0.5 if there is no positive at all."""
    positives = truth.sum(axis=0)
    curves = _smooth(f1_curves(truth, probabilities))
    common = curves[positives > 0].mean(axis=0) if positives.any() else np.exp(-((GRID - 0.5) ** 2))
    return np.asarray((positives[:, None] * curves + PRIOR * common) / (positives[:, None] + PRIOR))


def _jaccard_curve(truth: np.ndarray, found: np.ndarray, j: int, own: np.ndarray) -> np.ndarray:
    """Return the mean Jaccard index at each threshold of emotion j with the others fixed, shape (n_thresholds,).

    `truth` and `found` are boolean of shape (n, n_labels); `own` are the emotion's probabilities (n,).
    """
    others = np.arange(truth.shape[1]) != j
    both = (truth & found)[:, others].sum(axis=1)
    either = (truth | found)[:, others].sum(axis=1)
    without_emotion = jaccard_index(both, either + truth[:, j])  # if the emotion is not predicted
    with_emotion = jaccard_index(both + truth[:, j], either + 1)
    gains = np.bincount(
        np.searchsorted(GRID, own, side="right"), with_emotion - without_emotion, minlength=len(GRID) + 1
    )
    return np.asarray((without_emotion.sum() + gains[::-1].cumsum()[::-1][1:]) / len(truth))


def _smooth(curves: np.ndarray) -> np.ndarray:
    """Smooth each curve with a Gaussian; its end values are extended."""
    reach = 3 * BANDWIDTH
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / BANDWIDTH) ** 2)
    padded = np.pad(curves, ((0, 0), (reach, reach)), mode="edge")
    return np.array([np.convolve(curve, kernel / kernel.sum(), mode="valid") for curve in padded])
