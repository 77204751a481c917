"""
A file as rows of cells, whatever its format: what the readers of the formats return.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from emoclf.errors import DataFileError

PROVENANCE = "label_origin"  # only our own exports of tweets have this column, see `escaping` and `own_exports`

# Returns the required columns that a lower-case header lacks.
Missing = Callable[[Iterable[str]], list[str]]


@dataclass(frozen=True)
class ToolSuggestion:
    """The labels that a model gave a text in another program, such as an annotation tool."""

    agent: str  # the model's name there, and the program
    scores: Mapping[str, float]  # of each label that it gave, by lower-case name; 1 where there is no score


@dataclass(frozen=True)
class Row:
    """One row: its first line in the file, its cells by lower-case column name, and the problem, if it has one."""

    line: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    lines: int = 1  # the number of lines that it takes up
    suggestions: tuple[ToolSuggestion, ...] = ()
    is_unlabelled: bool = False  # a record of an annotation tool that no rater has answered


@dataclass
class Tally:
    """The lines of a file that hold data; the header and blank lines do not. Complete once all rows are read.

    Formats without lines have records instead: the objects of a JSON array, the rows of Parquet and Excel files.
    """

    lines: int = 0
    counted: str = "lines"  # what `lines` counts: lines, records or rows
    unit: str = "line"  # what `Row.line` numbers: line, or record where several of them stand on one line


@dataclass(frozen=True)
class Table:
    """The rows of a file, and what had to be found out about the file in order to read it."""

    rows: Iterator[Row]
    tally: Tally
    encoding: str = ""  # the encoding of a text file; empty for other files
    notes: tuple[str, ...] = ()  # sentences on how the file was read
    format: str = ""  # such as "tab-separated text"
    split_source: str = ""  # where the cells of the column split are from, if the file has no such column


@dataclass(frozen=True)
class Expected:
    """What the caller of a reader knows about the content of a file."""

    missing: Missing
    headerless: Callable[[Sequence[str]], Sequence[str]] = lambda first_line: ()  # columns, if there is no header
    is_row: Callable[[Mapping[str, Any]], bool] = lambda cells: True  # whether these cells are a complete row
    emotions: Sequence[str] = ()  # the names by which the labels are recognised in exports of annotation tools


class ColumnsError(DataFileError):
    """A file lacks columns that it must have."""


TEXT_COLUMN = "Tweet or text"  # the name of the column with the texts among those that a file lacks


def no_text(absent: Sequence[str]) -> str:
    """Return what to do, as the end of a sentence, if the column with the texts is among the missing ones."""
    return "; --text-column NAME names the column with the texts" if TEXT_COLUMN in absent else ""


def check_header(header: Sequence[str], name: str, missing: Missing) -> None:
    """Raise ColumnsError if a lower-case header lacks a column, and DataFileError if it names one twice."""
    if absent := missing(header):
        seen = ", ".join(header)[:200] if all(cell.isprintable() for cell in header) else "something unreadable"
        advice = (
            f"{found}, and a file without a header needs a first line such as: text"
            if (found := no_text(absent))
            else ""
        )
        raise ColumnsError(f"{name} has no column {', '.join(absent)}; its first line reads: {seen}{advice}")
    if repeated := sorted({one for one in header if header.count(one) > 1}):
        raise DataFileError(f"{name} has more than one column {', '.join(repeated)}")


@lru_cache(maxsize=4096, typed=True)  # each object of a JSON file has the same names again
def column_key(name: Any) -> str:
    """Return the name by which a column is found: in lower case, with each accent in one character with its letter."""
    return unicodedata.normalize("NFC", str(name)).strip().lower()


def header_names(cells: Sequence[Any]) -> list[str]:
    """Return the column names of a header in lower case; unnamed columns after the first are numbered.

    >>> header_names(["ID", " Tweet ", "", ""])
    ['id', 'tweet', '', 'column 4']
    """
    names = ["" if cell is None else column_key(cell) for cell in cells]
    unnamed = [n for n, name in enumerate(names) if not name][1:]
    return [f"column {n + 1}" if n in unnamed else name for n, name in enumerate(names)]
