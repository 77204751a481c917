"""
Estimates the share of wrong labels from the labels themselves, without any decision.

A share `misplaced` of the tweets has the labels of another tweet; in the other tweets, a share `alone` of the labels is
flipped independently. Correct labels follow a logistic model of the scores of `emoclf.review.label_noise`. Its slopes
are estimated together with both shares, because the scores come from noisy labels and look less certain than they are.
Errors show as labels that contradict even the most certain scores (Northcutt et al. 2021 estimate noise in the same
way; the flipped logistic regression is that of Copas 1988). All parameters are estimated by maximum likelihood, and the
limits of both shares by profile likelihood.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from emoclf.metrics.calibration import sigmoid
from emoclf.review.label_noise import EDGE, LabelScores

PRIOR, WEIGHT = 0.02, 5.0  # the prior mean of both shares, with the weight of this many labels or tweets
SLOPE_RIDGE = 1.0  # on the slope minus one
MIN_SHARE, MAX_SHARE = 1e-5, 0.4  # the limits of a share
CHI2_DROP = 1.92  # drop of the log-likelihood at 95 % limits: half the 0.95 quantile of chi-square, 1 df
EXTRA_ERROR = 0.25  # additional standard error of the log of a share, determined by simulation


@dataclass(frozen=True)
class Rates:
    """How common both kinds of errors are, and the links: what recalibrates the scores to the correct labels."""

    alone: float  # share of labels that are flipped independently
    misplaced: float  # share of tweets whose labels belong to another tweet
    links: Mapping[str, np.ndarray]  # by field of `LabelScores`: slope and intercept per label, shape (2, n_labels)

    def wrong(self, scores: LabelScores, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probability that each label is wrong, shape (n, n_labels), and that any of a tweet is, shape (n,).

        Parameters
        ----------
        labels : 0 or 1, shape (n, n_labels)
        """
        right = {name: _right(getattr(scores, name), labels, link) for name, link in self.links.items()}
        p_misplaced = _misplaced(scores.base_log_likelihood, right["chain"], self.alone, self.misplaced)
        flipped = self.alone * (1 - right["together"])
        flipped /= flipped + (1 - self.alone) * right["together"]
        cells = p_misplaced[:, None] * (1 - right["alone"]) + (1 - p_misplaced[:, None]) * flipped
        tweets = p_misplaced * (1 - right["chain"].prod(axis=1)) + (1 - p_misplaced) * (1 - (1 - flipped).prod(axis=1))
        return cells, tweets


@dataclass(frozen=True)
class NoiseEstimate:
    """The most likely rates, and the rates at the lower and upper ends of both 95 % intervals."""

    rates: Rates
    low: Rates
    high: Rates


def estimate(scores: LabelScores, labels: np.ndarray) -> NoiseEstimate:
    """Estimate both shares and the links of the scores.

    Parameters
    ----------
    scores : of tweets that the models did not learn from, shape (n, n_labels)
    labels : 0 or 1, of the same tweets
    """
    problem = _Problem(scores.chain, scores.base_log_likelihood, labels)
    best = problem.fit()
    ends = [problem.limits(best, i) for i in (0, 1)]
    found = [_rates(problem, best, scores)]
    for side in (0, 1):
        fixed = np.array([ends[0][side], ends[1][side]])
        found.append(_rates(problem, problem.fit(best, dict(enumerate(fixed))), scores))
    return NoiseEstimate(*found)


class _Problem:
    """The likelihood of the labels; a point is the log-odds of both shares, then a slope and an intercept per label."""

    def __init__(self, chain: np.ndarray, base_log_likelihood: np.ndarray, labels: np.ndarray) -> None:
        self.chain, self.base_log_likelihood, self.labels = chain, base_log_likelihood, labels
        self.sign, self.n = np.where(labels == 1, 1.0, -1.0), labels.shape[1]

    def fit(self, start: np.ndarray | None = None, fixed: Mapping[int, float] | None = None) -> np.ndarray:
        """Return the most likely point; `fixed` are the values of some of its numbers, by position."""
        from scipy.optimize import minimize

        low, high = _odds(MIN_SHARE), _odds(MAX_SHARE)
        point = np.r_[[_odds(PRIOR)] * 2, np.ones(self.n), np.zeros(self.n)] if start is None else start.copy()
        bounds = [(low, high)] * 2 + [(0.2, 8.0)] * self.n + [(None, None)] * self.n
        for i, value in (fixed or {}).items():
            point[i], bounds[i] = value, (value, value)
        found = minimize(self.loss, point, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
        return np.asarray(found.x)

    def loss(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Return minus the log-likelihood with its priors, and the gradient."""
        alone, misplaced = sigmoid(point[:2])
        slope, intercept = point[2 : 2 + self.n], point[2 + self.n :]
        right = np.clip(sigmoid(self.sign * (self.chain * slope + intercept)), EDGE, 1 - EDGE)
        p_label = alone + (1 - 2 * alone) * right
        log_own = np.log1p(-misplaced) + np.log(p_label).sum(axis=1)
        log_other = np.log(misplaced) + self.base_log_likelihood
        log_either = np.logaddexp(log_own, log_other)
        p_own = np.exp(log_own - log_either)
        slope_gradient = p_own[:, None] * (1 - 2 * alone) * right * (1 - right) * self.sign / p_label
        shares = point[:2]
        prior = WEIGHT * (np.logaddexp(0, shares) - PRIOR * shares)
        gradient = np.r_[
            -(p_own[:, None] * (1 - 2 * right) / p_label).sum() * alone * (1 - alone),
            len(p_own) * misplaced - (1 - p_own).sum(),
            SLOPE_RIDGE * (slope - 1) - (slope_gradient * self.chain).sum(axis=0),
            -slope_gradient.sum(axis=0),
        ]
        gradient[:2] += WEIGHT * (sigmoid(shares) - PRIOR)
        return float(prior.sum() + SLOPE_RIDGE * ((slope - 1) ** 2).sum() / 2 - log_either.sum()), gradient

    def limits(self, best: np.ndarray, share: int) -> tuple[float, float]:
        """Return the 95 % interval of one share by profile likelihood, widened by `EXTRA_ERROR`, as log-odds."""
        from scipy.optimize import brentq

        best_loss = self.loss(best)[0]

        def excess(value: float) -> float:
            return self.loss(self.fit(best, {share: value}))[0] - best_loss - CHI2_DROP

        ends = []
        for limit in (_odds(MIN_SHARE), _odds(MAX_SHARE)):
            is_within = excess(limit) <= 0
            ends.append(limit if is_within else float(brentq(excess, *sorted((best[share], limit)), xtol=0.1)))
        low, high = best[share] - ends[0], ends[1] - best[share]
        wider = [float(np.hypot(side, 1.96 * EXTRA_ERROR)) for side in (low, high)]
        return max(best[share] - wider[0], _odds(MIN_SHARE)), min(best[share] + wider[1], _odds(MAX_SHARE))


def _rates(problem: _Problem, point: np.ndarray, scores: LabelScores) -> Rates:
    """Return the rates at a point, with the links of the scores `alone` and `together` fitted at these rates."""
    alone, misplaced = (float(share) for share in sigmoid(point[:2]))
    links = {"chain": point[2:].reshape(2, -1)}
    right = _right(problem.chain, problem.labels, links["chain"])
    weights = 1 - _misplaced(problem.base_log_likelihood, right, alone, misplaced)
    for name in ("alone", "together"):
        links[name] = _link(getattr(scores, name), problem.labels, weights, alone)
    return Rates(alone, misplaced, links)


def _link(odds: np.ndarray, labels: np.ndarray, weights: np.ndarray, alone: float) -> np.ndarray:
    """Return the slopes and intercepts, shape (2, n_labels), if a share `alone` of the labels is flipped."""
    from scipy.optimize import minimize

    n, sign = labels.shape[1], np.where(labels == 1, 1.0, -1.0)

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        slope, intercept = point.reshape(2, n)
        right = np.clip(sigmoid(sign * (odds * slope + intercept)), EDGE, 1 - EDGE)
        p_label = alone + (1 - 2 * alone) * right
        slope_gradient = weights[:, None] * (1 - 2 * alone) * right * (1 - right) * sign / p_label
        gradient = np.r_[SLOPE_RIDGE * (slope - 1) - (slope_gradient * odds).sum(axis=0), -slope_gradient.sum(axis=0)]
        return float(SLOPE_RIDGE * ((slope - 1) ** 2).sum() / 2 - weights @ np.log(p_label).sum(axis=1)), gradient

    bounds = [(0.2, 8.0)] * n + [(None, None)] * n
    start = np.r_[np.ones(n), np.zeros(n)]
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x.reshape(2, n))


def _right(odds: np.ndarray, labels: np.ndarray, link: np.ndarray) -> np.ndarray:
    """Return the probability of each observed label if it is correct, shape (n, n_labels)."""
    found: np.ndarray = np.clip(sigmoid(np.where(labels == 1, 1, -1) * (odds * link[0] + link[1])), EDGE, 1 - EDGE)
    return found


def _misplaced(base_log_likelihood: np.ndarray, right: np.ndarray, alone: float, misplaced: float) -> np.ndarray:
    """Return the posterior probability (n,) that a tweet's labels belong to another tweet."""
    log_own = np.log(alone + (1 - 2 * alone) * right).sum(axis=1)
    return sigmoid(base_log_likelihood - log_own + _odds(misplaced))


def _odds(share: float) -> float:
    return float(np.log(share / (1 - share)))
