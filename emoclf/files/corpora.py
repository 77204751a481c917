"""
Reads auxiliary corpora: texts with a label set of their own, such as GoEmotions or XED, for the first training stage.

A file with a header has a text column and either one 0/1 column per emotion or one column of names or numbers. A file
without a header has the columns text, labels and, optionally, an ID, in this order. Whether numbers count from 0 or 1
follows from the numbers or from the caller; it is never guessed.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.errors import DataFileError, SettingError
from emoclf.files import rows
from emoclf.files.tweet_files import TEXT_COLUMNS, Reject, is_on, key_of, rejected, row_name, text_of
from emoclf.text.twins import twin_key

LABEL_COLUMNS = ("labels", "label", "emotions", "emotion")
WITHOUT_HEADER = ("text", "labels", "id")


@dataclass(frozen=True)
class Corpus:
    """Labelled texts with a label set of their own; column j of `labels`, shape (n, k), belongs to `emotions[j]`."""

    name: str
    texts: list[str]
    labels: np.ndarray
    emotions: tuple[str, ...]
    licence: str | None = None  # the publisher's licence, as the user entered it

    @property
    def hash(self) -> str:
        """A hash of the content: it depends on the texts and labels, not on the name of the corpus."""
        digest = hashlib.sha256(repr(self.emotions).encode())
        for text, row in zip(self.texts, self.labels.astype(np.int8), strict=True):
            digest.update(hashlib.sha256(text.encode()).digest() + row.tobytes())
        return digest.hexdigest()[:16]

    def without_twins(self, groups: Collection[str]) -> "Corpus":
        """Return the corpus without the texts of these twin groups (see `twin_key`)."""
        rows = [i for i, text in enumerate(self.texts) if twin_key(text) not in groups]
        return replace(self, texts=[self.texts[i] for i in rows], labels=self.labels[rows])


@dataclass(frozen=True)
class CorpusText:
    """One text of a corpus; `labels` are ascending positions in its list of emotions."""

    key: str  # the ID from the data file, or one derived from the text if the file has none
    text: str
    labels: tuple[int, ...]
    line: int = 0  # line number in the data file, for messages


@dataclass(frozen=True)
class CorpusFile:
    """The content of one file."""

    texts: list[CorpusText]
    rejects: list[Reject]


def read_emotions(value: str) -> tuple[str, ...]:
    """Read a label set in lower case: comma-separated names, or a file with one name per line.

    >>> read_emotions("Joy, fear")
    ('joy', 'fear')

    Raises
    ------
    SettingError : if there is no such file, or a name stands there twice
    DataFileError : if the file is not text
    """
    if "," in value:
        lines = value.split(",")
    elif Path(value).is_file():
        try:
            lines = Path(value).read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise DataFileError(f"{value} is not UTF-8 text; save it as UTF-8, with one emotion per line") from error
    else:
        raise SettingError(
            f"{value!r} is neither a file with one emotion per line nor a list of names separated by commas"
        )
    names = tuple(name.strip().lower() for name in lines if name.strip())
    if not names:
        raise SettingError(f"{value!r} names no emotion")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SettingError(f"the list of emotions names {', '.join(repeated)} twice")
    return names


def read_corpus(path: Path, emotions: Sequence[str], first_number: int | None = None) -> CorpusFile:
    """Read the texts in `path` with their labels from `emotions`; the ending tells the format, as for tweets.

    Parameters
    ----------
    first_number : the number of the first emotion, 0 or 1, for ambiguous numeric labels

    Raises
    ------
    DataFileError : if the file as a whole cannot be read as labelled texts
    SettingError : if the first number cannot be determined
    """
    header = rows.first_line(path)
    names = () if not header or set(header) & set(TEXT_COLUMNS) else _names_for(header, path)
    parser = _Parser(emotions)
    for row in rows.read(path, parser.missing_columns, names):
        parser.add(row)
    if not parser.lines and not parser.rejects:
        raise DataFileError(f"{path.name} has no texts in it")
    return parser.finish(path, first_number)


def first_of(numbers: Iterable[int], n_emotions: int) -> int | None:
    """Return the number of the first emotion, if the numbers in use determine it.

    >>> first_of([0, 3], 8), first_of([1, 8], 8), first_of([2, 7], 8)
    (0, 1, None)
    """
    seen = set(numbers)
    if 0 in seen:
        return 0
    return 1 if max(seen, default=0) >= n_emotions else None


def _names_for(first_line: Sequence[str], path: Path) -> tuple[str, ...]:
    """Return the columns of a file without a header, from their number."""
    if len(first_line) not in (2, 3):
        raise DataFileError(
            f"{path.name} has no column {' or '.join(TEXT_COLUMNS)} in its first line; "
            f"a file without a header has text, labels and perhaps an ID, and this one has {len(first_line)} cells"
        )
    return WITHOUT_HEADER[: len(first_line)]


class _Parser:
    """Converts rows to texts and rejects; numeric labels are resolved at the end, when the first number is known."""

    def __init__(self, emotions: Sequence[str]) -> None:
        self.emotions = list(emotions)
        self.found: list[tuple[rows.Row, str, list[int | str]]] = []  # row, text, emotions as written in the file
        self.rejects: list[Reject] = []
        self.lines: dict[str, int] = {}

    def missing_columns(self, header: Iterable[str]) -> list[str]:
        """Return the required columns that this lower-case header lacks."""
        present = set(header)
        missing = [] if present & set(TEXT_COLUMNS) else ["text"]
        if present & set(LABEL_COLUMNS) or present.issuperset(self.emotions):
            return missing
        return [*missing, f"labels, nor one for each of {' '.join(self.emotions)}"]

    def add(self, row: rows.Row) -> None:
        try:
            if row.problem:
                raise ValueError(row.problem)
            text = text_of(row.cells)
            key = key_of(row.cells, text)
            if key in self.lines:
                raise ValueError(f"the same {row_name(row.cells)} already stands on line {self.lines[key]}")
            values = self._label_values(row.cells)
        except ValueError as problem:
            self.rejects.append(rejected(row, problem))
        else:
            self.lines[key] = row.line
            self.found.append((row, text, values))

    def _label_values(self, cells: Mapping[str, Any]) -> list[int | str]:
        """Return the emotions of a row, each a number or a known name."""
        column = next((name for name in LABEL_COLUMNS if name in cells), None)
        if column is None:
            return [name for name in self.emotions if is_on(name, cells[name])]
        values = choices(cells[column])
        if unknown := [name for name in values if isinstance(name, str) and name not in self.emotions]:
            raise ValueError(f"{', '.join(unknown)!r} is not one of the emotions {' '.join(self.emotions)}")
        return values

    def finish(self, path: Path, first_number: int | None) -> CorpusFile:
        numbers = {choice for _, _, values in self.found for choice in values if isinstance(choice, int)}
        first = first_of(numbers, len(self.emotions)) if first_number is None else first_number
        if numbers and first is None:
            raise SettingError(
                f"{path.name} numbers its {len(self.emotions)} emotions from {min(numbers)} to {max(numbers)}, which "
                "does not tell whether the first is 0 or 1; pass --first-number 0 or --first-number 1"
            )
        texts = []
        for row, text, values in self.found:
            try:
                labels = tuple(sorted({self._position(choice, first or 0) for choice in values}))
            except ValueError as problem:
                self.rejects.append(rejected(row, problem))
            else:
                texts.append(CorpusText(key_of(row.cells, text), text, labels, row.line))
        return CorpusFile(texts, sorted(self.rejects, key=lambda reject: reject.line))

    def _position(self, choice: int | str, first: int) -> int:
        if isinstance(choice, str):
            return self.emotions.index(choice)
        if not 0 <= choice - first < len(self.emotions):
            last = first + len(self.emotions) - 1
            raise ValueError(f"{choice} is not an emotion: they are numbered from {first} to {last}")
        return choice - first


def choices(cell: Any) -> list[int | str]:
    """Return the numbers and lower-case names in a cell: a list, one value, or comma-separated values.

    >>> choices("1, 4"), choices("[27]"), choices(["Joy"]), choices(""), choices(3)
    ([1, 4], [27], ['joy'], [], [3])
    """
    if cell is None:
        return []
    parts = cell if isinstance(cell, list | tuple) else str(cell).strip().strip("[]").replace(";", ",").split(",")
    words = [str(part).strip().strip("'\"").lower() for part in parts]
    return [int(word) if word.isascii() and word.isdecimal() else word for word in words if word]
