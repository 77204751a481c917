"""
Reads and writes rows of tab-separated, CSV, JSONL and Parquet files.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emoclf.errors import DataFileError

# Returns the required columns that a lower-case header lacks.
Missing = Callable[[Iterable[str]], list[str]]

csv.field_size_limit(2**31 - 1)  # an over-long cell rejects one row, not the whole file
PROVENANCE = "label_origin"  # only our own exports have this column: their cells are escaped
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # a cell that a spreadsheet would run, or that is escaped already


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, its cells by lower-case column name, and the problem, if it cannot be used."""

    line: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def read(path: Path, missing: Missing, names: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the rows of a file; the ending names the format.

    Parameters
    ----------
    names : the columns of a separated file without a header; empty if the first line names them

    Raises
    ------
    DataFileError : if the file is missing, empty or not text, or its header lacks a column
    """
    _check_file(path)
    if names:
        yield from _read_separated(path, missing, names)
    else:
        yield from READERS[path.suffix.lower()](path, missing)


def first_line(path: Path) -> list[str]:
    """Return the trimmed lower-case cells of a separated file's first line; empty for other formats.

    Raises
    ------
    DataFileError : if the file is missing, empty or not text
    """
    _check_file(path)
    if path.suffix.lower() not in DIALECTS:
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [name.strip().lower() for name in next(_cells(file, path), [])]


def _check_file(path: Path) -> None:
    if path.suffix.lower() not in READERS:
        raise DataFileError(f"{path.name}: the name must end in one of {' '.join(READERS)} to tell the format")
    if not path.is_file():
        raise DataFileError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise DataFileError(f"{path.name} is empty")


def escaped(cell: Any) -> Any:
    """Prefix a cell with an apostrophe if a spreadsheet would treat it as a formula.

    >>> escaped("@ana hi"), escaped("hi"), unescaped(escaped("'=1"))
    ("'@ana hi", 'hi', "'=1")
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def unescaped(text: str) -> str:
    """Undo `escaped`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _text_lines(file: Iterable[str], path: Path) -> Iterator[str]:
    try:
        yield from file
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"{path.name} is not UTF-8 text (byte {error.object[error.start]:#04x} cannot be read); save it as UTF-8"
        ) from error


def _check_header(header: Sequence[str], path: Path, missing: Missing) -> None:
    if absent := missing(header):
        seen = ", ".join(header)[:200] if all(name.isprintable() for name in header) else "something unreadable"
        raise DataFileError(f"{path.name} has no column {', '.join(absent)}; its first line reads: {seen}")
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise DataFileError(f"{path.name} has more than one column {', '.join(repeated)}")


def _cells(file: Iterable[str], path: Path) -> Any:
    return csv.reader(_text_lines(file, path), **DIALECTS[path.suffix.lower()])


def _read_separated(path: Path, missing: Missing, names: Sequence[str] = ()) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = _cells(file, path)
        header = list(names) or [name.strip().lower() for name in next(reader, [])]
        _check_header(header, path, missing)
        for cells in reader:
            if not any(cells):
                continue
            if PROVENANCE in header:
                cells = [unescaped(cell) for cell in cells]
            if len(cells) == len(header):
                yield Row(reader.line_num, dict(zip(header, cells, strict=True)))
            else:
                problem = f"it has {len(cells)} cells, the {'first line' if names else 'header'} has {len(header)}"
                yield Row(reader.line_num, {"cells": cells}, problem)


def _read_jsonl(path: Path, missing: Missing) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(_text_lines(file, path), start=1):
            if not text.strip():
                continue
            try:
                value = json.loads(text)
            except (ValueError, RecursionError) as error:
                yield Row(line, {"line": text.strip()}, f"it is not JSON ({error})")
                continue
            if not isinstance(value, dict):
                yield Row(line, {"line": text.strip()}, "it is not a JSON object")
                continue
            cells = {str(name).lower(): cell for name, cell in value.items()}
            absent = missing(cells)
            yield Row(line, cells, f"it lacks {', '.join(absent)}" if absent else "")


def _read_parquet(path: Path, missing: Missing) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataFileError(f"{path.name} cannot be read as Parquet ({str(error).splitlines()[0]})") from error
    header = [name.lower() for name in table.column_names]
    _check_header(header, path, missing)
    for line, cells in enumerate(table.rename_columns(header).to_pylist(), start=2):
        yield Row(line, cells)


TABBED = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
DIALECTS: dict[str, dict[str, Any]] = {".txt": TABBED, ".tsv": TABBED, ".csv": {}}
READERS: dict[str, Callable[[Path, Missing], Iterator[Row]]] = {
    ".txt": _read_separated,
    ".tsv": _read_separated,
    ".csv": _read_separated,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
}


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
