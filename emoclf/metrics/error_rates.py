"""
Estimates how many original labels are wrong, from the first tweets of a random order.

A queue sorted by doubt shows the worst tweets first, so changes there do not describe the rest. The first tweets of a
random order do, if all of them count: undecided ones may be right or wrong, and the interval allows for both.
"""

import math
from dataclasses import dataclass

Z = 1.959964  # for a 95 % interval
_ROUNDING = 1e-9  # tolerance for floats; less than any tweet's share


@dataclass(frozen=True)
class ErrorRate:
    """The estimated share of wrong original labels of an emotion in a split, from the first tweets of a random order.

    `known` and `known_wrong` count all decided tweets of the split, whatever the reason for the review. They do not
    change the estimate, but they and the undecided tweets bound the true value.
    """

    wrong: int  # wrong labels among the n
    n: int  # decided tweets among the first of the random order
    missing: int = 0  # undecided tweets among them
    population: int | None = None  # tweets in the split; None: infinite
    known: int = 0  # decided tweets in the split
    known_wrong: int = 0  # those with a wrong label

    @property
    def rate(self) -> float | None:
        """The share of wrong labels among the decided tweets; None if there are none."""
        if not self.n:
            return None
        low, high = self._possible
        return min(max(self.wrong / self.n, low), high)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (1927), corrected for the finite population.

        The correction replaces n by n (N - 1) / (N - n), the size of a sample with replacement that has the same
        variance (Korn and Graubard 1998). The bounds are rounded outwards to whole tweets. Missing tweets count as
        right for the lower bound and as wrong for the upper one (Manski 1989), because they may be the difficult ones.

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

    def n_needed(self, margin: float) -> int:
        """Return about how many more tweets must be reviewed until the estimate is within `margin` of the truth.

        >>> ErrorRate(23, 100).n_needed(0.05), ErrorRate(23, 100).n_needed(0.1)
        (177, 0)
        >>> ErrorRate(23, 100, population=200).n_needed(0.05), ErrorRate(46, 200, population=200).n_needed(0.05)
        (17, 0)
        """
        share = (self.wrong + 2) / (self.n + 4)  # Agresti and Coull (1998): never certain of 0 after a few tweets
        needed = max(share * (1 - share) * (Z / margin) ** 2 - 4, 0.0)
        if self.population is not None:
            needed = needed / (1 + (needed - 1) / self.population) if needed > 1 else needed  # Cochran (1977), 4.2
            needed = min(needed, self.population)
        more = max(0, math.ceil(needed) - self.n)
        return more if self.population is None else min(more, self.population - max(self.known, self.n))

    @property
    def _possible(self) -> tuple[float, float]:
        """Return the smallest and largest possible share of wrong labels in the split, given the decided tweets."""
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
    """Return Wilson's interval (1927) of a share of n, by default at 95 %; its width is positive even for shares of 0
    and 1.

    >>> [round(bound, 3) for bound in wilson(0.5, 10)]
    [0.237, 0.763]
    """
    square = z * z / n
    middle, width = share + square / 2, z * math.sqrt(share * (1 - share) / n + square / n / 4)
    return max(0.0, (middle - width) / (1 + square)), min(1.0, (middle + width) / (1 + square))
