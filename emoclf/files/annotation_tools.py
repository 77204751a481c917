"""
Recognises exports of annotation tools by their columns, and turns their records into ordinary rows, one for each rater.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from emoclf.files import argilla, data_sets, label_studio
from emoclf.files.cells import plain
from emoclf.files.columns import peek
from emoclf.files.tables import Row, Table
from emoclf.files.tool_records import Plan


class Tool(Protocol):
    """A module that reads the exports of one tool."""

    NAME: str

    def recognises(self, names: Collection[str]) -> bool:
        """Return whether a file with these lower-case columns is an export of the tool."""

    def plan(self, samples: Sequence[Mapping[str, Any]], emotions: Collection[str], file: str) -> Plan:
        """Return how to read the records of a file, from the cells of its first rows."""


TOOLS: tuple[Tool, ...] = (label_studio, argilla)


def tool_of(names: Iterable[str]) -> Tool | None:
    """Return the module that reads files with these lower-case columns; None if they are of no known tool."""
    names = list(names)
    return next((tool for tool in TOOLS if tool.recognises(names)), None)


def in_rows(table: Table, emotions: Collection[str], file: str) -> Table:
    """Return a table with the columns text, id, labels and annotator in place of the records of an annotation tool.

    Other tables are returned as they are. Each rater's labels are a row of their own, on the same line of the file.

    Raises
    ------
    DataFileError : if the records label parts of texts
    """
    first, rows = peek(table.rows)
    samples = [row.cells for row in first if not row.problem]
    tool = next((found for cells in samples if (found := tool_of(cells))), None)
    if tool is None:
        name = data_sets.named(dict.fromkeys(name for cells in samples for name in cells))
        return replace(table, rows=rows, format=f"{table.format} of {name}" if name else table.format)
    plan = tool.plan([cells for cells in samples if tool_of(cells) is tool], emotions, file)
    notes = (f"It was read as an export of {tool.NAME}.", *(" ".join(plain(note).split()) for note in plan.notes))
    return replace(
        table,
        rows=_converted(rows, plan, emotions),
        notes=(*table.notes, *notes),
        format=f"{table.format} of {tool.NAME}",
    )


def _converted(rows: Iterator[Row], plan: Plan, emotions: Collection[str]) -> Iterator[Row]:
    for row in rows:
        if row.problem:
            yield row
            continue
        try:
            record = plan.read(row.cells)
        except ValueError as problem:
            yield replace(row, problem=str(problem))
            continue
        suggestions = record.suggestions
        for cells in record.cells(emotions):
            yield replace(row, cells=cells, suggestions=suggestions, is_unlabelled=not record.answers)
            suggestions = ()
