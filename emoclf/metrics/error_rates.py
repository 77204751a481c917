"""
Error rates: how many original labels are wrong, estimated from the first tweets of a random order.

A queue sorted by doubt shows the worst first, so what is changed there says
nothing of the rest. The tweets up to a place in a random order do, if all of
them count: those that nobody decided may be right or wrong, and the interval
allows for both.
"""

import math
from dataclasses import dataclass

Z = 1.959964  # of a 95 % interval
_ROUNDING = 1e-9  # of floats; less than any tweet's share


@dataclass(frozen=True)
class ErrorRate:
    """How many original labels of an emotion are wrong in a whole split, from the first tweets of a random order.

    `known` and `known_wrong` speak of every tweet of the split that a person decided, for whichever reason. They do
    not move the estimate, but the truth can be no lower and no higher than they and the undecided tweets allow.
    """

    wrong: int  # of the n
    n: int  # decided tweets among the first of the random order
    missing: int = 0  # undecided tweets among them
    population: int | None = None  # tweets in the split; None: without end
    known: int = 0  # decided tweets in the split
    known_wrong: int = 0  # of them

    @property
    def rate(self) -> float | None:
        """The share found wrong among the decided ones; None where there are none."""
        if not self.n:
            return None
        low, high = self._possible
        return min(max(self.wrong / self.n, low), high)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (1927), corrected for the finite population.

        The correction replaces n by n (N - 1) / (N - n), the size of a sample with replacement that has the same
        variance (Korn and Graubard 1998). The bounds are rounded outwards to whole tweets. For the lower one all
        missing tweets count as right, for the upper one as wrong (Manski 1989), since they may be missing because they
        are hard.

        >>> [round(bound, 3) for bound in ErrorRate(0, 100).interval]
        [0.0, 0.037]
        >>> ErrorRate(177, 886, 0, population=886).interval == (177 / 886, 177 / 886)
        True
        """
        drawn = self.n + self.missing
        if not drawn:
            return self._possible
        low = self._wilson(self.wrong, drawn)[0]
        high = self._wilson(self.wrong + self.missing, drawn)[1]
        least, most = self._possible
        return max(low, least), min(high, most)

    def more_for(self, margin: float) -> int:
        """About how many more tweets must be reviewed until the estimate is within `margin` of the truth.

        >>> ErrorRate(23, 100).more_for(0.05), ErrorRate(23, 100).more_for(0.1)
        (177, 0)
        >>> ErrorRate(23, 100, population=200).more_for(0.05), ErrorRate(46, 200, population=200).more_for(0.05)
        (17, 0)
        """
        share = (self.wrong + 2) / (self.n + 4)  # Agresti and Coull (1998): not sure of 0 after a few
        needed = max(share * (1 - share) * (Z / margin) ** 2 - 4, 0.0)
        if self.population is not None:
            needed = needed / (1 + (needed - 1) / self.population) if needed > 1 else needed  # Cochran (1977), 4.2
            needed = min(needed, self.population)
        more = max(0, math.ceil(needed) - self.n)
        return more if self.population is None else min(more, self.population - max(self.known, self.n))

    @property
    def _possible(self) -> tuple[float, float]:
        """The least and the largest share of the split that can be wrong, by what is known of each tweet."""
        if self.population is None or not self.population:
            return 0.0, 1.0
        undecided = self.population - self.known
        return self.known_wrong / self.population, (self.known_wrong + undecided) / self.population

    def _wilson(self, wrong: int, n: int) -> tuple[float, float]:
        share, total = wrong / n, self.population
        if total is None:
            return wilson(share, n)
        if n >= total:
            return share, share
        low, high = wilson(share, n * (total - 1) / (total - n))
        return math.floor(low * total + _ROUNDING) / total, math.ceil(high * total - _ROUNDING) / total


def wilson(share: float, n: float, z: float = Z) -> tuple[float, float]:
    """Wilson's interval (1927) of a share of n, by default at 95 %; it has a width where the share is 0 or 1.

    >>> [round(bound, 3) for bound in wilson(0.5, 10)]
    [0.237, 0.763]
    """
    square = z * z / n
    middle, width = share + square / 2, z * math.sqrt(share * (1 - share) / n + square / n / 4)
    return max(0.0, (middle - width) / (1 + square)), min(1.0, (middle + width) / (1 + square))
