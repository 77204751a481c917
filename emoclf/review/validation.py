"""
Checks each original label of a tweet: a verdict per emotion, with its probability.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.review.doubt import contradiction


@dataclass(frozen=True)
class OriginalCheck:
    """The check of one original label against a language model's calibrated probability."""

    emotion: str
    is_original: bool  # whether the original has the emotion
    probability: float  # that the original label is right

    @property
    def holds(self) -> bool:
        """Whether the original label is more likely right than wrong."""
        return self.probability >= 0.5

    @property
    def words(self) -> str:
        """The verdict in a few words, with its probability.

        >>> OriginalCheck("joy", True, 0.12).words, OriginalCheck("fear", False, 0.4).words
        ('joy looks wrong (0.88)', 'fear looks missing (0.60)')
        >>> OriginalCheck("joy", True, 0.9).words, OriginalCheck("fear", False, 0.7).words
        ('joy looks right (0.90)', 'fear is rightly absent (0.70)')
        """
        if self.holds:
            word, likely = "looks right" if self.is_original else "is rightly absent", self.probability
        else:
            word, likely = "looks wrong" if self.is_original else "looks missing", 1 - self.probability
        return f"{self.emotion} {word} ({likely:.2f})"


def check_originals(original: Iterable[str], probabilities: np.ndarray) -> list[OriginalCheck]:
    """Return a verdict on each of the eleven original labels, in `EMOTIONS` order.

    Parameters
    ----------
    probabilities : calibrated, shape (11,)

    >>> joy = check_originals({"joy"}, np.full(11, 0.2))[4]
    >>> (joy.emotion, joy.is_original, round(joy.probability, 2), joy.holds)
    ('joy', True, 0.2, False)
    """
    row = EMOTIONS.encode([original])[0]
    right = 1 - contradiction(row, probabilities)
    return [OriginalCheck(e, bool(on), float(p)) for e, on, p in zip(EMOTIONS.names, row, right, strict=True)]
