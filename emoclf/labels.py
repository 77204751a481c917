"""
The label set: eleven emotions in a fixed order, and conversions between sets, arrays and bit masks.

A choice of labels is a `frozenset[str]` in code, a row of 0 and 1 in arrays, and a bit mask in the store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.errors import LabelError


@dataclass(frozen=True)
class LabelSet:
    """Labels in a fixed order; column j of every array belongs to `names[j]`.

    >>> LabelSet(("anger", "joy")).encode([{"joy"}, set()]).tolist()
    [[0, 1], [0, 0]]
    """

    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def check(self, labels: Iterable[str]) -> frozenset[str]:
        """Return `labels` as a frozenset; raise LabelError if one is not in the set."""
        chosen = frozenset(labels)
        if unknown := sorted(chosen - set(self.names)):
            raise LabelError(f"{', '.join(unknown)!r} is not a label; the labels are {' '.join(self.names)}")
        return chosen

    def ordered(self, labels: Iterable[str]) -> list[str]:
        """Return the labels in the order of the set.

        >>> EMOTIONS.ordered({"love", "joy"})
        ['joy', 'love']
        """
        chosen = self.check(labels)
        return [name for name in self.names if name in chosen]

    def encode(self, rows: Sequence[Iterable[str]]) -> np.ndarray:
        """Encode sets of labels as an int8 array of shape (n, n_labels)."""
        chosen = [self.check(row) for row in rows]
        return np.array([[name in row for name in self.names] for row in chosen], dtype=np.int8).reshape(-1, len(self))

    def decode(self, array: np.ndarray) -> list[frozenset[str]]:
        """Decode a 0/1 or boolean array of shape (n, n_labels) into sets of labels."""
        return [frozenset(name for name, on in zip(self.names, row, strict=True) if on) for row in array]

    def to_mask(self, labels: Iterable[str]) -> int:
        """Encode a set of labels as an integer whose bit j stands for label j.

        >>> EMOTIONS.to_mask({"anger", "disgust"})
        5
        """
        chosen = self.check(labels)
        return sum(1 << j for j, name in enumerate(self.names) if name in chosen)

    def from_mask(self, mask: int) -> frozenset[str]:
        """Decode an integer from `to_mask`."""
        return frozenset(name for j, name in enumerate(self.names) if mask >> j & 1)


EMOTIONS = LabelSet(
    (
        "anger",
        "anticipation",
        "disgust",
        "fear",
        "joy",
        "love",
        "optimism",
        "pessimism",
        "sadness",
        "surprise",
        "trust",
    )
)

# The key that toggles each emotion on the review card; Streamlit uses C and R itself.
KEYS = dict(zip(EMOTIONS.names, "ANDFJLOPSUT", strict=True))

# The organisers' definitions of the eleven labels (SemEval-2018 Task 1, E-c; Mohammad et al. 2018).
GLOSSES = {
    "anger": "annoyance, rage",
    "anticipation": "interest, vigilance",
    "disgust": "disinterest, dislike, loathing",
    "fear": "apprehension, anxiety, concern, terror",
    "joy": "serenity, ecstasy",
    "love": "affection",
    "optimism": "hopefulness, confidence",
    "pessimism": "cynicism, lack of confidence",
    "sadness": "pensiveness, grief",
    "surprise": "distraction, amazement",
    "trust": "acceptance, liking, admiration",
}

# How each emotion appears in a tweet. Given only the name, small models assign it to any good or bad mood.
SHOWN_BY = {
    "anger": "somebody is to blame, an injustice, an outburst, a threat to complain",
    "anticipation": "something is about to happen, and the writer waits for it or prepares for it",
    "disgust": "something is revolting, dirty, shameful or low",
    "fear": "something may go wrong, a threat, worry, panic, not daring",
    "joy": "something is fun, delightful, a success, a good moment",
    "love": "affection for a person, an animal or a thing, missing somebody, tenderness",
    "optimism": "it will turn out well, confidence after a setback",
    "pessimism": "it will not turn out well, no point in trying, nothing ever changes",
    "sadness": "a loss, loneliness, disappointment, tears",
    "surprise": "nobody expected it: a sudden turn, a discovery, disbelief, being caught off guard",
    "trust": "relying on somebody's word or skill, faith in a person, a team or God, vouching for it, feeling safe",
}
