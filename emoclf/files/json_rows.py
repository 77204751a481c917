"""
Reads JSON: one object on each line, one array of objects, or an object that holds arrays of objects.

An object that has a name twice is rejected: other readers take the last of its values, and say nothing.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files import json_wrappers
from emoclf.files.json_wrappers import Lists
from emoclf.files.sources import MAX_LINE, MAX_ROWS, too_large
from emoclf.files.tables import Missing, Row, Table, Tally, column_key, no_text

SHOWN = 1000  # characters of an object that is too long to be read
SEEN = 200  # characters of the names in an object
_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(text: str, name: str, missing: Missing) -> Table:
    """Return the rows of a JSON file: each line with an object, or each object of the one array that the file is.

    Raises
    ------
    DataFileError : if the file is neither
    """
    tally = Tally()
    start = _after_space(text, 0)
    end = text.find("\n", start)  # io.StringIO takes four bytes for each character of a long line
    end = end if end >= 0 else len(text)
    first, is_one_line = text[start:end], not text[end:].strip()
    if not is_one_line and _is_json(first):
        return Table(_lines(text, missing, tally), tally)
    if first[:1] == "[":
        return _array(text, name, missing, is_one_line)
    decoder = Decoder()
    try:
        value = decoder.decode(text)
    except (ValueError, RecursionError) as error:
        if first.strip() == "{":
            raise _neither(name, error) from error
        return Table(_lines(text, missing, tally), tally)
    if wrapped := json_wrappers.lists_in(value, missing):
        if decoder.twice:
            raise DataFileError(f"{name} has an object in which the name {decoder.twice[0]!r} stands twice")
        return _wrapped(wrapped, missing)
    if is_one_line:
        return Table(_lines(text, missing, tally), tally)
    raise DataFileError(
        f"{name} holds a single JSON value; expected an array of objects (in pandas, orient='records'), or an object "
        f"on each line{json_wrappers.named(value)}"
    )


def _wrapped(lists: Lists, missing: Missing) -> Table:
    """Return the objects of arrays that one object holds, as rows in the splits that their names say."""
    records = [(split, one) for split, found in lists.records.items() for one in found]
    if not lists.are_splits:
        records = [("", one) for _, one in records]
    tally = Tally(lines=len(records), counted="records", unit="record")
    rows = (_row(n, one, str(one), missing, (), split) for n, (split, one) in enumerate(records, start=1))
    source = f"the names of its lists {' and '.join(lists.records)}" if lists.are_splits else ""
    return Table(rows, tally, notes=(lists.note,), split_source=source)


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
    return Table((replace(row, line=n) for n, row in enumerate(rows, start=1)), tally)


def _neither(name: str, error: Exception) -> DataFileError:
    return DataFileError(f"{name} is neither valid JSON ({error}) nor JSON with an object on each line")


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(text: str, missing: Missing, tally: Tally) -> Iterator[Row]:
    decoder = Decoder()
    for line, one in enumerate(io.StringIO(text, newline=None), start=1):
        if not one.strip():
            continue
        tally.lines += 1
        try:
            value = decoder.decode(one)
        except (ValueError, RecursionError) as error:
            yield Row(line, {"line": one.strip()}, f"it is not JSON ({error})")
        else:
            yield _row(line, value, one, missing, decoder.twice)


def _items(text: str, missing: Missing, tally: Tally) -> Iterator[Row]:
    """Yield the objects of an array, each with the line on which it begins."""
    decoder = Decoder()
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
            yield _row(line, value, text[start:position], missing, decoder.twice)
        line += text.count("\n", start, position)
    if text[start + 1 :].strip():
        raise json.JSONDecodeError("Extra data", text, start + 1)


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _row(line: int, value: Any, written: str, missing: Missing, twice: Sequence[str] = (), split: str = "") -> Row:
    """Return the row of one object; `twice` are the names that it has twice, `split` is that of its list."""
    if not isinstance(value, dict):
        return Row(line, {"line": written.strip()}, "it is not a JSON object")
    cells = {column_key(name): cell for name, cell in value.items()}
    if twice or len(cells) < len(value):
        keys = Counter(map(column_key, value))
        named = twice[0] if twice else next(name for name in keys if keys[name] > 1)
        return Row(line, {"line": written.strip()[:SHOWN]}, f"the name {named!r} stands twice in it")
    if split and not str(cells.get("split") or "").strip():
        cells["split"] = split
    if not (absent := missing(cells)):
        return Row(line, cells)
    seen = f", and has {', '.join(cells)[:SEEN]}" if (advice := no_text(absent)) else ""
    return Row(line, cells, f"it lacks {', '.join(absent)}{seen}{advice}")


class Decoder(json.JSONDecoder):
    """Decodes JSON values one by one; `twice` has the names that stood twice in an object of the latest one."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=self._object)
        self.twice: list[str] = []

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        """As in the standard library."""
        self.twice = []
        return super().raw_decode(s, idx)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            self.twice += [name for name in counts if counts[name] > 1]
        return found
