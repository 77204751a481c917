"""
Reads JSON: one object on each line, or one array of objects.
"""

import io
import json
from collections.abc import Iterator
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files.tables import Missing, Row, Table, Tally


def read_json(text: str, name: str, missing: Missing) -> Table:
    """Return the rows of a JSON file: each line with an object, or each object of the one array that the file is.

    Raises
    ------
    DataFileError : if the file is neither
    """
    tally = Tally()
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    if _is_json(first) and text.strip() != first.strip():
        return Table(_lines(text, missing, tally), tally)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        if first.strip() in ("[", "{") or (first.lstrip().startswith("[") and isinstance(error, ValueError)):
            raise DataFileError(
                f"{name} is neither valid JSON ({error}) nor JSON with an object on each line"
            ) from error
        return Table(_lines(text, missing, tally), tally)
    if isinstance(whole, list):
        return Table(_items(text, missing, tally), tally)
    if first.strip() == text.strip():
        return Table(_lines(text, missing, tally), tally)
    raise DataFileError(
        f"{name} holds a single JSON value; expected an array of objects (in pandas, orient='records'), or an object "
        "on each line"
    )


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(text: str, missing: Missing, tally: Tally) -> Iterator[Row]:
    for line, one in enumerate(io.StringIO(text, newline=None), start=1):
        if not one.strip():
            continue
        tally.lines += 1
        try:
            value = json.loads(one)
        except (ValueError, RecursionError) as error:
            yield Row(line, {"line": one.strip()}, f"it is not JSON ({error})")
        else:
            yield _row(line, value, one, missing)


def _items(text: str, missing: Missing, tally: Tally) -> Iterator[Row]:
    """Yield the objects of an array, each with the line on which it begins."""
    decoder, position, line = json.JSONDecoder(), text.index("[") + 1, 1 + text.count("\n", 0, text.index("["))
    while True:
        start = position
        while text[start] in " \t\r\n,":
            start += 1
        line += text.count("\n", position, start)
        if text[start] == "]":
            return
        value, position = decoder.raw_decode(text, start)
        tally.lines += 1
        yield _row(line, value, text[start:position], missing)
        line += text.count("\n", start, position)


def _row(line: int, value: Any, written: str, missing: Missing) -> Row:
    if not isinstance(value, dict):
        return Row(line, {"line": written.strip()}, "it is not a JSON object")
    cells = {str(name).strip().lower(): cell for name, cell in value.items()}
    absent = missing(cells)
    return Row(line, cells, f"it lacks {', '.join(absent)}" if absent else "")
