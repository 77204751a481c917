"""
The cells of a row that hold its text and its 0/1 labels, and the rejects of rows whose cells cannot be read.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emoclf.files.tables import Row

TEXT_KEY = "text-"  # prefix of the keys of texts without an ID
MAX_CHARACTERS = 10_000  # a tweet has 280; a longer text means a broken file
LABEL_VALUES = {
    **dict.fromkeys(["0", "0.0", "false", "no", "faux", "falsch", "falso"], False),
    **dict.fromkeys(["1", "1.0", "true", "yes", "vrai", "wahr", "verdadero"], True),
}
_NOT_PLAIN = re.compile("[\0\ud800-\udfff]")  # NUL and halves of surrogate pairs
_BROKEN_BYTE = re.compile("(?<![\ud800-\udbff])[\udc80-\udcff]")  # a byte that is not UTF-8, see `decode`
_DECIMAL = re.compile(r"0*([01])(?:[.,]0*)?")


@dataclass(frozen=True)
class Reject:
    """A row that was not read: its line (the header is line 1), the reason, and its content."""

    line: int
    reason: str
    row: str


def rejected(row: Row, problem: ValueError) -> Reject:
    """Return the reject for a row, with its content."""
    content = json.dumps(dict(row.cells), ensure_ascii=False, default=str)
    return Reject(row.line, str(problem), content[:MAX_CHARACTERS])


def text_of(cells: Mapping[str, Any], columns: Sequence[str]) -> str:
    """Return the text of a row from the first of these columns that it has; raise ValueError if it holds none."""
    text = next((cells[name] for name in columns if name in cells), None)
    if isinstance(text, int | float) and not isinstance(text, bool) and text == text:
        text = str(text)
    if not isinstance(text, str) or not text.strip():
        raise ValueError("there is no text")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the text has {len(text):,} characters, more than {MAX_CHARACTERS:,}")
    check_plain("text", text)
    return text


def check_plain(what: str, text: str) -> None:
    """Raise ValueError if a text holds characters that are no text."""
    if not _NOT_PLAIN.search(text):
        return
    if "\0" in text:
        raise ValueError(f"the {what} holds a NUL character, so it is not plain text")
    if _BROKEN_BYTE.search(text):
        raise ValueError(f"the {what} holds bytes that are not UTF-8, unlike the rest of the file")
    raise ValueError(f"the {what} holds half of a surrogate pair, so it is not valid Unicode")


def plain(text: str) -> str:
    """Return a text with the replacement character in place of characters that are no text."""
    return _NOT_PLAIN.sub("\ufffd", text)


def key_of(cells: Mapping[str, Any], text: str, columns: Sequence[str]) -> str:
    """Return a row's ID, or a key derived from its text if it has none."""
    return id_of(cells, columns) or TEXT_KEY + hashlib.sha256(text.encode()).hexdigest()[:16]


def id_of(cells: Mapping[str, Any], columns: Sequence[str]) -> str:
    """Return a row's ID from the first of these columns that it has; empty if it has none."""
    value = next((cells[name] for name in columns if name in cells), None)
    found = "" if value is None or value != value else str(value).strip()
    check_plain("ID", found)
    return found


def row_name(key: str) -> str:
    """Return the name of a row for messages, from its ID."""
    return f"ID {key!r}" if key else "text"


def is_blank(value: Any) -> bool:
    """Return whether a cell holds nothing, or NaN, which stands for nothing."""
    return value is None or str(value).strip().lower() in ("", "nan")


def is_on(name: str, value: Any, blank_is_0: bool = False) -> bool:
    """Return whether the cell of a 0/1 column is 1; raise ValueError if it is neither 0 nor 1.

    >>> is_on("joy", "1,0"), is_on("joy", "FALSE"), is_on("joy", 1.0), is_on("joy", " 0.00"), is_on("joy", "yes")
    (True, False, True, False, True)
    """
    written = str(value).strip().lower()
    if (known := LABEL_VALUES.get(written)) is not None:
        return known
    if found := _DECIMAL.fullmatch(written):
        return found[1] == "1"
    if is_blank(value):
        if blank_is_0:
            return False
        raise ValueError(f"{name} is blank, expected 0 or 1; --blank-is-0 reads blanks as 0")
    raise ValueError(f"{name} is {value!r}, expected 0 or 1")
