"""
The further columns of a row, which become the metadata of its tweet: text, whatever the file holds.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from emoclf.files.cells import plain


def of(cells: Mapping[str, Any], read: Collection[str | None]) -> dict[str, str]:
    """Return the metadata in the cells of a row, without the columns that are read for something else.

    >>> of({"id": 1, "lang": "en", "place": {"city": "Rome"}, "cut": "off \\ud83d", "none": None}, {"id"})
    {'lang': 'en', 'place': '{"city": "Rome"}', 'cut': 'off \ufffd'}
    """
    return {plain(str(name)): written(value) for name, value in cells.items() if name not in read and value is not None}


def written(value: Any) -> str:
    """Return a value as text: nested values as JSON, and the replacement character for characters that are no text."""
    if isinstance(value, dict | list | tuple):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return plain(str(value))
