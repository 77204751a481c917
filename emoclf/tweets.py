"""
The `Tweet` and `LabelledTexts` data classes that all layers share: immutable, and independent of the database.
"""

from dataclasses import dataclass, field

import numpy as np

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class Tweet:
    """One text with its original labels, if it has any."""

    key: str  # the ID from the data file, or one derived from the text if the file has none
    text: str  # unchanged, as in the data file
    original: frozenset[str] | None  # None: it came without labels, which is not the same as no emotion
    split: str = "train"
    origin: str = "imported"
    metadata: dict[str, str] = field(default_factory=dict)  # the other columns of the file
    line: int = 0  # line number in the data file, for messages


@dataclass(frozen=True)
class LabelledTexts:
    """The data that a classifier learns from or is scored on; row i of each field belongs to tweet i.

    `labels` has shape (n, 11) and holds 0 or 1. `groups` names each tweet's twin group, so that splits keep twins
    together. The last `extra` tweets are training data only: they are never held out for scoring or for choosing
    thresholds.
    """

    texts: list[str]
    labels: np.ndarray
    groups: list[str]
    extra: int = 0

    def __post_init__(self) -> None:
        if not len(self.texts) == len(self.labels) == len(self.groups):
            raise ValueError(f"{len(self.texts)} texts, {len(self.labels)} label rows, {len(self.groups)} groups")

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def is_extra(self) -> np.ndarray:
        """Which tweets are training data only, boolean of shape (n,)."""
        return np.arange(len(self)) >= len(self) - self.extra

    def with_extra(self, more: "LabelledTexts") -> "LabelledTexts":
        """Return these tweets followed by others that are training data only."""
        labels = np.concatenate([self.labels, more.labels])
        return LabelledTexts(self.texts + more.texts, labels, self.groups + more.groups, self.extra + len(more))

    def take(self, rows: np.ndarray) -> "LabelledTexts":
        """Return the tweets at these row numbers, in this order."""
        return LabelledTexts([self.texts[i] for i in rows], self.labels[rows], [self.groups[i] for i in rows])
