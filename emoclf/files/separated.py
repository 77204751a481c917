"""
Reads separated text, such as CSV, row by row, and accounts for every line of it.

A cell in quotes may hold line breaks. A quote that was forgotten looks the same and would swallow the rows after it, so
a cell that runs over lines that are rows themselves is rejected, with each of its lines.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from emoclf.files.dialects import DELIMITERS, SEP_LINE, USUAL, Dialect, are_quoted, delimiter_of
from emoclf.files.escaping import restored
from emoclf.files.tables import Expected, Row, Table, Tally, check_header, header_names


def read_separated(text: str, name: str, ending: str, expected: Expected) -> Table:
    """Return the rows of separated text; the delimiter and the quotes are found out.

    Raises
    ------
    DataFileError : if the header lacks a column
    """
    skipped, noted, first = _first_line(text)
    delimiter = noted or delimiter_of(first, ending, expected.missing)
    is_quoted = delimiter != "\t" or ('"' in text and are_quoted(io.StringIO(text, newline=""), first))
    dialect = Dialect(delimiter, is_quoted)
    notes = []
    if delimiter != USUAL.get(ending, ","):
        notes.append(f"Its cells are separated by {DELIMITERS.get(delimiter, repr(delimiter))}.")
    if delimiter == "\t" and '"' in text:
        notes.append(
            "Quotes around cells were read as quotes, not as text." if is_quoted else "Quotes are part of the text."
        )
    rows = _Rows(text, skipped, dialect, name, expected)
    cells = DELIMITERS.get(delimiter, repr(delimiter)).removeprefix("a ")
    return Table(rows.read(), rows.tally, notes=tuple(notes), format=f"{cells}-separated text")


def _first_line(text: str) -> tuple[int, str, str]:
    """Return the number of lines before the header, the delimiter that one of them names, and the header."""
    noted = ""
    for skipped, line in enumerate(io.StringIO(text, newline="")):
        if named := SEP_LINE.fullmatch(line):
            noted = named[1]
        elif line.strip():
            return skipped, noted, line
    return 0, noted, ""


class _Rows:
    """Reads the rows, and counts the lines that hold data."""

    def __init__(self, text: str, skipped: int, dialect: Dialect, name: str, expected: Expected) -> None:
        self.tally = Tally()
        self.dialect = dialect
        self.number = 0
        self.lines = self._numbered(text)
        for _ in range(skipped):
            next(self.lines)
        record = self._record(next(self.lines, ""))
        first = header_names(record[1])
        self.names = list(expected.headerless(first))
        self.header = self.names or first
        check_header(self.header, name, expected.missing)
        self.is_row = expected.is_row
        self.first_row = record if self.names else None  # without a header, the first line is a row
        self.tally.lines = len(record[0]) if self.names else 0

    def _numbered(self, text: str) -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            self.number += 1
            self.tally.lines += 1
            yield line

    def read(self) -> Iterator[Row]:
        if self.first_row:
            yield from self._rows(*self.first_row)
        for line in self.lines:
            yield from self._rows(*self._record(line))

    def _record(self, line: str) -> tuple[list[str], list[str], str]:
        """Return the lines of the record that begins with `line`, its cells, and what is wrong with its quotes."""
        if not self.dialect.is_quoted or '"' not in line:
            return [line], self.dialect.split(line), ""
        taken = [line]

        def lines() -> Iterator[str]:
            yield line
            for further in self.lines:
                taken.append(further)
                yield further

        try:
            return taken, next(csv.reader(lines(), delimiter=self.dialect.delimiter, strict=True)), ""
        except csv.Error as error:
            never = "unexpected end" in str(error)
            problem = "a quote opens a cell and never closes" if never else "a quote closes within a cell"
            return taken, [], f"{problem}; quotes inside a cell in quotes must be doubled"

    def _rows(self, taken: list[str], cells: list[str], problem: str) -> Iterator[Row]:
        first = self.number - len(taken) + 1
        if len(taken) > 1 and not problem and self._swallows(taken, cells):
            problem = "a quote opens a cell and closes lines later, after what looks like further rows"
        if problem:
            where = f" (the cell begins on line {first})" if len(taken) > 1 else ""
            for n, one in enumerate(taken):
                yield Row(first + n, {"line": one.rstrip("\r\n")}, problem + where)
        elif not any(cells):
            self.tally.lines -= len(taken)
        else:
            yield self._row(first, len(taken), cells)

    def _row(self, line: int, lines: int, cells: Sequence[str]) -> Row:
        cells = restored(self.header, cells)
        if len(cells) == len(self.header):
            return Row(line, dict(zip(self.header, cells, strict=True)), lines=lines)
        problem = f"it has {len(cells)} cells, the {'first line' if self.names else 'header'} has {len(self.header)}"
        return Row(line, {"cells": cells}, problem, lines)

    def _swallows(self, taken: Sequence[str], cells: Sequence[str]) -> bool:
        """Whether a record of several lines holds lines that are rows themselves.

        The first line of a good record looks like a row if the last cell goes on on the next line, and its last line if
        the first cell began on an earlier one; not both.
        """
        looks = [self._looks_like_a_row(line) for line in taken]
        if any(looks[1:-1]) or (looks[0] and looks[-1]):
            return True
        return (looks[0] and "\n" not in _unix(cells[-1])) or (looks[-1] and "\n" not in _unix(cells[0]))

    def _looks_like_a_row(self, line: str) -> bool:
        cells = [cell.strip('"') for cell in self.dialect.split(line)]
        return len(cells) == len(self.header) > 1 and self.is_row(dict(zip(self.header, cells, strict=True)))


def _unix(cell: str) -> str:
    return cell.replace("\r", "\n")
