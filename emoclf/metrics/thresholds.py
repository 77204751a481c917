"""
Thresholds: from which probability an emotion counts as present, chosen on tweets held out of training.

They are to give the highest mean F1 of the emotions and, at half its weight, the
highest Jaccard index of the tweets. F1 alone says the same of many thresholds,
and takes too many emotions for present: near its best it hardly minds a wrong
one more. The index sees each tweet whole, and settles what F1 leaves open.

The threshold with the highest F1 on a few hundred tweets owes much to chance,
most of all for a rare emotion. So F1 is first smoothed over neighbouring
thresholds, and an emotion with few positives leans on the curve of all emotions.
The index rests on all emotions of all tweets, and is taken as it is.
"""

import numpy as np

from emoclf.metrics.scores import jaccard_index

GRID = np.linspace(0.05, 0.95, 91)  # the thresholds that are tried, a hundredth apart
BANDWIDTH = 15  # hundredths: the standard deviation of the smoothing
PRIOR = 25.0  # positives that the common curve counts for
JACCARD = 0.5  # what the Jaccard index counts, where the mean F1 counts 1
ROUNDS = 10  # at most, in which each emotion's threshold is chosen anew; three are usual


def fit(targets: np.ndarray, probabilities: np.ndarray, jaccard: float = JACCARD) -> np.ndarray:
    """A threshold per emotion, shape (n_labels,), each in [0.05, 0.95].

    Parameters
    ----------
    targets : shape (n, n_labels), 0 or 1
    probabilities : same shape; of tweets that the model did not train on
    jaccard : what the Jaccard index counts, where the mean F1 counts 1
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
            worth = f1[j] / len(f1) + jaccard * _jaccard_curve(truth, found, j, own)
            chosen[j] = worth.argmax()
            found[:, j] = own >= GRID[chosen[j]]
        if np.array_equal(before, chosen):
            break
    return np.asarray(GRID[chosen])


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


def _smoothed_f1(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The curves of F1 with less of what they owe to chance; around 0.5 where there is no positive at all."""
    positives = truth.sum(axis=0)
    curves = _smooth(f1_curves(truth, probabilities))
    common = curves[positives > 0].mean(axis=0) if positives.any() else np.exp(-((GRID - 0.5) ** 2))
    return np.asarray((positives[:, None] * curves + PRIOR * common) / (positives[:, None] + PRIOR))


def _jaccard_curve(truth: np.ndarray, found: np.ndarray, j: int, own: np.ndarray) -> np.ndarray:
    """The mean Jaccard index of the tweets at each threshold of emotion j, the others as found, shape (n_thresholds,).

    `truth` and `found` are boolean of shape (n, n_labels), `own` the probabilities (n,) of the emotion.
    """
    others = np.arange(truth.shape[1]) != j
    both = (truth & found)[:, others].sum(axis=1)
    either = (truth | found)[:, others].sum(axis=1)
    without = jaccard_index(both, either + truth[:, j])  # where the emotion is not found
    with_it = jaccard_index(both + truth[:, j], either + 1)
    gained = np.bincount(np.searchsorted(GRID, own, side="right"), with_it - without, minlength=len(GRID) + 1)
    return np.asarray((without.sum() + gained[::-1].cumsum()[::-1][1:]) / len(truth))


def _smooth(curves: np.ndarray) -> np.ndarray:
    """Each curve under a Gaussian; beyond its ends a curve goes on as it ended."""
    reach = 3 * BANDWIDTH
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / BANDWIDTH) ** 2)
    padded = np.pad(curves, ((0, 0), (reach, reach)), mode="edge")
    return np.array([np.convolve(curve, kernel / kernel.sum(), mode="valid") for curve in padded])
