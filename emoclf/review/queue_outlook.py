"""
Predicts how many of the next tweets in the queue are wrong, with an interval, and whether further review is worthwhile.

Doubts depend on estimated error rates. If a rate is off, the log-odds of all doubts are off by about the same number.
So the unknowns are one shift for the error rates and one slope for the errors of the models. Both have a prior that
decisions update (Bayes on a grid). All decisions on single tweets are used, not only those on random tweets: how many
tweets with a given doubt are wrong does not depend on why they were reviewed.
"""

from dataclasses import dataclass

import numpy as np

from emoclf.metrics.calibration import log_odds, sigmoid
from emoclf.metrics.error_rates import ErrorRate

EDGE = 1e-5  # doubts are clipped to this distance from 0 and 1
SHIFT_SD = 3.0  # standard deviation of the shift of doubts that only rank
SLOPE_SD = 0.25  # standard deviation of the slope
MIN_DECISIONS = 50  # decisions from which they correct the estimate
LIMITS = (0.025, 0.975)
MIN_CHANGED_SHARE = 0.1  # the smallest share of changed tweets that makes a review worthwhile
WINDOW = 100  # the number of next and of last tweets considered


@dataclass(frozen=True)
class Expected:
    """The expected number of wrong tweets, with its 95 % interval."""

    wrong: float
    low: int
    high: int


@dataclass(frozen=True)
class Outlook:
    """The expected yield of the next tweets in the queue, and the yield of the last ones."""

    tweets: int  # number of next tweets considered: `WINDOW`, or all that are left
    expected: Expected | None  # None if doubt only ranks
    checked: int  # decisions that corrected the expectation; 0: it is based on the labels alone
    reviewed: int  # number of last tweets considered that a person decided, at most `WINDOW`
    changed: int  # how many of these were changed

    @property
    def is_worthwhile(self) -> bool:
        """Whether to continue: True, unless fewer than one tweet in ten is expected to change.

        The expectation and the last tweets must both be below one in ten. If only one of them is known, its whole
        interval must be.
        """
        if not self.tweets:
            return False
        few, limit = MIN_CHANGED_SHARE * self.tweets, MIN_CHANGED_SHARE * self.reviewed
        if self.reviewed < WINDOW:
            return self.expected is None or self.expected.high >= few
        if self.expected is None:
            return ErrorRate(self.changed, self.reviewed).interval[1] >= MIN_CHANGED_SHARE
        return self.expected.wrong >= few or self.changed >= limit


def expect(
    doubts: np.ndarray, decided: np.ndarray, changed: np.ndarray, shifts: tuple[float, float] | None
) -> Expected:
    """Return how many of these tweets are wrong.

    Parameters
    ----------
    doubts : of the tweets in question, shape (n,)
    decided : the doubts of tweets that were decided since, shape (k,)
    changed : whether their labels were changed, boolean of shape (k,)
    shifts : the log-odds by which all doubts may be too high or too low, as in `doubt.Doubts`; None: they only rank
    """
    low, high = shifts if shifts is not None else (-1.96 * SHIFT_SD, 1.96 * SHIFT_SD)
    shift = np.linspace(min(2 * low, -0.5), max(2 * high, 0.5), 81)
    decided_odds, centre = log_odds(decided, EDGE), float(log_odds(decided, EDGE).mean()) if len(decided) else 0.0
    slope = np.linspace(1 - 2 * SLOPE_SD, 1 + 2 * SLOPE_SD, 9) if len(decided) else np.ones(1)
    shift, slope = (axis.ravel() for axis in np.meshgrid(shift, slope, indexing="ij"))
    spread = np.where(shift < 0, max(-low, 0.1), max(high, 0.1)) / 1.96
    weight = -((shift / spread) ** 2 + ((slope - 1) / SLOPE_SD) ** 2) / 2
    odds = np.where(changed, -1, 1) * (centre + shift[:, None] + slope[:, None] * (decided_odds - centre))
    weight -= np.logaddexp(0, odds).sum(axis=1)
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    likely = weight > 1e-6
    shift, slope, weight = shift[likely], slope[likely], weight[likely] / weight[likely].sum()
    wrong = sigmoid(centre + shift[:, None] + slope[:, None] * (log_odds(doubts, EDGE) - centre))
    cumulative = np.cumsum(weight @ _counts(wrong))
    ends = [int(np.searchsorted(cumulative, limit)) for limit in LIMITS]
    return Expected(float(weight @ wrong.sum(axis=1)), ends[0], min(ends[1], len(doubts)))


def _counts(wrong: np.ndarray) -> np.ndarray:
    """Return the distribution of the number of wrong tweets, shape (m, n + 1), from their probabilities (m, n).

    >>> _counts(np.array([[0.5, 0.5]])).tolist()
    [[0.25, 0.5, 0.25]]
    """
    found = np.zeros((len(wrong), wrong.shape[1] + 1))
    found[:, 0] = 1
    for p in wrong.T:
        found[:, 1:] = found[:, 1:] * (1 - p[:, None]) + found[:, :-1] * p[:, None]
        found[:, 0] *= 1 - p
    return found
