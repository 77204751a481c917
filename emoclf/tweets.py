"""
The values that travel between the store, the science and the pages: plain, frozen, without a database behind them.
"""

from dataclasses import dataclass, field

import numpy as np

SPLITS = ("train", "dev", "test")
ORIGINS = ("imported", "synthetic")


@dataclass(frozen=True)
class Tweet:
    """One text with the labels that came with it."""

    key: str  # the ID of the data file, or one made from the text where the file has none
    text: str  # exactly as it came
    original: frozenset[str]
    split: str = "train"
    origin: str = "imported"
    metadata: dict[str, str] = field(default_factory=dict)  # further columns of the file
    line: int = 0  # of the data file, for messages


@dataclass(frozen=True)
class LabelledTexts:
    """What a classifier learns from or is scored on; row i of each field belongs to one tweet.

    `labels` has shape (n, 11), 0 or 1; `groups` names each tweet's twin group,
    so that splits can keep twins on one side. `extra` is how many of the last
    ones are only learned from, never held out to be scored or to choose thresholds.
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
        """Which tweets are only learned from, boolean of shape (n,)."""
        return np.arange(len(self)) >= len(self) - self.extra

    def with_extra(self, more: "LabelledTexts") -> "LabelledTexts":
        """These tweets with others behind them that are only learned from."""
        labels = np.concatenate([self.labels, more.labels])
        return LabelledTexts(self.texts + more.texts, labels, self.groups + more.groups, self.extra + len(more))

    def take(self, rows: np.ndarray) -> "LabelledTexts":
        """The tweets at these row numbers, in this order."""
        return LabelledTexts([self.texts[i] for i in rows], self.labels[rows], [self.groups[i] for i in rows])
