"""
Measures anchoring bias: whether seeing the sources changes decisions, compared with randomly chosen blind tweets.

Whether a card is blind depends on a random number from the tweet's key and on the share of blind tweets at that time.
Under one share, blind and other tweets differ only by chance. Across several shares they may not: for example, if no
tweet was blind while the doubtful tweets came first, the blind tweets are the easy ones. So only decisions made under
one share are compared.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from emoclf.metrics.error_rates import Z, wilson

MIN_DECISIONS = 20  # decisions per side; below this, no difference is reported


@dataclass(frozen=True)
class BlindDraw:
    """How the tweet of one decision became blind or not."""

    draw: float  # a random number from the tweet's key, in [0, 1): the tweet is blind if the share is larger
    blind: bool
    share: float | None = None  # the share when the card was made; None if it was not recorded


def periods(decisions: Iterable[BlindDraw]) -> list[Hashable]:
    """Return for each decision, oldest first, the period of one share in which it was made; None if not randomized.

    If the share was not recorded, it is inferred: it lies above the draws of the blind tweets and at or below those of
    the others, so a new period begins with the first tweet that contradicts the current one.

    >>> periods([BlindDraw(0.3, True), BlindDraw(0.6, False), BlindDraw(0.5, True), BlindDraw(0.1, False)])
    [0, 0, 0, 1]
    >>> periods([BlindDraw(0.1, True, share=0.5), BlindDraw(0.1, False, share=0.5)])
    [0.5, None]
    """
    found: list[Hashable] = []
    number, low, high = 0, -1.0, 1.0  # low < share <= high
    for one in decisions:
        if one.share is not None:
            found.append(one.share if one.blind == (one.draw < one.share) else None)
            continue
        if one.draw >= high if one.blind else one.draw <= low:
            number, low, high = number + 1, -1.0, 1.0
        low, high = (max(low, one.draw), high) if one.blind else (low, min(high, one.draw))
        found.append(number)
    return found


def most_informative_period(names: Sequence[Hashable], blind: Sequence[bool]) -> list[int]:
    """Return the positions of the decisions in the most informative period, given its numbers of blind and other
    tweets.

    >>> most_informative_period([0, 0, 1, 1, 1, None], [True, True, True, False, False, True])
    [2, 3, 4]
    """
    members: dict[Hashable, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        if name is not None:
            members[name].append(i)

    def information(positions: Sequence[int]) -> float:
        n, m = len(positions), sum(blind[i] for i in positions)
        return m * (n - m) / n

    return max(members.values(), key=information, default=[])


@dataclass(frozen=True)
class ShareDifference:
    """How much larger a share is with the sources visible than blind, with its 95 % interval."""

    value: float
    low: float
    high: float


def difference(
    assisted: Sequence[bool], blind: Sequence[bool], groups: tuple[Sequence[Hashable], Sequence[Hashable]]
) -> ShareDifference:
    """Return the difference of two shares, assisted minus blind, with Newcombe's hybrid score interval (1998, method
    10).

    Decisions on one tweet or its twins are not independent, so each side counts with its effective sample size, from
    the design effect of Rao and Scott (1992).

    Parameters
    ----------
    assisted, blind : the outcome of each decision of one side; neither may be empty
    groups : the twin group of each decision, for either side

    >>> found = difference([True] * 56 + [False] * 14, [True] * 48 + [False] * 32, (range(70), range(80)))
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)  # as in Newcombe's table II, (a)
    (0.2, 0.0524, 0.3339)
    """
    assisted_share, blind_share = sum(assisted) / len(assisted), sum(blind) / len(blind)
    low, high = wilson(assisted_share, _effective_size(assisted, groups[0]), Z)
    blind_low, blind_high = wilson(blind_share, _effective_size(blind, groups[1]), Z)
    value = assisted_share - blind_share
    below = math.hypot(assisted_share - low, blind_high - blind_share)
    above = math.hypot(high - assisted_share, blind_share - blind_low)
    return ShareDifference(value, max(-1.0, value - below), min(1.0, value + above))


def _effective_size(outcomes: Sequence[bool], groups: Sequence[Hashable]) -> float:
    """Return the effective sample size; the number of groups if all outcomes are equal."""
    n, share = len(outcomes), sum(outcomes) / len(outcomes)
    residuals: dict[Hashable, float] = defaultdict(float)
    for one, group in zip(outcomes, groups, strict=True):
        residuals[group] += one - share
    k = len(residuals)
    if share in (0, 1) or k == 1:
        return k
    variance = sum(residual**2 for residual in residuals.values()) / n**2 * k / (k - 1)
    return n / max(1.0, variance * (n - 1) / (share * (1 - share)))


def sample_size(margin: float, share: float = 0.5) -> int:
    """Return about how many decisions of both sides are needed to estimate any difference to within `margin`.

    Parameters
    ----------
    share : the share of blind decisions among them, between 0 and 1

    >>> sample_size(0.1)
    385
    """
    return math.ceil((Z / margin) ** 2 / 4 * (1 / share + 1 / (1 - share)))
