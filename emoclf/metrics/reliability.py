"""
Reliability diagrams and calibration errors: of the tweets given 0.7, seven in ten should have the emotion.

Bins have equal width, as in Guo et al. (2017), "On Calibration of Modern Neural Networks". Each bin has its count,
because a bin of few tweets is uncertain.

The expected calibration error is never 0 on real tweets: the observed shares come from few tweets per bin, so even a
perfectly calibrated model has an error. It is therefore shown with this floor, and with the Brier score, which rewards
separating the tweets as well as calibrated probabilities.
"""

from dataclasses import dataclass

import numpy as np

BINS = 15  # as in Guo et al. (2017)
SIMULATIONS = 100  # sets of labels that a floor averages over


@dataclass(frozen=True)
class Bin:
    """The cells whose probability is in [low, high), or in [low, high] for the last bin."""

    low: float
    high: float
    n: int
    predicted: float  # mean probability; the middle of an empty bin
    observed: float  # share of positives; 0 in an empty bin


def reliability(targets: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> list[Bin]:
    """Return predicted and observed frequencies per bin, over all cells of two arrays of one shape: one emotion's, or
    all.

    >>> lower, upper = reliability(np.array([0, 1, 1]), np.array([0.2, 0.4, 1.0]), bins=2)
    >>> (lower.n, round(lower.predicted, 2), lower.observed), (upper.n, upper.observed)
    ((2, 0.3, 0.5), (1, 1.0))
    """
    n, predicted, observed = _sums(targets, probabilities, bins)
    edges, at_least_one = np.linspace(0, 1, bins + 1), np.maximum(n, 1)
    middle = (edges[:-1] + edges[1:]) / 2
    means = np.where(n > 0, predicted / at_least_one, middle)
    return [
        Bin(float(edges[i]), float(edges[i + 1]), int(n[i]), float(means[i]), float(observed[i] / at_least_one[i]))
        for i in range(bins)
    ]


def expected_calibration_error(targets: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> float:
    """Return the mean distance of predicted and observed frequencies, weighted by bin size; in [0, 1], 0 is best.

    For several emotions it is the mean of each one's error: over all cells together, overconfident and underconfident
    emotions would cancel out.

    Parameters
    ----------
    targets, probabilities : shape (n,) or (n, n_labels); the result is 0 if n is 0

    >>> targets, probabilities = np.array([[1, 1], [0, 1]]), np.array([[0.5, 0.75], [0.5, 0.75]])
    >>> expected_calibration_error(targets, probabilities)  # 0 of the first emotion, 0.25 of the second
    0.125
    """
    columns = [targets] if targets.ndim == 1 else list(targets.T)
    by_label = [probabilities] if targets.ndim == 1 else list(probabilities.T)
    errors = []
    for column, p in zip(columns, by_label, strict=True):
        _, predicted, observed = _sums(column, p, bins)
        errors.append(np.abs(predicted - observed).sum() / max(len(column), 1))
    return float(np.mean(errors))


def calibration_floor(probabilities: np.ndarray, bins: int = BINS, seed: int = 0) -> float:
    """Return the expected calibration error of a perfectly calibrated model with these probabilities.

    It is the mean over `SIMULATIONS` sets of labels drawn from the probabilities (consistency resampling, Broecker and
    Smith, 2007).

    Parameters
    ----------
    probabilities : shape (n,) or (n, n_labels), the mean over emotions of the latter; the result is 0 if n is 0

    >>> calibration_floor(np.array([0.0, 1.0])), calibration_floor(np.full(8, 0.5)) > 0.1
    (0.0, True)
    """
    random, floors = np.random.default_rng(seed), []
    columns = [probabilities] if probabilities.ndim == 1 else list(probabilities.T)
    for p in (column.astype(float) for column in columns):
        in_bin = np.eye(bins)[np.clip((p * bins).astype(int), 0, bins - 1)]
        drawn = (random.random((SIMULATIONS, len(p))) < p).astype(float) - p
        floors.append(np.abs(drawn @ in_bin).sum(axis=1).mean() / max(len(p), 1))
    return float(np.mean(floors))


def brier_score(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean squared distance of probabilities from the outcomes (Brier, 1950); in [0, 1], 0 is best.

    >>> brier_score(np.array([1, 0]), np.array([0.5, 0.5]))
    0.25
    """
    return float(((probabilities.astype(float) - targets) ** 2).mean()) if targets.size else 0.0


def _sums(targets: np.ndarray, probabilities: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the number of cells, the sum of probabilities and the number of positives per bin, shape (bins,) each."""
    if targets.shape != probabilities.shape:
        raise ValueError(f"targets have shape {targets.shape}, probabilities {probabilities.shape}")
    p, truth = probabilities.ravel().astype(float), targets.ravel().astype(float)
    bin_of = np.clip((p * bins).astype(int), 0, bins - 1)
    n, predicted, observed = (np.bincount(bin_of, weights, bins) for weights in (np.ones_like(p), p, truth))
    return n, predicted, observed
