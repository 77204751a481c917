"""
Agreement of two sources on each emotion, with Cohen's kappa.
"""

from dataclasses import dataclass

import numpy as np

MIN_TWEETS, MIN_POSITIVES = 20, 10  # below these numbers, a kappa is mostly chance and is not reported
NO_VALUE = -1  # in place of 0 or 1 if a source has no value for a tweet


@dataclass(frozen=True)
class SourceAgreement:
    """Counts for two sources and one emotion, over the tweets for which both have a value."""

    both: int
    first: int  # the emotion is given by the first only
    second: int
    neither: int

    @property
    def n(self) -> int:
        """The number of tweets for which both have a value."""
        return self.both + self.first + self.second + self.neither

    @property
    def differing(self) -> int:
        """The number of tweets on which they disagree."""
        return self.first + self.second

    @property
    def share(self) -> float | None:
        """The share of tweets on which they agree, in [0, 1]; None if there are none."""
        return 1 - self.differing / self.n if self.n else None

    @property
    def positives(self) -> int:
        """The number of tweets to which at least one of the two gives the emotion."""
        return self.both + self.first + self.second

    @property
    def is_enough(self) -> bool:
        """Whether there are enough tweets, and enough of them with and without the emotion, for a reliable kappa.

        >>> [SourceAgreement(*counts).is_enough for counts in ((20, 5, 10, 15), (3, 3, 3, 900), (9, 1, 1, 5))]
        [True, False, False]
        """
        negatives = self.neither + self.differing
        return self.n >= MIN_TWEETS and min(self.positives, negatives) >= MIN_POSITIVES

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960): 1 is perfect agreement, 0 is chance agreement, negative is worse than chance.

        None if there are too few tweets (see `is_enough`).

        >>> round(SourceAgreement(20, 5, 10, 15).kappa, 2), SourceAgreement(5, 0, 0, 900).kappa
        (0.4, None)
        """
        if not self.is_enough:
            return None
        rates = (self.both + self.first) / self.n, (self.both + self.second) / self.n
        expected = rates[0] * rates[1] + (1 - rates[0]) * (1 - rates[1])
        return (1 - self.differing / self.n - expected) / (1 - expected)


def agreements(first: np.ndarray, second: np.ndarray) -> list[SourceAgreement]:
    """Return the agreement of two sources on each emotion.

    Parameters
    ----------
    first, second : shape (n, n_emotions), 0, 1 or `NO_VALUE`; a tweet that one source has no value for does not count

    >>> agreements(np.array([[1], [0], [1]]), np.array([[1], [1], [NO_VALUE]]))
    [SourceAgreement(both=1, first=0, second=1, neither=0)]
    """
    have_both = (first != NO_VALUE) & (second != NO_VALUE)
    cells = [(first == a) & (second == b) & have_both for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
    counts = np.stack([cell.sum(axis=0) for cell in cells], axis=1)
    return [SourceAgreement(*row) for row in counts.tolist()]


def differs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return where two sources both have a value and disagree; boolean, in the shape of both."""
    found: np.ndarray = (first != second) & (first != NO_VALUE) & (second != NO_VALUE)
    return found
