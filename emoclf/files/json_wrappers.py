"""
Recognises a JSON object that holds arrays of objects: one for each split, or one under a usual name such as data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emoclf.files.splits import split_named
from emoclf.files.tables import Missing, column_key

NAMES = ("data", "rows", "examples", "items", "records", "tweets", "texts", "documents", "instances", "results")
AROUND_ROWS = frozenset(["row_idx", "row", "truncated_cells"])  # as the data set server of Hugging Face answers

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Lists:
    """The arrays of objects that one object holds, by name."""

    records: Mapping[str, Records]
    are_splits: bool  # whether each name is that of a split

    @property
    def note(self) -> str:
        """A sentence on what was read.

        >>> Lists({"train": [], "test": []}, are_splits=True).note, Lists({"data": []}, are_splits=False).note
        ('Its lists train and test were read as splits.', 'Its list data was read.')
        """
        if not self.are_splits:
            return f"Its list {''.join(self.records)} was read."
        verb = "list {} was read as a split" if len(self.records) == 1 else "lists {} were read as splits"
        return f"Its {verb.format(' and '.join(self.records))}."


def lists_in(value: Any, missing: Missing) -> Lists | None:
    """Return the arrays to read in a JSON value; None if it is no such object, or has all columns of a row itself.

    >>> lists_in({"train": [{"text": "hi"}], "version": 1}, lambda names: ["text"])
    Lists(records={'train': [{'text': 'hi'}]}, are_splits=True)
    """
    found = _arrays(value)
    if not any(found.values()) or not missing(map(column_key, value)):
        return None
    if all(split_named(name) for name in found):
        return Lists({name: _rows(records) for name, records in found.items()}, are_splits=True)
    usual = [name for name in found if column_key(name) in NAMES]
    return Lists({usual[0]: _rows(found[usual[0]])}, are_splits=False) if len(found) == len(usual) == 1 else None


def named(value: Any) -> str:
    """Return the names of the arrays in a JSON value that cannot be read, as the end of a sentence."""
    found = _arrays(value)
    return f"; its arrays are {', '.join(map(str, found))}" if found else ""


def _arrays(value: Any) -> dict[str, Records]:
    if not isinstance(value, dict):
        return {}
    return {
        name: found
        for name, found in value.items()
        if isinstance(found, list) and all(isinstance(one, dict) for one in found)
    }


def _rows(records: Records) -> Records:
    if all("row" in one and isinstance(one["row"], dict) and one.keys() <= AROUND_ROWS for one in records):
        return [one["row"] for one in records]
    return records
