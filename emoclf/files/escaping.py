"""
Escapes the cells of CSV files for spreadsheets, and restores them, also in files of earlier versions.

A spreadsheet runs a cell such as `=1+1` as a formula, and rounds an ID such as 1294030472427835393. An apostrophe
before such a cell makes it text. Exports of tweets say in the column `escaped` whether that was done; exports of
earlier versions have no such column, and their formulas are always escaped.
"""

import re
from collections.abc import Sequence
from typing import Any

from emoclf.files.provenance import is_own
from emoclf.files.tables import PROVENANCE

ESCAPED = "escaped"  # the column of our CSV exports that says whether their cells are escaped
EXACT, FOR_SPREADSHEETS = "no", "for spreadsheets"  # its values
_EARLIER = re.compile(r"'*[=+\-@\t\r]")  # a cell that earlier versions escaped, or that looks like one they escaped
# Spreadsheets skip white space and invisible characters, and take full-width and small signs for the usual ones.
_FORMULA = re.compile(r"[\s\0\xad\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠﹢﹣﹦﹫]|[\t\r\n]")
_FIGURES = re.compile(r"[\d\s.,:%()+\-−–…/]*")  # of a table, such as -1.0 (-2.1 … +0.3)
_NUMBER = re.compile(r"(?=\D*\d)[\s\d.,:/+\-()%$€£¥]+([eE][+-]?\d+)?|true|false", re.IGNORECASE)
_DATE = re.compile(r"(\d+[-/. ]*)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/., \d]*", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


def escaped(cell: Any) -> Any:
    """Prefix a text with an apostrophe if a spreadsheet would read it as a formula, a number or a date.

    A text that begins with an apostrophe gets another one, so that `unescaped` always returns the text as it was.

    >>> escaped("@ana hi"), escaped("hi"), escaped("1294030472427835393"), escaped("2018-En-00001"), escaped(1)
    ("'@ana hi", 'hi', "'1294030472427835393", '2018-En-00001', 1)
    >>> escaped("'tis"), unescaped(escaped("'=1")), escaped("3-May")
    ("''tis", "'=1", "'3-May")
    """
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.startswith("'") or _FORMULA.match(cell) or _is_value(cell.strip()) else cell


def without_formula(cell: Any) -> Any:
    """Prefix a text with an apostrophe if a spreadsheet would run it; numbers and figures stay as they are.

    >>> without_formula("=1+1"), without_formula("-1.0 (-2.1 … +0.3)"), without_formula(-1.0)
    ("'=1+1", '-1.0 (-2.1 … +0.3)', -1.0)
    """
    runs = isinstance(cell, str) and _FORMULA.match(cell) and not _FIGURES.fullmatch(cell)
    return f"'{cell}" if runs else cell


def _is_value(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def unescaped(text: str) -> str:
    """Undo `escaped`."""
    return text.removeprefix("'")


def restored(header: Sequence[str], cells: Sequence[Any]) -> Sequence[Any]:
    """Return the cells of a row as they were before they were escaped; `header` has lower-case names.

    >>> restored(["id", "tweet", "labels", "label_origin"], ["1", "'=1", "joy", "original"])
    ['1', '=1', 'joy', 'original']
    >>> restored(["id", "tweet", "labels", "label_origin", "escaped"], ["1", "'=1", "joy", "original", "no"])
    ['1', "'=1", 'joy', 'original', 'no']
    >>> restored(["id", "tweet", "labels", "label_origin"], ["1", "'=1", "joy", "a survey"])  # not our export
    ['1', "'=1", 'joy', 'a survey']
    """
    if PROVENANCE not in header or not _is_own(header, cells):
        return cells
    undo = _unescaped_of_earlier_versions
    if ESCAPED in header:
        place = header.index(ESCAPED)
        if place >= len(cells) or cells[place] != FOR_SPREADSHEETS:
            return cells
        undo = unescaped
    return [undo(cell) if isinstance(cell, str) else cell for cell in cells]


def _is_own(header: Sequence[str], cells: Sequence[Any]) -> bool:
    """Return whether a row is of our own export; its origin of labels may be escaped: "decision" begins like a date."""
    found = dict(zip(header, cells, strict=False))
    return is_own(found | {PROVENANCE: unescaped(str(found.get(PROVENANCE)))})


def _unescaped_of_earlier_versions(text: str) -> str:
    return text[1:] if text.startswith("'") and _EARLIER.match(text) else text


def without_surrogates(text: str) -> str:
    r"""Return a text with halves of surrogate pairs written as six characters, such as \ud83d; no file can hold them.

    Within JSON that is the same text still.
    """
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
