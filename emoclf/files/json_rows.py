"""
Reads JSON: one object on each line, or one array of objects.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files.sources import MAX_LINE, MAX_ROWS, too_large
from emoclf.files.tables import Missing, Row, Table, Tally

SHOWN = 1000  # characters of an object that is too long to be read
NUMBERED = "Several records stand on one line, so what is called a line is the number of a record."
_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(text: str, name: str, missing: Missing) -> Table:
    """Return the rows of a JSON file: each line with an object, or each object of the one array that the file is.

    Raises
    ------
    DataFileError : if the file is neither
    """
    tally = Tally()
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    is_one_line = text.strip() == first.strip()
    if not is_one_line and _is_json(first):
        return Table(_lines(text, missing, tally), tally)
    if text.lstrip()[:1] == "[":
        return _array(text, name, missing, is_one_line)
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        if first.strip() == "{":
            raise _neither(name, error) from error
        return Table(_lines(text, missing, tally), tally)
    if is_one_line:
        return Table(_lines(text, missing, tally), tally)
    raise DataFileError(
        f"{name} holds a single JSON value; expected an array of objects (in pandas, orient='records'), or an object "
        "on each line"
    )


def _array(text: str, name: str, missing: Missing, is_one_line: bool) -> Table:
    """Return the objects of one array; its content is checked first, one object at a time, and read again later."""
    tally = Tally(counted="records")
    try:
        before = 0
        for n, row in enumerate(_items(text, lambda names: [], Tally())):
            if n == MAX_ROWS:
                raise too_large(name, f"has more than {MAX_ROWS:,} rows")
            if row.line == before:  # a line is no name of a record then
                tally.unit = "record"
            before = row.line
    except RecursionError as error:
        if is_one_line:
            return Table(_lines(text, missing, lines := Tally()), lines)
        raise _neither(name, error) from error
    except ValueError as error:
        raise _neither(name, error) from error
    rows = _items(text, missing, tally)
    if tally.unit == "line":
        return Table(rows, tally)
    return Table((replace(row, line=n) for n, row in enumerate(rows, start=1)), tally, notes=(NUMBERED,))


def _neither(name: str, error: Exception) -> DataFileError:
    return DataFileError(f"{name} is neither valid JSON ({error}) nor JSON with an object on each line")


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
    decoder = json.JSONDecoder()
    position, line = text.index("[") + 1, 1 + text.count("\n", 0, text.index("["))
    is_first = True
    while True:
        start = _after_space(text, position)
        if not is_first and text[start : start + 1] == ",":
            start = _after_space(text, start + 1)
        elif text[start : start + 1] == "]":
            break
        elif not is_first:
            raise json.JSONDecodeError("Expecting ',' delimiter", text, start)
        line += text.count("\n", position, start)
        value, position = decoder.raw_decode(text, start)
        is_first = False
        tally.lines += 1
        if position - start > MAX_LINE:
            yield Row(line, {"line": text[start : start + SHOWN]}, f"it has more than {MAX_LINE:,} characters")
        else:
            yield _row(line, value, text[start:position], missing)
        line += text.count("\n", start, position)
    if text[start + 1 :].strip():
        raise json.JSONDecodeError("Extra data", text, start + 1)


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _row(line: int, value: Any, written: str, missing: Missing) -> Row:
    if not isinstance(value, dict):
        return Row(line, {"line": written.strip()}, "it is not a JSON object")
    cells = {str(name).strip().lower(): cell for name, cell in value.items()}
    absent = missing(cells)
    return Row(line, cells, f"it lacks {', '.join(absent)}" if absent else "")
