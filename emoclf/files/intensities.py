"""
Reads columns of intensities from 0 to 3, as in SemEval-2025 task 11: an emotion above 0 is present.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from emoclf.files.cells import is_on
from emoclf.files.tables import Row

SHARE = 0.1  # of the cells above 0 that must be 2 or 3; fewer are typing errors in a file of 0 and 1
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{0,9})?")
_HIGH = re.compile(r"[23](?:[.,]0*)?")


def _is_high(value: Any) -> bool:
    return bool(_HIGH.fullmatch(str(value).strip()))


def is_level(value: Any) -> bool:
    """Return whether a cell holds 0, 1, 2, 3, a word such as yes or no, or nothing.

    >>> is_level("2"), is_level(1.0), is_level(""), is_level("4")
    (True, True, True, False)
    """
    if _is_high(value):
        return True
    try:
        is_on("", value, blank_is_0=True)
    except ValueError:
        return False
    return True


def are_used(rows: Iterable[Row], emotions: Sequence[str]) -> bool:
    """Return whether the first rows of a file hold intensities from 0 to 3 in the columns of the emotions."""
    cells = [str(row.cells[name]).strip() for row in rows if not row.problem for name in emotions if name in row.cells]
    numbers = [float(cell) for cell in map(_with_point, cells) if _NUMBER.fullmatch(cell)]
    high = [number for number in numbers if number in (2, 3)]
    return len(high) > 1 and len(high) >= SHARE * sum(number > 0 for number in numbers) and max(numbers) <= 3


def _with_point(cell: str) -> str:
    return cell.replace(",", ".")


class Levels:
    """Reads the cells of 0/1 columns, or of intensities if a file has them, and says so."""

    def __init__(self, with_intensities: bool, blank_is_0: bool) -> None:
        self.with_intensities, self.blank_is_0 = with_intensities, blank_is_0

    def __call__(self, name: str, value: Any) -> bool:
        """Return whether an emotion is present; raise ValueError if its cell cannot be read."""
        if self.with_intensities and _is_high(value):
            return True
        return is_on(name, value, self.blank_is_0)

    def notes(self) -> list[str]:
        """Return a sentence if the file has intensities."""
        return ["Intensities from 0 to 3 were read as present above 0."] * self.with_intensities
