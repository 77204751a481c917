"""
Recognises IDs: rounded ones, which would give different tweets the same ID, and columns that hold IDs and no text.
"""

import re
from collections.abc import Sequence
from typing import Any

from emoclf.errors import DataFileError

EXACT = 2**53  # whole numbers up to this are exact as floating-point numbers
DIGITS = 15  # that Excel keeps
BY_CHANCE = 3  # zeros beyond those digits, in all IDs together, that chance gives one file in 1000
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+\d+|[+-]?\d+[.,]\d+[eE]\d+")
_FLOAT = re.compile(r"\d+\.0+")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_CODE = re.compile(r"(?=(?:.*\d){3})[\w.:/-]+")
LONG = 10  # digits of a number that is an ID


class IdCheck:
    """Looks at the IDs of a file one by one, and refuses the file if they look rounded."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.large: list[int] = []  # whole numbers beyond EXACT
        self.seen = self.decimals = 0
        self.example: tuple[int, Any] | None = None
        self.rounded: tuple[int, Any] | None = None  # line and ID

    def add(self, line: int, value: Any) -> None:
        """Look at one ID, as it stands in the file; blank ones do not count."""
        if value is None or value == "" or value != value:
            return
        self.seen += 1
        if self.rounded:
            return
        written = str(value).strip()
        if not (written[:1].isdigit() or written.startswith(("+", "-"))):
            return  # no number
        if isinstance(value, float) or _SCIENTIFIC.fullmatch(written):
            self.rounded = line, value
        elif _FLOAT.fullmatch(written):
            self.decimals += 1
            self.example = self.example or (line, value)
        elif written.isascii() and written.isdecimal() and int(written[:40]) > EXACT:
            self.large.append(int(written[:40]))
            self.example = self.example or (line, value)

    def finish(self) -> None:
        """Raise DataFileError if the IDs look rounded."""
        zeros = sum(max(0, len(str(one)) - DIGITS) for one in self.large)
        all_zeros = all(one % 10 ** max(0, len(str(one)) - DIGITS) == 0 for one in self.large)
        if not self.rounded and ((self.decimals and self.decimals == self.seen) or (all_zeros and zeros >= BY_CHANCE)):
            self.rounded = self.example
        if self.rounded:
            line, value = self.rounded
            raise DataFileError(
                f"the IDs of {self.name} look rounded, such as {value} on line {line}, and rounded IDs make one "
                "tweet of several; export the IDs again as text (in Excel, import the column as Text; in pandas, read "
                "it with dtype=str)"
            )


def holds_ids(values: Sequence[Any]) -> bool:
    """Return whether a column holds IDs: long numbers or codes of the same kind, and no words.

    >>> holds_ids(["1294030472427835393", "1.29E+18"]), holds_ids(["2018-En-00001", "2018-En-00002"])
    (True, True)
    >>> holds_ids(["so happy", "12"]), holds_ids(["covid19", "happy"])
    (False, False)
    """
    words = [str(value).strip() for value in values if value is not None and str(value).strip()]
    return bool(words) and (all(map(_is_long_number, words)) or (len(words) > 1 and all(map(_CODE.fullmatch, words))))


def is_number(text: str) -> bool:
    """Return whether a text is nothing but a number.

    >>> is_number("12"), is_number("1,5"), is_number("12 days")
    (True, True, False)
    """
    return bool(_NUMBER.fullmatch(text.strip()))


def _is_long_number(word: str) -> bool:
    return is_number(word) and (len(word) >= LONG or "e" in word.lower())
