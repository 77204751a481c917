"""
Agreement: how far two sources say the same of each emotion, and how much of that chance alone would bring about.
"""

from dataclasses import dataclass

import numpy as np

LEAST_TWEETS, LEAST_POSITIVES = 20, 10  # below, a kappa is mostly luck and is not told
SILENT = -1  # in place of 0 or 1 where a source says nothing of a tweet


@dataclass(frozen=True)
class SourceAgreement:
    """What two sources say of one emotion, in numbers of tweets of which both speak."""

    both: int
    first: int  # the first alone says the emotion
    second: int
    neither: int

    @property
    def n(self) -> int:
        """The tweets of which both speak."""
        return self.both + self.first + self.second + self.neither

    @property
    def differing(self) -> int:
        """The tweets of which they say different things."""
        return self.first + self.second

    @property
    def share(self) -> float | None:
        """The share of tweets of which they say the same, in [0, 1]; None where there are none."""
        return 1 - self.differing / self.n if self.n else None

    @property
    def positives(self) -> int:
        """The tweets to which at least one of the two gives the emotion."""
        return self.both + self.first + self.second

    @property
    def is_enough(self) -> bool:
        """Whether there are enough tweets, and enough of them with the emotion and without, for a kappa that tells.

        >>> [SourceAgreement(*counts).is_enough for counts in ((20, 5, 10, 15), (3, 3, 3, 900), (9, 1, 1, 5))]
        [True, False, False]
        """
        lacking = self.neither + self.differing
        return self.n >= LEAST_TWEETS and min(self.positives, lacking) >= LEAST_POSITIVES

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960): 1 where they always agree, 0 where no more than by chance, below 0 where even less.

        None where too few tweets tell (`is_enough`).

        >>> round(SourceAgreement(20, 5, 10, 15).kappa, 2), SourceAgreement(5, 0, 0, 900).kappa
        (0.4, None)
        """
        if not self.is_enough:
            return None
        says = (self.both + self.first) / self.n, (self.both + self.second) / self.n
        by_chance = says[0] * says[1] + (1 - says[0]) * (1 - says[1])
        return (1 - self.differing / self.n - by_chance) / (1 - by_chance)


def agreements(first: np.ndarray, second: np.ndarray) -> list[SourceAgreement]:
    """The agreement of two sources on each emotion.

    Parameters
    ----------
    first, second : shape (n, n_emotions), 0 or 1, or `SILENT`; a tweet of which one is silent does not count

    >>> agreements(np.array([[1], [0], [1]]), np.array([[1], [1], [SILENT]]))
    [SourceAgreement(both=1, first=0, second=1, neither=0)]
    """
    spoken = (first != SILENT) & (second != SILENT)
    cells = [(first == a) & (second == b) & spoken for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
    counts = np.stack([cell.sum(axis=0) for cell in cells], axis=1)
    return [SourceAgreement(*row) for row in counts.tolist()]


def differs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Where two sources both speak and say different things; boolean, in the shape of both."""
    found: np.ndarray = (first != second) & (first != SILENT) & (second != SILENT)
    return found
