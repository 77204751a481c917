"""
Reads the rows of files of every format, and writes rows to CSV, JSONL and Parquet files.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files import annotation_tools
from emoclf.files.annotation_tools import tool_of
from emoclf.files.encodings import decode
from emoclf.files.escaping import escaped
from emoclf.files.json_rows import read_json
from emoclf.files.parquet import read_parquet
from emoclf.files.separated import read_separated
from emoclf.files.sources import KINDS, MAX_ROWS, check_lines, load, too_large
from emoclf.files.tables import PROVENANCE, Expected, Missing, Row, Table
from emoclf.files.workbooks import read_workbook

__all__ = ["PROVENANCE", "Row", "open_table", "read", "write"]


def read(path: Path, missing: Missing) -> Iterator[Row]:
    """Yield the rows of a file with a header; the ending names the format.

    Raises
    ------
    DataFileError : if the file is missing, empty or not text, or its header lacks a column
    """
    yield from open_table(path, Expected(missing)).rows


def open_table(path: Path, expected: Expected, encoding: str | None = None) -> Table:
    """Open a file of any format as a table.

    Parameters
    ----------
    encoding : the encoding of a text file; None if it is to be found out

    Raises
    ------
    DataFileError : if the file is missing, empty or damaged, or its header lacks a column
    SettingError : if there is no encoding of this name
    """
    expected, source = _also_of_tools(expected), load(path)
    if source.ending == ".parquet":
        table = read_parquet(source.data, source.name, expected)
    elif source.ending == ".xlsx":
        table = read_workbook(source.data, source.name, expected)
    else:
        text, encoding = decode(source.data, source.name, encoding)
        if not text.startswith("[", len(text) - len(text.lstrip())):  # an array of JSON may be on one line
            check_lines(text, source.name)
        if source.ending.startswith((".json", ".ndjson")):
            table = read_json(text, source.name, expected.missing)
        else:
            table = read_separated(text, source.name, source.ending, expected)
        table = replace(table, encoding=encoding)
    kind = table.format or KINDS.get(source.ending, "JSON")
    table = replace(table, rows=_limited(table.rows, source.name))
    table = annotation_tools.in_rows(table, expected.emotions, source.name)
    return replace(table, notes=(*source.notes, *table.notes), format=kind)


def _limited(rows: Iterator[Row], name: str) -> Iterator[Row]:
    for n, row in enumerate(rows):
        if n == MAX_ROWS:
            raise too_large(name, f"has more than {MAX_ROWS:,} rows")
        yield row


def _also_of_tools(expected: Expected) -> Expected:
    """Return what is expected of a file that may also be an export of an annotation tool, with columns of its own."""
    return replace(
        expected,
        missing=lambda names: [] if tool_of(seen := list(names)) else expected.missing(seen),
        headerless=lambda first_line: () if tool_of(first_line) else expected.headerless(first_line),
    )


def write(path: Path, records: Iterable[Mapping[str, Any]], header: Sequence[str]) -> int:
    """Write `records` in the format that the ending of `path` names; return their number.

    The write is atomic. In CSV, a cell that a spreadsheet would run as a formula is escaped (see `escaped`).
    """
    if path.suffix.lower() not in WRITERS:
        raise DataFileError(f"{path.name}: the name must end in one of {' '.join(WRITERS)} to tell the format")
    partial = path.with_name(f".{path.name}.partial")
    try:
        count = WRITERS[path.suffix.lower()](partial, records, header)
        partial.replace(path)
    except OSError as error:
        raise DataFileError(f"cannot write {path}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write_csv(path: Path, records: Iterable[Mapping[str, Any]], header: Sequence[str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)  # CRLF line ends: only then does csv quote a carriage return inside a cell
        writer.writerow(header)
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last number is the count
            writer.writerow([escaped(record[name]) for name in header])
    return count


def _write_jsonl(path: Path, records: Iterable[Mapping[str, Any]], header: Sequence[str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last number is the count
            file.write(json.dumps({name: record[name] for name in header}, ensure_ascii=False) + "\n")
    return count


def _write_parquet(path: Path, records: Iterable[Mapping[str, Any]], header: Sequence[str]) -> int:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist([{name: record[name] for name in header} for record in records])
    pyarrow.parquet.write_table(table, path)
    return int(table.num_rows)


WRITERS: dict[str, Callable[[Path, Iterable[Mapping[str, Any]], Sequence[str]], int]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
