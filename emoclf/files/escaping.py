"""
Escapes the cells of exported CSV files that a spreadsheet would run as formulas.
"""

import re
from typing import Any

_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # a cell that a spreadsheet would run, or that is escaped already


def escaped(cell: Any) -> Any:
    """Prefix a cell with an apostrophe if a spreadsheet would treat it as a formula.

    >>> escaped("@ana hi"), escaped("hi"), unescaped(escaped("'=1"))
    ("'@ana hi", 'hi', "'=1")
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def unescaped(text: str) -> str:
    """Undo `escaped`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
