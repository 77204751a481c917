"""
Reads Excel workbooks: the first sheet whose first row is a header with the required columns.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import python_calamine

from emoclf.errors import DataFileError
from emoclf.files.escaping import restored
from emoclf.files.tables import Expected, Row, Table, Tally, check_header, header_names

EXACT = 10**15  # Excel keeps 15 digits of a number; a larger whole number is a rounded one


def read_workbook(data: bytes, name: str, expected: Expected) -> Table:
    """Return the rows of a workbook; a row's line is its number in the sheet.

    Raises
    ------
    DataFileError : if it is not a workbook, or no sheet has the required columns
    """
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
    tally = Tally()
    rows = _rows(filled[chosen], names or header, start if names else start + 1, tally)
    notes = (f"It was read from the sheet {chosen}, one of {len(filled)}.",) if len(filled) > 1 else ()
    return Table(rows, tally, notes=notes)


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
