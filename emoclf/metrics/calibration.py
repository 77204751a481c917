"""
Calibrates the raw probabilities of a language model or of BERT, per emotion, and sets the suggestion threshold.

A chat model says yes far too often, and to some emotions more than to others. Platt scaling on the log-odds (two
numbers per emotion) corrects this; a third number is the threshold from which the emotion is suggested. A language
model answers each question separately, but its answers about other emotions are informative too (a yes to anger is
evidence for disgust), so a logistic regression per emotion combines them (matrix scaling: Guo et al. 2017).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.metrics.blas_threads import one_blas_thread

_EDGE = 1e-6  # raw probabilities are clipped to this distance from 0 and 1
_PRIOR_SLOPE = 1.0  # per standard deviation of the log-odds: that of two normal classes with an AUROC of 0.76
_RIDGE = 4.0  # the prior slope's standard deviation is one half
_RIDGE_OF_OTHERS = 5.0  # the weight of another emotion is 0 until the data shows otherwise
_TRUSTED_POSITIVES = 50.0  # positives at which the fitted threshold counts as much as the expected one


Row = tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """A linear map of the log-odds and a threshold, per emotion, in `EMOTIONS` order."""

    weights: tuple[Row, ...]  # 11 rows: the weight of each emotion's log-odds for this one
    intercept: Row
    threshold: Row  # on calibrated probabilities

    def __post_init__(self) -> None:
        counts = {len(self.weights), len(self.intercept), len(self.threshold), *map(len, self.weights)}
        if counts != {len(EMOTIONS)}:
            raise ValueError(f"weights, intercept, threshold have {counts} values, expected {len(EMOTIONS)} each")

    @classmethod
    def independent(
        cls, slope: Sequence[float], intercept: Sequence[float], threshold: Sequence[float]
    ) -> "Calibration":
        """Return a calibration in which each emotion depends only on itself; 11 values each."""
        return cls(_rows(np.diag(slope)), tuple(intercept), tuple(threshold))

    @classmethod
    def identity(cls) -> "Calibration":
        """Return a calibration that changes nothing, with thresholds of 0.5, if there is no data to fit on."""
        n = len(EMOTIONS)
        return cls.independent((1.0,) * n, (0.0,) * n, (0.5,) * n)

    @property
    def slope(self) -> Row:
        """The weight of each emotion's own log-odds."""
        return tuple(row[j] for j, row in enumerate(self.weights))

    def apply(self, raw: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities, shape (n, 11) or (11,), for raw ones of the same shape."""
        return sigmoid(log_odds(raw) @ np.array(self.weights).T + self.intercept)

    def labels(self, calibrated: np.ndarray) -> np.ndarray:
        """Return a 0/1 array (int8) of the same shape: 1 where a calibrated probability reaches the threshold."""
        return (calibrated >= np.array(self.threshold)).astype(np.int8)

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`; `from_json` reads it."""
        return {name: list(values) for name, values in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that `to_json` wrote, in this version or in one that had slopes only."""
        if "weights" not in data:
            return cls.independent(data["slope"], data["intercept"], data["threshold"])
        return cls(_rows(np.array(data["weights"])), tuple(data["intercept"]), tuple(data["threshold"]))


def _rows(matrix: np.ndarray) -> tuple[Row, ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)


@one_blas_thread
def fit(raw: np.ndarray, originals: np.ndarray) -> Calibration:
    """Fit each emotion separately: log-odds against the original labels of training tweets. The order never changes.

    Parameters
    ----------
    raw : probabilities from the engine, shape (n, 11); never of dev or test tweets
    originals : 0/1 labels of the same tweets, shape (n, 11)

    Returns
    -------
    Calibration : the identity if n is 0. An emotion without any positive (or negative) gets the smoothed base rate and
        a slope near 0: it is finite and suggests nothing.

    Raises
    ------
    ValueError : if the shapes differ or are not (n, 11)
    """
    return _fit(raw, originals, np.inf)


@one_blas_thread
def fit_jointly(raw: np.ndarray, originals: np.ndarray) -> Calibration:
    """Fit like `fit`, but with the log-odds of the ten other emotions as features too."""
    return _fit(raw, originals, _RIDGE_OF_OTHERS)


def cross_fitted(
    raw: np.ndarray,
    originals: np.ndarray,
    fold_of: np.ndarray,
    fitting: Callable[[np.ndarray, np.ndarray], Calibration] = fit,
) -> tuple[np.ndarray, np.ndarray]:
    """Return cross-fitted probabilities and labels, both (n, 11): each fold is calibrated on the other folds only.

    Metrics on them therefore show the effect of calibration on unseen tweets.

    Parameters
    ----------
    fold_of : the fold of each tweet, shape (n,); twins share a fold
    fitting : `fit` or `fit_jointly`
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
        raise ValueError(f"shapes {raw.shape} and {originals.shape}, expected (n, {len(EMOTIONS)}) for both")
    if len(raw) == 0:
        return Calibration.identity()
    odds = log_odds(raw)
    fitted = [_platt(odds, originals[:, j].astype(float), j, ridge_of_others) for j in range(len(EMOTIONS))]
    weights, intercept = np.array([row[0] for row in fitted]), np.array([row[1] for row in fitted])
    calibrated = sigmoid(odds @ weights.T + intercept)
    threshold = [_threshold(calibrated[:, j], originals[:, j].astype(float)) for j in range(len(EMOTIONS))]
    return Calibration(_rows(weights), tuple(intercept.tolist()), tuple(threshold))


def _platt(odds: np.ndarray, labels: np.ndarray, own: int, ridge_of_others: float) -> tuple[np.ndarray, float]:
    """Platt scaling (1999) with his smoothed targets, and a ridge that pulls the own weight to `_PRIOR_SLOPE`, others
    to 0.

    The intercept is free, so the mean calibrated probability is the (smoothed) base rate.

    Parameters
    ----------
    odds : shape (n, 11)
    labels : of one emotion, shape (n,)
    own : its column of `odds`
    ridge_of_others : infinite to ignore the other columns

    Returns
    -------
    Weights of shape (11,), and the intercept.
    """
    targets = platt_targets(labels)
    centre, spread = odds.mean(axis=0), np.maximum(odds.std(axis=0), 1.0)  # too narrow a spread is not stretched
    z, prior, ridge = (odds - centre) / spread, np.zeros(odds.shape[1]), np.full(odds.shape[1], ridge_of_others)
    prior[own], ridge[own] = _PRIOR_SLOPE, _RIDGE
    used = np.isfinite(ridge)
    weights = np.zeros(odds.shape[1])
    weights[used], intercept = ridge_logistic(z[:, used], targets, prior[used], ridge[used])
    if weights[own] < 0:  # reversed on these tweets: ignore the model
        used[own], weights[own] = False, 0.0
        weights[used], intercept = ridge_logistic(z[:, used], targets, prior[used], ridge[used])
    weights /= spread
    return weights, float(intercept - weights @ centre)


def ridge_logistic(
    z: np.ndarray, targets: np.ndarray, prior: np.ndarray, ridge: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return weights and intercept of z (n, k) by Newton's method; each step is halved until the loss falls."""
    design, prior, ridge = np.column_stack([z, np.ones(len(z))]), np.append(prior, 0.0), np.append(ridge, 0.0)

    def loss(point: np.ndarray) -> float:
        logit = design @ point
        cross_entropy = np.logaddexp(0, logit) - targets * logit
        return float(cross_entropy.sum() + ridge @ (point - prior) ** 2 / 2)

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
    """Return the threshold with the best F1 on these labels, shrunk towards the one that the probabilities predict as
    best.

    A best threshold found on few positives is mostly chance. The predicted one (Lipton et al. 2014) needs no labels, so
    it dominates until there are many.
    """
    positives = float(labels.sum())
    if positives == 0:
        return 0.5
    weight = positives / (positives + _TRUSTED_POSITIVES)
    return weight * _best_threshold(calibrated, labels) + (1 - weight) * _best_threshold(calibrated, calibrated)


def _best_threshold(probabilities: np.ndarray, gains: np.ndarray) -> float:
    """Return the threshold that maximises F1 if predicting tweet i earns `gains[i]` expected true positives."""
    order = np.argsort(-probabilities, kind="stable")
    n_predicted, ranked = np.arange(1, len(order) + 1), probabilities[order]
    f1 = 2 * np.cumsum(gains[order]) / (n_predicted + gains.sum())
    f1[:-1][ranked[:-1] == ranked[1:]] = -1  # tweets with equal probabilities fall on the same side
    best = int(np.argmax(f1))
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] / 2
    return float((ranked[best] + below) / 2)


def log_odds(probabilities: np.ndarray, edge: float = _EDGE) -> np.ndarray:
    """Return log(p / (1 - p)), float64 of the same shape; probabilities are clipped to `edge` from 0 and 1."""
    inside = np.clip(np.asarray(probabilities, dtype=np.float64), edge, 1 - edge)
    odds: np.ndarray = np.log(inside / (1 - inside))
    return odds


def sigmoid(odds: np.ndarray) -> np.ndarray:
    """Return the probabilities of these log-odds, in the same shape.

    >>> sigmoid(log_odds(np.array([0.2, 0.9]))).round(6).tolist()
    [0.2, 0.9]
    """
    probabilities: np.ndarray = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    return probabilities


def platt_targets(labels: np.ndarray) -> np.ndarray:
    """Return the smoothed regression targets of 0 and 1 (Platt 1999), shape (n,), which keep weights finite.

    >>> platt_targets(np.array([1, 1, 0])).round(3).tolist()
    [0.75, 0.75, 0.333]
    """
    positives = labels.sum()
    targets: np.ndarray = np.where(labels > 0, (positives + 1) / (positives + 2), 1 / (len(labels) - positives + 2))
    return targets
