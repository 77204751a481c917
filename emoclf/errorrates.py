"""
Error rates: how many original labels are wrong, estimated from tweets that were reviewed by chance.

A queue sorted by doubt shows the worst first, so what is changed there says
nothing of the rest. Tweets mixed in at random do.
"""

import math
from dataclasses import dataclass

Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True)
class ErrorRate:
    """How many of the original labels of an emotion reviewers changed, and what that says of all of them."""

    wrong: int
    n: int  # tweets reviewed by chance

    @property
    def rate(self) -> float | None:
        """The share found wrong; None where none was reviewed."""
        return self.wrong / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (1927), which holds where few or none are wrong.

        >>> [round(bound, 3) for bound in ErrorRate(0, 100).interval]
        [0.0, 0.037]
        """
        if not self.n:
            return 0.0, 1.0
        share, square = self.wrong / self.n, Z * Z / self.n
        middle, width = share + square / 2, Z * math.sqrt(share * (1 - share) / self.n + square / self.n / 4)
        return max(0.0, (middle - width) / (1 + square)), min(1.0, (middle + width) / (1 + square))

    def more_for(self, margin: float) -> int:
        """About how many more tweets must be reviewed until the estimate is within `margin` of the truth.

        >>> ErrorRate(23, 100).more_for(0.05), ErrorRate(23, 100).more_for(0.1)
        (177, 0)
        """
        share = (self.wrong + 2) / (self.n + 4)  # Agresti and Coull (1998): not sure of 0 after a few
        return max(0, math.ceil(share * (1 - share) * (Z / margin) ** 2 - 4) - self.n)
