"""
Reads tweets from separated text, JSON, Parquet and Excel files.

A file that is not a tweet file is rejected with one sentence. An invalid row becomes a `Reject` with its line number
and the reason; the other rows are kept. The text is unchanged; further columns become metadata.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files import columns as choosing
from emoclf.files.cells import (
    MAX_CHARACTERS,
    Reject,
    id_of,
    is_blank,
    is_on,
    key_of,
    nothing_read,
    rejected,
    row_name,
    text_of,
)
from emoclf.files.columns import LABEL_COLUMNS, Columns
from emoclf.files.ids import IdCheck
from emoclf.files.label_lists import Atom, LabelLists
from emoclf.files.own_exports import metadata_of
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.rows import open_table
from emoclf.files.splits import SplitChoice
from emoclf.files.tables import Expected, Row
from emoclf.labels import EMOTIONS
from emoclf.tweets import ORIGINS, SPLITS, Tweet

__all__ = ["MAX_CHARACTERS", "DataFile", "Reject", "nothing_read", "read_tweets"]

HEADER = f"ID (optional), Tweet and {' '.join(EMOTIONS.names)}, or one column labels"
ALL_EMOTIONS = frozenset(EMOTIONS.names)


@dataclass(frozen=True)
class DataFile:
    """The content of one file."""

    tweets: list[Tweet]
    rejects: list[Reject]
    split: str = ""  # the splits of the tweets and where they are from, such as "dev, from the file name"
    encoding: str = ""  # the encoding of a text file, such as "UTF-8"
    notes: tuple[str, ...] = ()  # sentences on how the file was read where that was not obvious
    lines: int = 0  # the number of lines that hold data, without the header and blank lines
    spans: Mapping[int, int] = field(default_factory=dict)  # first line of each row over several lines: its lines


def read_tweets(path: Path, split: str | None = None, reading: Reading = AS_FOUND) -> DataFile:
    """Read the tweets in `path`; the ending tells the format, see `sources.ENDINGS`.

    Parameters
    ----------
    split : train, dev or test for every row; None uses a row's own `split` column, or else the file's name (see
        `splits.splits_in_name`)

    Raises
    ------
    DataFileError : if the file as a whole is not a file of tweets
    SettingError : if something must be said about the file before it can be read; the message says what
    """
    if split is not None and split not in SPLITS:
        raise DataFileError(f"{split!r} is not a split; choose one of {', '.join(SPLITS)}")
    table = open_table(path, Expected(missing_columns, is_row=_is_row), reading.encoding)
    first, rows = choosing.peek(table.rows)
    columns = choosing.choose(first, path.name, EMOTIONS.names)
    parser = _Parser(path.name, split, columns, reading)
    for row in rows:
        parser.add(row)
    tweets, rejects = parser.finish()
    if not tweets and not rejects:
        raise DataFileError(f"{path.name} has no tweets in it; expected a header with {HEADER}, then a row per tweet")
    notes = (*table.notes, *columns.notes, *parser.label_lists.notes())
    return DataFile(
        tweets, rejects, parser.splits.in_words(), table.encoding, notes, table.tally.lines, spans=parser.spans
    )


def missing_columns(names: Iterable[str]) -> list[str]:
    """Return the required columns of a tweet file that are not among these lower-case names."""
    without_text, emotions = choosing.lacking(names, EMOTIONS.names)
    if emotions:
        emotions[-1] += " (or one column labels with their names; texts with other emotions can be --auxiliary)"
    return ["Tweet"] * without_text + emotions


def _is_row(cells: Mapping[str, Any]) -> bool:
    """Whether these cells, taken from a line that is perhaps within a quoted cell, are a complete row."""
    try:
        if EMOTIONS.names[0] in cells:
            return all(is_on(name, cells[name], blank_is_0=True) in (True, False) for name in EMOTIONS.names)
        column = next(name for name in LABEL_COLUMNS if name in cells)
        LabelLists(EMOTIONS.names, AS_FOUND).parse(cells[column])
    except (ValueError, KeyError, StopIteration):
        return False
    return True


class _Parser:
    """Converts rows to tweets and rejects, and remembers the line of each ID."""

    def __init__(self, name: str, split: str | None, columns: Columns, reading: Reading) -> None:
        self.name, self.columns, self.reading = name, columns, reading
        self.splits, self.ids = SplitChoice(split, name), IdCheck(name)
        self.label_lists = LabelLists(EMOTIONS.names, reading)
        self.found: list[tuple[Tweet, Any, list[Atom]]] = []  # with its cell split, and its labels if in one cell
        self.rejects: list[Reject] = []
        self.lines: dict[str, int] = {}
        self.spans: dict[int, int] = {}
        self.read_columns = {*columns.texts, *columns.ids, *EMOTIONS.names, columns.labels, "split", "origin"}

    def add(self, row: Row) -> None:
        if row.lines > 1:
            self.spans[row.line] = row.lines
        try:
            if row.problem:
                raise ValueError(row.problem)
            self.ids.add(row.line, next((row.cells[one] for one in self.columns.ids if one in row.cells), None))
            tweet = self._tweet(row)
            if tweet.key in self.lines:
                name = row_name(id_of(row.cells, self.columns.ids))
                raise ValueError(f"the same {name} already stands on line {self.lines[tweet.key]}")
            atoms = self._atoms(row.cells)
        except ValueError as problem:
            self.rejects.append(rejected(row, problem))
        else:
            self.lines[tweet.key] = row.line
            self.found.append((tweet, row.cells.get("split"), atoms))

    def _tweet(self, row: Row) -> Tweet:
        cells, text = row.cells, text_of(row.cells, self.columns.texts)
        if _one_of(ORIGINS, cells.get("origin"), "imported") == "synthetic":
            raise ValueError("it is a synthetic tweet; those are written and checked in a store, not imported")
        blank_is_0 = self.reading.blank_is_0
        return Tweet(
            key=key_of(cells, text, self.columns.ids),
            text=text,
            original=frozenset()
            if _label_cell(cells)
            else frozenset(name for name in EMOTIONS.names if is_on(name, cells[name], blank_is_0)),
            split=self.splits.of(cells.get("split")),
            metadata=metadata_of(cells, self.read_columns),
            line=row.line,
        )

    def _atoms(self, cells: Mapping[str, Any]) -> list[Atom]:
        """Return the labels as written in a row's cell of labels; none if it has a 0/1 column per emotion."""
        if not (column := _label_cell(cells, self.columns.labels)):
            return []
        if is_blank(cells[column]):
            if self.reading.blank_is_0:
                return []
            raise ValueError(f"{column} is blank, expected names of emotions; --blank-is-0 reads blanks as no emotion")
        return self.label_lists.parse(cells[column])

    def finish(self) -> tuple[list[Tweet], list[Reject]]:
        """Return the tweets and the rejects, once the whole file is known."""
        self.ids.finish()
        self.label_lists.settle(self.name, [atoms for _, _, atoms in self.found])
        tweets = []
        for tweet, split_cell, atoms in self.found:
            try:
                positions = self.label_lists.positions(atoms)
            except ValueError as problem:
                raise DataFileError(
                    f"{self.name} numbers other emotions than the {len(EMOTIONS)} of the review: on line {tweet.line}, "
                    f"{problem}; write names, or import it with --auxiliary and --emotions"
                ) from problem
            self.splits.count(split_cell, tweet.split)
            labels = frozenset(EMOTIONS.names[j] for j in positions)
            tweets.append(replace(tweet, original=labels) if atoms else tweet)
        return tweets, self.rejects


def _label_cell(cells: Mapping[str, Any], preferred: str | None = None) -> str | None:
    """Return the column of a row that holds all its labels; None if it has a 0/1 column for each emotion."""
    if cells.keys() >= ALL_EMOTIONS:
        return None
    if preferred in cells:
        return preferred
    return next((name for name in LABEL_COLUMNS if name in cells), None)


def _one_of(allowed: tuple[str, ...], value: Any, default: str) -> str:
    if value is None or not str(value).strip():
        return default
    if str(value) not in allowed:
        raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
    return str(value)
