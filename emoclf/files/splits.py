"""
Recognises train, dev and test under the names that people give them, in file names and in a column.
"""

import re
import unicodedata
from collections import Counter
from typing import Any

from emoclf.errors import SettingError
from emoclf.tweets import SPLITS

NAMES = {
    **dict.fromkeys(["train", "training", "trn"], "train"),
    **dict.fromkeys(["dev", "devel", "development", "val", "valid", "validation", "eval", "evaluation"], "dev"),
    **dict.fromkeys(["test", "testing", "tst"], "test"),
}
GOLD = "gold"  # test, unless the name says another split: gold labels of a dev set are dev
DEFAULT = "train"
_RUN = re.compile(r"[^\W\d_]+")  # letters of any script
_WORDS = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+")  # of a run such as TestTweets


def split_named(word: str) -> str | None:
    """Return the split that a word names, if it names one.

    >>> split_named("Validation"), split_named("testset"), split_named("gold"), split_named("devotion")
    ('dev', 'test', 'test', None)
    """
    word = word.strip().lower()
    return NAMES.get(word.removesuffix("set").rstrip("_- ")) or ("test" if word == GOLD else None)


def splits_in_name(name: str) -> list[str]:
    """Return the splits that the words of a file's name stand for, in the order of `SPLITS`.

    >>> splits_in_name("2018-E-c-En-Dev.txt"), splits_in_name("gold_test.csv"), splits_in_name("TestTweets.csv")
    (['dev'], ['test'], ['test'])
    >>> splits_in_name("dev-gold.csv"), splits_in_name("devotion.csv"), splits_in_name("train_test.csv")
    (['dev'], [], ['train', 'test'])
    >>> splits_in_name("TRAINset.csv"), splits_in_name("détest.csv"), splits_in_name("part.csv")
    (['train'], [], [])
    """
    runs = _RUN.findall(unicodedata.normalize("NFC", name))
    words = [word.lower() for run in runs for word in ([run] if split_named(run) else _WORDS.findall(run))]
    found = {split_named(word) for word in words if word != GOLD} - {None}
    if not found and GOLD in words:
        found = {"test"}
    return [split for split in SPLITS if split in found]


class SplitChoice:
    """Gives each row its split, and counts where the splits came from.

    Parameters
    ----------
    given : the split of every row; None: as the rows or the file's name say
    name : the file's name
    source : where the cells of the rows are from, for the answer
    """

    def __init__(self, given: str | None, name: str, source: str = "the column split") -> None:
        self.given, self.name, self.source = given, name, source
        self.named = [] if given else splits_in_name(name)
        self.counts: Counter[str] = Counter()
        self.from_cells = self.from_elsewhere = False

    def of(self, value: Any) -> str:
        """Return the split of a row from the cell of its column `split`.

        Raises
        ------
        ValueError : if the cell names no split
        SettingError : if there is no cell, and the file's name names several splits
        """
        if self.given:
            return self.given
        if value is None or not str(value).strip():
            return self._from_name()
        if (found := split_named(str(value))) is None:
            raise ValueError(f"split is {str(value)!r}, expected one of {', '.join(SPLITS)}")
        return found

    def count(self, value: Any, split: str) -> None:
        """Note a row that was read."""
        from_column = not self.given and value is not None and bool(str(value).strip())
        self.counts[split] += 1
        self.from_cells, self.from_elsewhere = self.from_cells or from_column, self.from_elsewhere or not from_column

    def _from_name(self) -> str:
        if len(self.named) > 1:
            raise SettingError(
                f"the name of {self.name} names {' and '.join(self.named)}; choose the split with --split, or add a "
                "column split"
            )
        return (self.named or [DEFAULT])[0]

    def _reason(self) -> str:
        if self.given:
            return "as chosen"
        if self.from_cells:
            where = f"from {self.source}"
            elsewhere = "from the file name" if self.named else DEFAULT
            return f"{where}, and {elsewhere} where it is blank" if self.from_elsewhere else where
        return (
            "from the file name" if self.named else f"since neither the file's name nor {self._no_column()} names one"
        )

    def _no_column(self) -> str:
        return "a column split" if self.source == "the column split" else self.source

    def in_words(self) -> str:
        """Return the splits of the rows and why, such as "dev, from the file name"."""
        counted = [split for split in SPLITS if self.counts[split]]
        which = (
            ", ".join(f"{split} {self.counts[split]:,}" for split in counted) if len(counted) > 1 else "".join(counted)
        )
        return f"{which}, {self._reason()}" if which else ""
