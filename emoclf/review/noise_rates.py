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
from emoclf.review.label_noise import EDGE, Scores

PRIOR, WEIGHT = 0.02, 5.0  # the prior mean of both shares, with the weight of this many labels or tweets
SLOPE_RIDGE = 1.0  # on the slope minus one
LEAST, MOST = 1e-5, 0.4  # the limits of a share
DROP = 1.92  # of the log-likelihood, to the limits of a 95 % interval (half the 0.95 quantile of chi-square, 1 df)
OFF = 0.25  # additional standard error of the log of a share, found by simulation


@dataclass(frozen=True)
class Rates:
    """How common both kinds of errors are, and the links that recalibrate the scores without the errors."""

    alone: float  # share of labels that are flipped independently
    misplaced: float  # share of tweets whose labels belong to another tweet
    links: Mapping[str, np.ndarray]  # by field of `Scores`, a slope and an intercept per label, shape (2, n_labels)

    def wrong(self, scores: Scores, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how likely each label is wrong, shape (n, n_labels), and any label of each tweet, shape (n,).

        Parameters
        ----------
        labels : 0 or 1, shape (n, n_labels)
        """
        right = {name: _right(getattr(scores, name), labels, link) for name, link in self.links.items()}
        elsewhere = _misplaced(scores.any_tweet, right["chain"], self.alone, self.misplaced)
        slipped = self.alone * (1 - right["together"])
        slipped /= slipped + (1 - self.alone) * right["together"]
        cells = elsewhere[:, None] * (1 - right["alone"]) + (1 - elsewhere[:, None]) * slipped
        tweets = elsewhere * (1 - right["chain"].prod(axis=1)) + (1 - elsewhere) * (1 - (1 - slipped).prod(axis=1))
        return cells, tweets


@dataclass(frozen=True)
class Estimate:
    """The most likely rates, and those at both ends of their 95 % intervals."""

    rates: Rates
    low: Rates
    high: Rates


def estimate(scores: Scores, labels: np.ndarray) -> Estimate:
    """Estimate both shares and the links of the scores.

    Parameters
    ----------
    scores : of tweets that the models did not learn from, shape (n, n_labels)
    labels : 0 or 1, of the same tweets
    """
    problem = _Problem(scores.chain, scores.any_tweet, labels)
    best = problem.fit()
    ends = [problem.limits(best, i) for i in (0, 1)]
    found = [_rates(problem, best, scores)]
    for side in (0, 1):
        fixed = np.array([ends[0][side], ends[1][side]])
        found.append(_rates(problem, problem.fit(best, dict(enumerate(fixed))), scores))
    return Estimate(*found)


class _Problem:
    """The likelihood of the labels; a point is the log-odds of both shares, then a slope and an intercept per label."""

    def __init__(self, chain: np.ndarray, any_tweet: np.ndarray, labels: np.ndarray) -> None:
        self.chain, self.any_tweet, self.labels = chain, any_tweet, labels
        self.sign, self.n = np.where(labels == 1, 1.0, -1.0), labels.shape[1]

    def fit(self, start: np.ndarray | None = None, fixed: Mapping[int, float] | None = None) -> np.ndarray:
        """Return the most likely point, with some of its numbers fixed."""
        from scipy.optimize import minimize

        low, high = _odds(LEAST), _odds(MOST)
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
        seen = alone + (1 - 2 * alone) * right
        here = np.log1p(-misplaced) + np.log(seen).sum(axis=1)
        elsewhere = np.log(misplaced) + self.any_tweet
        both = np.logaddexp(here, elsewhere)
        own = np.exp(here - both)
        steep = own[:, None] * (1 - 2 * alone) * right * (1 - right) * self.sign / seen
        shares = point[:2]
        prior = WEIGHT * (np.logaddexp(0, shares) - PRIOR * shares)
        gradient = np.r_[
            -(own[:, None] * (1 - 2 * right) / seen).sum() * alone * (1 - alone),
            len(own) * misplaced - (1 - own).sum(),
            SLOPE_RIDGE * (slope - 1) - (steep * self.chain).sum(axis=0),
            -steep.sum(axis=0),
        ]
        gradient[:2] += WEIGHT * (sigmoid(shares) - PRIOR)
        return float(prior.sum() + SLOPE_RIDGE * ((slope - 1) ** 2).sum() / 2 - both.sum()), gradient

    def limits(self, best: np.ndarray, which: int) -> tuple[float, float]:
        """Return the 95 % interval of one share by profile likelihood, widened by `OFF`, as log-odds."""
        from scipy.optimize import brentq

        least = self.loss(best)[0]

        def beyond(value: float) -> float:
            return self.loss(self.fit(best, {which: value}))[0] - least - DROP

        ends = []
        for edge in (_odds(LEAST), _odds(MOST)):
            inside = beyond(edge) <= 0
            ends.append(edge if inside else float(brentq(beyond, *sorted((best[which], edge)), xtol=0.1)))
        low, high = best[which] - ends[0], ends[1] - best[which]
        wider = [float(np.hypot(side, 1.96 * OFF)) for side in (low, high)]
        return max(best[which] - wider[0], _odds(LEAST)), min(best[which] + wider[1], _odds(MOST))


def _rates(problem: _Problem, point: np.ndarray, scores: Scores) -> Rates:
    """Return the rates at a point, with the links of the other scores fitted to them."""
    alone, misplaced = (float(share) for share in sigmoid(point[:2]))
    links = {"chain": point[2:].reshape(2, -1)}
    right = _right(problem.chain, problem.labels, links["chain"])
    weights = 1 - _misplaced(problem.any_tweet, right, alone, misplaced)
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
        seen = alone + (1 - 2 * alone) * right
        steep = weights[:, None] * (1 - 2 * alone) * right * (1 - right) * sign / seen
        gradient = np.r_[SLOPE_RIDGE * (slope - 1) - (steep * odds).sum(axis=0), -steep.sum(axis=0)]
        return float(SLOPE_RIDGE * ((slope - 1) ** 2).sum() / 2 - weights @ np.log(seen).sum(axis=1)), gradient

    bounds = [(0.2, 8.0)] * n + [(None, None)] * n
    start = np.r_[np.ones(n), np.zeros(n)]
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x.reshape(2, n))


def _right(odds: np.ndarray, labels: np.ndarray, link: np.ndarray) -> np.ndarray:
    """Return the probability of each observed label if it is correct, shape (n, n_labels)."""
    found: np.ndarray = np.clip(sigmoid(np.where(labels == 1, 1, -1) * (odds * link[0] + link[1])), EDGE, 1 - EDGE)
    return found


def _misplaced(any_tweet: np.ndarray, right: np.ndarray, alone: float, misplaced: float) -> np.ndarray:
    """Return the posterior probability (n,) that a tweet's labels belong to another tweet."""
    here = np.log(alone + (1 - 2 * alone) * right).sum(axis=1)
    return sigmoid(any_tweet - here + _odds(misplaced))


def _odds(share: float) -> float:
    return float(np.log(share / (1 - share)))
