"""
Reads Excel workbooks: the first sheet whose first row is a header with the required columns.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any

import python_calamine

from emoclf.errors import DataFileError
from emoclf.files.escaping import restored
from emoclf.files.sources import MAX_BYTES, too_large
from emoclf.files.tables import Expected, Row, Table, Tally, check_header, header_names

ZIP = b"PK\x03\x04"
MAX_CELLS = 20_000_000  # of one sheet, empty ones between others included
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
EXACT = 10**15  # Excel keeps 15 digits of a number; a larger whole number is a rounded one


def read_workbook(data: bytes, name: str, expected: Expected) -> Table:
    """Return the rows of a workbook; a row's line is its number in the sheet.

    Raises
    ------
    DataFileError : if it is not a workbook, or no sheet has the required columns
    """
    _check_size(data, name)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {one: book.get_sheet_by_name(one).to_python(skip_empty_area=False) for one in book.sheet_names}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise DataFileError(f"{name} cannot be read as an Excel workbook ({error}); save it again as .xlsx") from error
    filled = {one: cells for one, cells in sheets.items() if any(map(_is_filled, cells))}
    if not filled:
        raise DataFileError(f"{name} has no rows in it")
    good = [one for one, cells in filled.items() if not expected.missing(_header(cells)[1])]
    chosen = (good or list(filled))[0]
    start, header = _header(filled[chosen])
    names = list(expected.headerless(header)) if not good else []
    check_header(names or header, name, expected.missing)
    tally = Tally(counted="rows")
    rows = _rows(filled[chosen], names or header, start if names else start + 1, tally)
    notes = (f"It was read from the sheet {chosen}, one of {len(filled)}.",) if len(filled) > 1 else ()
    return Table(rows, tally, notes=notes)


def _check_size(data: bytes, name: str) -> None:
    """Raise DataFileError if a workbook would take too much memory: its sheets are read as a whole."""
    if not data.startswith(ZIP):
        return  # of Excel 97: not compressed, and with few cells
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(one.file_size for one in members) > MAX_BYTES:
                raise too_large(name, "is larger when it is decompressed")
            sheets = [one for one in members if one.filename.lower().startswith("xl/worksheets/")]
            if any(not one.filename.lower().endswith((".xml", ".rels", "/")) for one in sheets) or not sheets:
                raise DataFileError(f"{name} is not an Excel workbook of the kind .xlsx; save it again as .xlsx")
            for one in sheets:
                with archive.open(one) as file:
                    if _cells(file) > MAX_CELLS:
                        raise too_large(name, f"has a sheet with more than {MAX_CELLS:,} cells")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise DataFileError(f"{name} cannot be read as an Excel workbook ({error}); save it again as .xlsx") from error


def _cells(file: IO[bytes]) -> int:
    """Return how many cells the rectangle of a sheet has, from the references of its cells such as "B2"."""
    rows, columns, rest = {0}, {b""}, b""
    while chunk := file.read(1 << 20):
        found = _REFERENCE.findall(rest + chunk)
        columns.update(column for column, _ in found)
        rows.add(max((int(row) for _, row in found), default=0))
        rest = chunk[-20:]
    last = max(columns, key=lambda column: (len(column), column))
    width = 0
    for letter in last:  # columns are numbers with the digits A to Z
        width = 26 * width + letter - 64
    return max(rows) * width


def _is_filled(cells: Sequence[Any]) -> bool:
    return any(cell not in ("", None) for cell in cells)


def _header(sheet: Sequence[Sequence[Any]]) -> tuple[int, list[str]]:
    """Return the position of the first row with content, and its cells as column names, up to the last."""
    start, cells = next((n, cells) for n, cells in enumerate(sheet) if _is_filled(cells))
    last = max(n for n, cell in enumerate(cells) if cell not in ("", None))
    return start, header_names(cells[: last + 1])


def _rows(sheet: Sequence[Sequence[Any]], header: Sequence[str], start: int, tally: Tally) -> Iterator[Row]:
    for n, cells in enumerate(sheet[start:], start=start + 1):
        if not _is_filled(cells):
            continue
        tally.lines += 1
        values = restored(header, [_value(cell) for cell in cells])
        if _is_filled(cells[len(header) :]):
            yield Row(n, {"cells": values}, f"it has {len(cells)} cells, the header has {len(header)}")
        else:
            yield Row(n, dict(zip(header, values, strict=False)))


def _value(cell: Any) -> Any:
    """Return a cell as it would be written in CSV; a number that Excel has rounded stays a number.

    >>> _value(1.0), _value(True), _value("joy"), _value(1.29403e18)
    ('1', True, 'joy', 1.29403e+18)
    """
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    return cell if isinstance(cell, bool | float | str) or cell is None else str(cell)
