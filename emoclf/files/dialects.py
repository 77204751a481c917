"""
Finds the delimiter of separated text and whether its cells are in quotes.

Text with a comma, a semicolon or a bar between the cells has quotes around cells that need them. Text with tabs may or
may not: in the published SemEval files a quote is part of the tweet, in files written by pandas or Excel it is not.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass

from emoclf.files.tables import Missing, header_names

DELIMITERS = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar"}
USUAL = {".txt": "\t", ".tsv": "\t"}  # by ending; a comma for every other
SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line with which Excel names the delimiter
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
DOMINATES = 10  # as many cells must speak for quotes as one that speaks against
EVERY_LINE = 3  # lines, each with a cell in quotes, that show that all texts are in quotes
MANY_COMMAS = 2  # cells in quotes for nothing but a comma that show that Excel wrote the file

csv.field_size_limit(2**31 - 1)  # an over-long cell rejects one row, not the whole file


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are separated."""

    delimiter: str
    is_quoted: bool = True  # whether quotes around a cell are not part of it

    def split(self, line: str) -> list[str]:
        """Split one line, with quotes as they are; the line's end is not part of the last cell."""
        return line.rstrip("\r\n").split(self.delimiter)

    def cells(self, line: str) -> list[str]:
        """Return the cells of one line."""
        if not self.is_quoted or '"' not in line:
            return self.split(line)
        return next(csv.reader([line], delimiter=self.delimiter), [])


def delimiter_of(first_line: str, ending: str, missing: Missing) -> str:
    """Return the delimiter with which the first line holds the most of the required columns.

    Where that says nothing, it is the one that the ending stands for, unless that leaves a single cell.
    """
    usual = USUAL.get(ending, ",")

    def fit(delimiter: str) -> tuple[int, bool, bool, int]:
        cells = header_names(Dialect(delimiter).cells(first_line))
        return len(missing(cells)), len(cells) == 1, delimiter != usual, -len(cells)

    return min(DELIMITERS, key=fit)


def are_quoted(lines: Iterable[str], first_line: str) -> bool:
    """Return whether tab-separated lines have quotes around cells, as pandas and Excel write them.

    They do if the whole header is in quotes, or if the cells with a quote are nearly all in quotes that they need: for
    a quote inside, which is doubled, or for a line break. Excel also puts all cells with a comma in quotes, and some
    programs put every text in quotes.
    """
    header = first_line.rstrip("\r\n").split("\t")
    if all(_QUOTED.fullmatch(cell) for cell in header):
        return True
    evidence = _Evidence(len(header))
    for line in lines:
        evidence.add(line.rstrip("\r\n"))
    return evidence.speaks_for_quotes()


def _in_quotes(line: str) -> list[str]:
    """Return the cells of a line if quotes stand around cells; none if it cannot be read so."""
    try:
        return next(csv.reader([line], delimiter="\t", strict=True), [])
    except csv.Error:
        return []


class _Evidence:
    """Counts the cells that speak for and against quotes around cells."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.needed = self.needless = self.against = self.commas = self.bare_commas = 0
        self.lines = self.with_quotes = 0
        self.opened = 0  # cells of the line on which a cell in quotes began and did not end; 0 if there is none

    def add(self, line: str) -> None:
        cells = line.split("\t")
        if len(cells) > self.columns and not self.opened and len(_in_quotes(line)) == self.columns:
            self.needed += 1  # quotes around a cell that holds a tab
            return
        self.lines += any(cells)
        self.with_quotes += any(map(_QUOTED.fullmatch, cells))
        for n, cell in enumerate(cells):
            if '"' not in cell:
                self.bare_commas += "," in cell and not self.opened
            elif _QUOTED.fullmatch(cell) and not self.opened:
                self._whole(cell)
            elif cell.count('"') % 2 and self._goes_on(cell, n, len(cells)):
                continue
            else:
                self.against += 1

    def _whole(self, cell: str) -> None:
        if '""' in cell[1:-1]:
            self.needed += 1
        elif "," in cell:
            self.commas += 1
        else:
            self.needless += 1

    def _goes_on(self, cell: str, n: int, of: int) -> bool:
        """Whether a cell with an odd number of quotes begins, or ends, a cell that holds line breaks."""
        if self.opened and cell.endswith('"') and n == 0 and self.opened + of == self.columns + 1:
            self.needed, self.opened = self.needed + 1, 0
            return True
        if not self.opened and cell.startswith('"') and n == of - 1 and of <= self.columns:
            self.opened = of
            return True
        self.against, self.opened = self.against + bool(self.opened), 0
        return False

    def speaks_for_quotes(self) -> bool:
        against = self.against + bool(self.opened)
        if not against and self.with_quotes >= max(EVERY_LINE, self.lines - 1):  # all lines but the header
            return True
        against += self.needless
        if self.needed:
            return against * DOMINATES <= self.needed
        return not against and not self.bare_commas and self.commas >= MANY_COMMAS
