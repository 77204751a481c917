"""
Calibration: turns raw probabilities, of an LLM or of BERT, into ones that mean what they say, per emotion.

A chat model says yes far too often, and to some emotions more than to others.
Two numbers per emotion mend that (Platt scaling on the log-odds), a third says
from which probability on the emotion is suggested. An LLM answers each question
on its own; what it says of the other emotions tells as much again (a yes to
anger speaks for disgust), so its answers are weighed together, by a logistic
regression per emotion (matrix scaling: Guo et al. 2017).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from emoclf.labels import EMOTIONS

_EDGE = 1e-6  # raw probabilities are kept this far from 0 and 1
_PRIOR_SLOPE = 1.0  # per standard deviation of the log-odds: what two normal classes with an AUROC of 0.76 have
_RIDGE = 4.0  # the prior slope's standard deviation is one half
_RIDGE_OF_OTHERS = 5.0  # what is said of another emotion counts for nothing until the tweets say otherwise
_TRUSTED_POSITIVES = 50.0  # positives at which the threshold found counts as much as the one expected


Row = tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """A linear map of the log-odds and a threshold, per emotion, in `EMOTIONS` order."""

    weights: tuple[Row, ...]  # 11 rows: how much each emotion's log-odds count for this one
    intercept: Row
    threshold: Row  # on calibrated probabilities

    def __post_init__(self) -> None:
        counts = {len(self.weights), len(self.intercept), len(self.threshold), *map(len, self.weights)}
        if counts != {len(EMOTIONS)}:
            raise ValueError(f"weights, intercept, threshold have {counts} values, expected {len(EMOTIONS)} each")

    @classmethod
    def each_alone(
        cls, slope: Sequence[float], intercept: Sequence[float], threshold: Sequence[float]
    ) -> "Calibration":
        """A calibration where an emotion listens to nothing but itself; 11 values each."""
        return cls(_rows(np.diag(slope)), tuple(intercept), tuple(threshold))

    @classmethod
    def identity(cls) -> "Calibration":
        """Probabilities as they came and thresholds of 0.5, where there is nothing to fit on."""
        n = len(EMOTIONS)
        return cls.each_alone((1.0,) * n, (0.0,) * n, (0.5,) * n)

    @property
    def slope(self) -> Row:
        """How much each emotion's own log-odds count for it."""
        return tuple(row[j] for j, row in enumerate(self.weights))

    def apply(self, raw: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, shape (n, 11) or (11,), of raw ones of the same shape."""
        return sigmoid(log_odds(raw) @ np.array(self.weights).T + self.intercept)

    def labels(self, calibrated: np.ndarray) -> np.ndarray:
        """0/1 array (int8) of the same shape: calibrated probabilities at or over the threshold."""
        return (calibrated >= np.array(self.threshold)).astype(np.int8)

    def to_json(self) -> dict[str, Any]:
        """A dictionary that `json.dumps` takes and `from_json` reads back."""
        return {name: list(values) for name, values in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Calibration":
        """The calibration that `to_json` wrote, in this version or in one that knew slopes alone."""
        if "weights" not in data:
            return cls.each_alone(data["slope"], data["intercept"], data["threshold"])
        return cls(_rows(np.array(data["weights"])), tuple(data["intercept"]), tuple(data["threshold"]))


def _rows(matrix: np.ndarray) -> tuple[Row, ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)


def fit(raw: np.ndarray, originals: np.ndarray) -> Calibration:
    """Fit each emotion on its own: log-odds against the original labels of training tweets. Order is never changed.

    Parameters
    ----------
    raw : probabilities as the engine gave them, shape (n, 11); never of dev or test tweets
    originals : 0/1 labels of the same tweets, shape (n, 11)

    Returns
    -------
    Calibration : the identity where n is 0. An emotion without a single positive (or negative) gets
        the smoothed base rate and next to no slope: it is finite, and it suggests nothing.

    Raises
    ------
    ValueError : if the shapes differ or are not (n, 11)
    """
    return _fit(raw, originals, np.inf)


def fit_together(raw: np.ndarray, originals: np.ndarray) -> Calibration:
    """As `fit`, yet each emotion also listens to what was said of the ten others."""
    return _fit(raw, originals, _RIDGE_OF_OTHERS)


def cross_fitted(
    raw: np.ndarray,
    originals: np.ndarray,
    fold_of: np.ndarray,
    fitting: Callable[[np.ndarray, np.ndarray], Calibration] = fit,
) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities and labels, both (n, 11), each by a calibration fitted on the other folds alone.

    So what is measured on them is what calibration does to tweets it has not seen.

    Parameters
    ----------
    fold_of : the fold of each tweet, shape (n,); twins are in one
    fitting : `fit` or `fit_together`
    """
    probabilities, labels = np.zeros(raw.shape), np.zeros(raw.shape, dtype=np.int8)
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        fitted = fitting(raw[~held_out], originals[~held_out])
        probabilities[held_out] = fitted.apply(raw[held_out])
        labels[held_out] = fitted.labels(probabilities[held_out])
    return probabilities, labels


def _fit(raw: np.ndarray, originals: np.ndarray, ridge_of_others: float) -> Calibration:
    if raw.shape != originals.shape or raw.ndim != 2 or raw.shape[1] != len(EMOTIONS):
        raise ValueError(f"shapes {raw.shape} and {originals.shape}, expected (n, {len(EMOTIONS)}) twice")
    if len(raw) == 0:
        return Calibration.identity()
    odds = log_odds(raw)
    fitted = [_platt(odds, originals[:, j].astype(float), j, ridge_of_others) for j in range(len(EMOTIONS))]
    weights, intercept = np.array([row[0] for row in fitted]), np.array([row[1] for row in fitted])
    calibrated = sigmoid(odds @ weights.T + intercept)
    threshold = [_threshold(calibrated[:, j], originals[:, j].astype(float)) for j in range(len(EMOTIONS))]
    return Calibration(_rows(weights), tuple(intercept.tolist()), tuple(threshold))


def _platt(odds: np.ndarray, labels: np.ndarray, own: int, ridge_of_others: float) -> tuple[np.ndarray, float]:
    """Platt (1999) with his smoothed targets, and a ridge that pulls its own weight to `_PRIOR_SLOPE`, others to 0.

    The intercept is free, so the mean calibrated probability is the (smoothed) base rate.

    Parameters
    ----------
    odds : shape (n, 11)
    labels : of one emotion, shape (n,)
    own : its column of `odds`
    ridge_of_others : infinite where the other columns play no part

    Returns
    -------
    Weights of shape (11,), and the intercept.
    """
    targets = platt_targets(labels)
    centre, spread = odds.mean(axis=0), np.maximum(odds.std(axis=0), 1.0)  # a narrower one says too little to stretch
    z, prior, ridge = (odds - centre) / spread, np.zeros(odds.shape[1]), np.full(odds.shape[1], ridge_of_others)
    prior[own], ridge[own] = _PRIOR_SLOPE, _RIDGE
    heard = np.isfinite(ridge)
    weights = np.zeros(odds.shape[1])
    weights[heard], intercept = ridge_logistic(z[:, heard], targets, prior[heard], ridge[heard])
    if weights[own] < 0:  # the model has it backwards on these tweets: do without
        heard[own], weights[own] = False, 0.0
        weights[heard], intercept = ridge_logistic(z[:, heard], targets, prior[heard], ridge[heard])
    weights /= spread
    return weights, float(intercept - weights @ centre)


def ridge_logistic(
    z: np.ndarray, targets: np.ndarray, prior: np.ndarray, ridge: np.ndarray
) -> tuple[np.ndarray, float]:
    """Weights and intercept of z (n, k) by Newton's method; each step is halved until the loss falls."""
    design, prior, ridge = np.column_stack([z, np.ones(len(z))]), np.append(prior, 0.0), np.append(ridge, 0.0)

    def loss(point: np.ndarray) -> float:
        logit = design @ point
        misfit = np.logaddexp(0, logit) - targets * logit
        return float(misfit.sum() + ridge @ (point - prior) ** 2 / 2)

    point = np.append(prior[:-1], log_odds(targets.mean()).item())
    for _ in range(100):
        p = sigmoid(design @ point)
        gradient = design.T @ (p - targets) + ridge * (point - prior)
        curvature = (design.T * (p * (1 - p))) @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        while loss(point - step) > loss(point) and np.abs(step).max() > 1e-12:
            step /= 2
        point = point - step
        if np.abs(step).max() < 1e-10:
            break
    return point[:-1], float(point[-1])


def _threshold(calibrated: np.ndarray, labels: np.ndarray) -> float:
    """The threshold with the best F1 on these labels, pulled to the one the probabilities themselves expect to be best.

    A best threshold found on few positives is mostly luck; the expected one
    (Lipton et al. 2014) needs no labels, so it carries the weight until there are many.
    """
    positives = float(labels.sum())
    if positives == 0:
        return 0.5
    weight = positives / (positives + _TRUSTED_POSITIVES)
    return weight * _best_cut(calibrated, labels) + (1 - weight) * _best_cut(calibrated, calibrated)


def _best_cut(probabilities: np.ndarray, gains: np.ndarray) -> float:
    """The cut that maximises F1 when saying yes to tweet i earns `gains[i]` true positives (in expectation)."""
    order = np.argsort(-probabilities, kind="stable")
    said, ranked = np.arange(1, len(order) + 1), probabilities[order]
    f1 = 2 * np.cumsum(gains[order]) / (said + gains.sum())
    f1[:-1][ranked[:-1] == ranked[1:]] = -1  # tweets with the same probability cannot be told apart
    best = int(np.argmax(f1))
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] / 2
    return float((ranked[best] + below) / 2)


def log_odds(probabilities: np.ndarray, edge: float = _EDGE) -> np.ndarray:
    """The logarithm of p / (1 - p), float64 in the same shape; probabilities are kept `edge` away from 0 and 1."""
    inside = np.clip(np.asarray(probabilities, dtype=np.float64), edge, 1 - edge)
    odds: np.ndarray = np.log(inside / (1 - inside))
    return odds


def sigmoid(odds: np.ndarray) -> np.ndarray:
    """The probabilities of these log-odds, in the same shape.

    >>> sigmoid(log_odds(np.array([0.2, 0.9]))).round(6).tolist()
    [0.2, 0.9]
    """
    probabilities: np.ndarray = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    return probabilities


def platt_targets(labels: np.ndarray) -> np.ndarray:
    """What 0 and 1 become as targets of a regression (Platt 1999), shape (n,), so that no weight runs off to infinity.

    >>> platt_targets(np.array([1, 1, 0])).round(3).tolist()
    [0.75, 0.75, 0.333]
    """
    positives = labels.sum()
    targets: np.ndarray = np.where(labels > 0, (positives + 1) / (positives + 2), 1 / (len(labels) - positives + 2))
    return targets
