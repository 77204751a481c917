"""
Blinding: whether reviewers decide otherwise when they see what the sources say, told from tweets shown blind by chance.

Whether a card is blind follows from the tweet's key and the share that is set
at the time, so under one share blind and other tweets differ by chance alone.
Across several shares they do not: if nothing was blind while the doubtful
tweets came first, the blind ones are the easy ones. So only decisions that were
made under one share are compared.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from emoclf.metrics.error_rates import Z, wilson

LEAST = 20  # decisions on either side; below, no difference is told


@dataclass(frozen=True)
class Shown:
    """How the tweet of one decision came to be blind or not."""

    draw: float  # by the tweet's key, in [0, 1): it is blind under a larger share
    blind: bool
    share: float | None = None  # that was set when its card was made; None: nobody wrote it down


def periods(decisions: Iterable[Shown]) -> list[Hashable]:
    """For each decision, oldest first, a name of the period of one share that it was made in; None: not drawn at all.

    Where the share was not written down, it is found again: it lies above the draws of the blind tweets and at or
    below those of the others, so a new period begins with the first tweet that no share of the old one explains.

    >>> periods([Shown(0.3, True), Shown(0.6, False), Shown(0.5, True), Shown(0.1, False)])
    [0, 0, 0, 1]
    >>> periods([Shown(0.1, True, share=0.5), Shown(0.1, False, share=0.5)])
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


def best_period(names: Sequence[Hashable], blind: Sequence[bool]) -> list[int]:
    """The positions of the decisions of the period that tells most, by how many are blind and how many are not.

    >>> best_period([0, 0, 1, 1, 1, None], [True, True, True, False, False, True])
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
class Difference:
    """How much larger a share is with the sources on the screen than blind, with its 95 % interval."""

    value: float
    low: float
    high: float


def difference(
    assisted: Sequence[bool], blind: Sequence[bool], groups: tuple[Sequence[Hashable], Sequence[Hashable]]
) -> Difference:
    """The difference of two shares, assisted less blind, with the hybrid score interval of Newcombe (1998, method 10).

    Decisions on one tweet or its twins are not independent: each side counts as many decisions as carry the same
    information if they were (the effective sample size by the design effect of Rao and Scott 1992).

    Parameters
    ----------
    assisted, blind : whether it is so, for each decision of one side; neither is empty
    groups : of twins, for each decision of either side

    >>> found = difference([True] * 56 + [False] * 14, [True] * 48 + [False] * 32, (range(70), range(80)))
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)  # as in Newcombe's table II, (a)
    (0.2, 0.0524, 0.3339)
    """
    one, other = sum(assisted) / len(assisted), sum(blind) / len(blind)
    low, high = wilson(one, _effective_size(assisted, groups[0]), Z)
    floor, ceiling = wilson(other, _effective_size(blind, groups[1]), Z)
    down, up = math.hypot(one - low, ceiling - other), math.hypot(high - one, other - floor)
    return Difference(one - other, max(-1.0, one - other - down), min(1.0, one - other + up))


def _effective_size(is_so: Sequence[bool], groups: Sequence[Hashable]) -> float:
    """How many independent decisions carry the same information; the number of groups where all are alike."""
    n, share = len(is_so), sum(is_so) / len(is_so)
    residuals: dict[Hashable, float] = defaultdict(float)
    for one, group in zip(is_so, groups, strict=True):
        residuals[group] += one - share
    k = len(residuals)
    if share in (0, 1) or k == 1:
        return k
    variance = sum(residual**2 for residual in residuals.values()) / n**2 * k / (k - 1)
    return n / max(1.0, variance * (n - 1) / (share * (1 - share)))


def needed(margin: float, share: float = 0.5) -> int:
    """About how many decisions tell a difference to within `margin`, whatever the shares are.

    >>> needed(0.1)
    385
    """
    return math.ceil((Z / margin) ** 2 / 4 * (1 / share + 1 / (1 - share)))
