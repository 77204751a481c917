"""
Reads the rows of files of every format, and writes rows to CSV, JSONL and Parquet files.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files import annotation_tools
from emoclf.files.annotation_tools import tool_of
from emoclf.files.encodings import decode
from emoclf.files.escaping import ESCAPED, EXACT, FOR_SPREADSHEETS, escaped
from emoclf.files.json_rows import read_json
from emoclf.files.parquet import read_parquet
from emoclf.files.separated import read_separated
from emoclf.files.sources import KINDS, MAX_ROWS, check_lines, load, too_large
from emoclf.files.tables import PROVENANCE, Expected, Missing, Row, Table
from emoclf.files.workbooks import read_workbook

__all__ = ["PROVENANCE", "Row", "open_table", "read", "write"]

BATCH = 5_000  # rows of a Parquet file that are converted at a time


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
    table = replace(table, rows=_limited(table.rows, source.name), format=kind)
    table = annotation_tools.in_rows(table, expected.emotions, source.name)
    return replace(table, notes=(*source.notes, *table.notes))


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


def write(
    path: Path,
    records: Iterable[Mapping[str, Any]],
    header: Sequence[str],
    types: Mapping[str, type] | None = None,
    for_spreadsheet: bool = False,
) -> int:
    """Write `records` in the format that the ending of `path` names; return their number. The write is atomic.

    Parameters
    ----------
    types : int, float or bool for the columns of numbers, for Parquet; the other columns are texts. None: as the
        records show, which takes memory for all of them
    for_spreadsheet : write CSV as a spreadsheet needs it, see `emoclf.files.escaping`; otherwise all cells are exact

    Raises
    ------
    DataFileError : if the name has another ending, or the file cannot be written
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise DataFileError(f"{path.name}: the name must end in one of {' '.join(ENDINGS)} to tell the format")
    partial = path.with_name(f".{path.name}.partial")
    try:
        if ending == ".csv":
            count = _write_csv(partial, records, header, for_spreadsheet)
        elif ending == ".jsonl":
            count = _write_jsonl(partial, records, header)
        else:
            count = _write_parquet(partial, records, header, types)
        partial.replace(path)
    except OSError as error:
        raise DataFileError(f"cannot write {path}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write_csv(
    path: Path, records: Iterable[Mapping[str, Any]], header: Sequence[str], for_spreadsheet: bool = False
) -> int:
    form = [FOR_SPREADSHEETS if for_spreadsheet else EXACT] if PROVENANCE in header else []
    encoding = "utf-8-sig" if for_spreadsheet else "utf-8"  # Excel recognises UTF-8 by its byte order mark
    counted, cells = _Counted(records), _cells_of(header)
    with path.open("w", encoding=encoding, errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)  # CRLF line ends: only then does csv quote a carriage return inside a cell
        writer.writerow([*header, ESCAPED] if form else header)
        if for_spreadsheet:
            writer.writerows((*map(escaped, cells(record)), *form) for record in counted)
        else:
            writer.writerows((*cells(record), *form) for record in counted)
    return counted.n


def _write_jsonl(path: Path, records: Iterable[Mapping[str, Any]], header: Sequence[str]) -> int:
    counted, cells = _Counted(records), _cells_of(header)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(encode(dict(zip(header, cells(record), strict=True))) + "\n" for record in counted)
    return counted.n


def _cells_of(header: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """Return a function from a record to its cells in the order of the header."""
    if len(header) > 1:
        return itemgetter(*header)
    return lambda record: [record[name] for name in header]


class _Counted:
    """Passes records on and counts them."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        self.records, self.n = records, 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for record in self.records:
            self.n += 1
            yield record


def _write_parquet(
    path: Path, records: Iterable[Mapping[str, Any]], header: Sequence[str], types: Mapping[str, type] | None
) -> int:
    import pyarrow
    import pyarrow.parquet

    if types is None:
        table = pyarrow.Table.from_pylist([{name: record[name] for name in header} for record in records])
        pyarrow.parquet.write_table(table, path)
        return int(table.num_rows)
    schema = pyarrow.schema([(name, pyarrow_type(types.get(name, str))) for name in header])
    count = 0
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        rest = iter(records)
        while some := list(islice(rest, BATCH)):
            columns = [pyarrow.array([record[name] for record in some], schema.field(name).type) for name in header]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))
            count += len(some)
    return count


def pyarrow_type(kind: type) -> Any:
    """Return the Arrow type of a column of texts, whole numbers, numbers or booleans."""
    import pyarrow

    return {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}[kind]


ENDINGS = (".csv", ".jsonl", ".parquet")
