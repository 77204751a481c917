"""
Opens a file in which a person chose the columns: those get the names that readers look for, others never stand in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emoclf.files.columns import ID_COLUMNS, LABEL_COLUMNS, TEXT_COLUMNS, peek
from emoclf.files.reading import Reading
from emoclf.files.rows import open_table
from emoclf.files.tables import TEXT_COLUMN, Expected, Row, Table, column_key

OTHER = "other "  # begins the name of a column that would be read if another one had not been chosen


class Renaming:
    """New names of columns, so that each chosen column is the one that readers take for its purpose."""

    def __init__(self, reading: Reading, emotions: Sequence[str]) -> None:
        usual = {  # the name that a chosen column gets, and all names that are read without a choice
            "text_column": ("tweet", TEXT_COLUMNS),
            "id_column": ("id", ID_COLUMNS),
            "labels_column": ("labels", (*LABEL_COLUMNS, *emotions)),
            "split_column": ("split", ("split",)),
        }
        self.names: dict[str, str] = {}
        chosen = {}
        for field, (name, known) in usual.items():
            if (column := getattr(reading, field)) is not None:
                chosen[column_key(column)] = name
                self.names |= {one: f"{OTHER}{one}" for one in known}
        self.names |= chosen
        self.chosen = tuple(chosen)

    def __bool__(self) -> bool:
        return bool(self.names)

    def of(self, name: str) -> str:
        """Return the new name of a column."""
        return self.names.get(name, name)

    def old(self, name: str) -> str:
        """Return the name of a column in the file."""
        return next((old for old, new in self.names.items() if new == name), name)

    def cells(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the cells of a row under the new names."""
        return {self.names.get(name, name): cell for name, cell in cells.items()}

    def missing(self, names: Iterable[str], expected: Expected) -> list[str]:
        """Return the chosen columns that are not there, and what is required besides."""
        seen = list(names)
        absent = [name for name in self.chosen if name not in seen]
        return absent + [one for one in expected.missing(map(self.of, seen)) if not absent or one != TEXT_COLUMN]


def open_as_told(path: Path, expected: Expected, reading: Reading, emotions: Sequence[str]) -> Table:
    """Open a file as a table, with the columns that a person chose under the usual names.

    Raises
    ------
    DataFileError, SettingError : as `open_table`
    """
    renaming = Renaming(reading, emotions)
    if not renaming:
        return open_table(path, expected, reading.encoding)
    told = replace(
        expected,
        missing=lambda names: renaming.missing(names, expected),
        is_row=lambda cells: expected.is_row(renaming.cells(cells)),
    )
    table = open_table(path, told, reading.encoding)
    return replace(table, rows=_renamed(table.rows, renaming))


def _renamed(rows: Iterator[Row], renaming: Renaming) -> Iterator[Row]:
    for row in rows:
        yield row if row.problem else replace(row, cells=renaming.cells(row.cells))


def column_names(path: Path, encoding: str | None = None) -> list[str]:
    """Return the columns of a file in their order, also if it lacks columns that an import needs.

    Raises
    ------
    DataFileError, SettingError : as `open_table`
    """
    first, _ = peek(open_table(path, Expected(lambda names: []), encoding).rows)
    return list(dict.fromkeys(name for row in first if not row.problem for name in row.cells))
