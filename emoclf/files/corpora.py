"""
Reads auxiliary corpora: texts with a label set of their own, such as GoEmotions or XED, for the first training stage.

A file with a header has a text column and either one 0/1 column per emotion or one column of names or numbers. A file
without a header has the columns text, labels and, optionally, an ID, in this order. Whether numbers count from 0 or 1
follows from the numbers or from the caller; it is never guessed.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.errors import DataFileError, SettingError
from emoclf.files import columns as choosing
from emoclf.files import intensities, raters
from emoclf.files.cells import TEXT_KEY, Reject, key_of, rejected, row_name, text_of
from emoclf.files.chosen_columns import open_as_told
from emoclf.files.columns import ID_COLUMNS, LABEL_COLUMNS, NO_COLUMNS, TEXT_COLUMNS, Columns
from emoclf.files.ids import IdCheck
from emoclf.files.label_lists import Atom, LabelLists
from emoclf.files.raters import Rating
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.tables import TEXT_COLUMN, Expected, Row, column_key
from emoclf.text.twins import twin_key

WITHOUT_HEADER = ("text", "labels", "id")
NO_SPLITS = "Its splits were left out: an auxiliary corpus has none, and all its texts are trained on."
SEEN = 200  # characters of a first line that a message shows


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
    encoding: str = ""  # the encoding of a text file, such as "UTF-8"
    notes: tuple[str, ...] = ()  # sentences on how the file was read where that was not obvious
    lines: int = 0  # the number of lines that hold data, without the header and blank lines
    spans: Mapping[int, int] = field(default_factory=dict)  # first line of each row over several lines: its lines
    united: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # lines of each text of several, by the first
    counted: str = "lines"  # what `lines` counts: lines, records or rows
    unit: str = "line"  # what the line of a row numbers: line or record
    columns: Columns = NO_COLUMNS
    format: str = ""  # such as "tab-separated text"


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
            raise DataFileError(f"{value} is not UTF-8 text; save it as UTF-8, one emotion a line") from error
    else:
        raise SettingError(f"{value!r} is neither a file with an emotion on each line nor names with commas between")
    names = tuple(column_key(name) for name in lines if name.strip())
    if not names:
        raise SettingError(f"{value!r} names no emotion")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SettingError(f"the emotions name {', '.join(repeated)} twice")
    return names


def read_corpus(
    path: Path, emotions: Sequence[str], first_number: int | None = None, reading: Reading = AS_FOUND
) -> CorpusFile:
    """Read the texts in `path` with their labels from `emotions`; the ending tells the format, as for tweets.

    Parameters
    ----------
    first_number : the number of the first emotion, 0 or 1, for ambiguous numeric labels

    Raises
    ------
    DataFileError : if the file as a whole cannot be read as labelled texts
    SettingError : if something must be said about the file before it can be read; the message says what
    """
    if first_number is not None:
        reading = replace(reading, first_number=first_number)
    parser = _Parser(path.name, emotions, reading)

    def headerless(first_line: Sequence[str]) -> Sequence[str]:
        return () if set(first_line) & set(TEXT_COLUMNS) else _names_for(first_line, path)

    expected = Expected(parser.missing_columns, headerless, parser.is_row, emotions)
    table = open_as_told(path, expected, reading, emotions)
    first, rows = choosing.peek(table.rows)
    parser.columns = choosing.choose(first, path.name, emotions)
    parser.is_on = intensities.Levels(intensities.are_used(first, emotions), reading.blank_is_0)
    parser.with_raters = any(raters.name_raters(row.cells) for row in first)
    for row in rows:
        parser.add(row)
    texts, rejects = parser.finish()
    if not texts and not rejects:
        raise DataFileError(f"{path.name} has no texts in it")
    splits = (NO_SPLITS,) if any("split" in row.cells for row in first if not row.problem) else ()
    notes = (*table.notes, *parser.columns.notes, *parser.notes(), *splits)
    about = (parser.spans, parser.lines_of, table.tally.counted, table.tally.unit, parser.columns, table.format)
    return CorpusFile(texts, rejects, table.encoding, notes, table.tally.lines, *about)


def _names_for(first_line: Sequence[str], path: Path) -> tuple[str, ...]:
    """Return the columns of a file without a header, from their number."""
    if len(first_line) not in (2, 3):
        raise DataFileError(
            f"{path.name} has no column {' or '.join(TEXT_COLUMNS)} in its first line; "
            f"a file without a header has text, labels and perhaps an ID, and this one has {len(first_line)} cells: "
            f"{', '.join(first_line)[:SEEN]}; --text-column NAME names the column with the texts"
        )
    return WITHOUT_HEADER[: len(first_line)]


class _Parser:
    """Converts rows to texts and rejects; label cells are resolved at the end, when it is known how to read them."""

    def __init__(self, name: str, emotions: Sequence[str], reading: Reading) -> None:
        self.name, self.emotions, self.reading = name, list(emotions), reading
        self.all_emotions = frozenset(emotions)
        self.columns = Columns(TEXT_COLUMNS, ID_COLUMNS, None)
        self.label_lists, self.ids = LabelLists(emotions, reading), IdCheck(name)
        self.is_on = intensities.Levels(False, reading.blank_is_0)
        self.found: list[
            tuple[CorpusText, list[Atom], Row | None]
        ] = []  # with the labels of one cell, and a repeated row
        self.rejects: list[Reject] = []
        self.texts: dict[str, tuple[str, int]] = {}  # the text of each ID, and its line
        self.spans: dict[int, int] = {}
        self.united = raters.United()
        self.lines_of: dict[int, tuple[int, ...]] = {}  # of each text that was made of several lines, by the first
        self.with_raters = False

    def missing_columns(self, header: Iterable[str]) -> list[str]:
        """Return the required columns that this lower-case header lacks."""
        without_text, emotions = choosing.lacking(header, self.emotions)
        wanted = [f"labels, nor one for each of {' '.join(self.emotions)}"] if emotions else []
        return [TEXT_COLUMN] * without_text + wanted

    def is_row(self, cells: Mapping[str, Any]) -> bool:
        """Return whether these cells, taken from a line that is perhaps within a quoted cell, are a complete row."""
        try:
            if not (column := self._label_cell(cells)):
                return all(intensities.is_level(cells[name]) for name in self.emotions)
            return bool(self.label_lists.parse(cells[column]))
        except (ValueError, KeyError):
            return False

    def _label_cell(self, cells: Mapping[str, Any]) -> str | None:
        """Return the column of a row that holds all its labels; None if it has a 0/1 column for each emotion."""
        if cells.keys() >= self.all_emotions:
            return None
        return next((name for name in (self.columns.labels, *LABEL_COLUMNS) if name in cells), None)

    def add(self, row: Row) -> None:
        if row.lines > 1:
            self.spans[row.line] = row.lines
        ids = self.columns.ids
        try:
            if row.problem:
                raise ValueError(row.problem)
            self.ids.add(row.line, next((row.cells[one] for one in ids if one in row.cells), None))
            text = text_of(row.cells, self.columns.texts)
            key = key_of(row.cells, text, ids)
            known, line = self.texts.get(key, (text, 0))
            if known != text:
                raise ValueError(f"the same {row_name(key)} already stands on line {line}")
            column = self._label_cell(row.cells)
            atoms = self.label_lists.parse(row.cells[column]) if column else []
            labels = () if column else self._on(row.cells)
        except ValueError as problem:
            self.rejects.append(rejected(row, problem))
        else:
            self.found.append((CorpusText(key, text, labels, row.line), atoms, row if key in self.texts else None))
            self.texts.setdefault(key, (text, row.line))

    def _on(self, cells: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the positions of the emotions whose 0/1 column is 1."""
        return tuple(j for j, name in enumerate(self.emotions) if self.is_on(name, cells[name]))

    def finish(self) -> tuple[list[CorpusText], list[Reject]]:
        """Return the texts and the rejects, once the whole file is known."""
        self.ids.finish()
        self.label_lists.settle(self.name, [atoms for _, atoms, _ in self.found])
        labelled: list[tuple[CorpusText, Row | None]] = []
        for one, atoms, repeated in self.found:
            try:
                labels = self.label_lists.positions(atoms) if atoms else one.labels
            except ValueError as problem:
                self.rejects.append(Reject(one.line, str(problem), one.text))
            else:
                labelled.append((replace(one, labels=labels), repeated))
        ratings = [self._rating(one) for one, _ in labelled]
        self.united = raters.unite(self.name, ratings, self.reading.raters, self.with_raters)
        for row, earlier in self.united.repeated.items():
            repeats = f"the same {ratings[row].name} already stands on line {ratings[earlier].line}"
            one, repeated = labelled[row]
            self.rejects.append(rejected(repeated or Row(one.line, {"text": one.text}), ValueError(repeats)))
        texts = [self._one([labelled[row][0] for row in rows]) for rows in self.united.tweets(len(labelled))]
        return texts, sorted(self.rejects, key=lambda reject: reject.line)

    def _rating(self, one: CorpusText) -> Rating:
        labels = frozenset(self.emotions[j] for j in one.labels)
        return Rating(one.key, one.text, one.line, labels, not one.key.startswith(TEXT_KEY))

    def _one(self, rows: list[CorpusText]) -> CorpusText:
        """Return the text of one row, or that of the rows of several raters."""
        if len(rows) == 1:
            return rows[0]
        lines = tuple(dict.fromkeys(one.line for one in rows))
        self.lines_of[rows[0].line] = lines
        self.spans[rows[0].line] = sum(self.spans.get(line, 1) for line in lines)
        labels = raters.majority([frozenset(self.emotions[j] for j in one.labels) for one in rows])
        return replace(rows[0], labels=tuple(sorted(self.emotions.index(name) for name in labels)))

    def notes(self) -> list[str]:
        """Return sentences on how the rows were read."""
        return [*self.label_lists.notes(), *self.is_on.notes(), *self.united.notes]
