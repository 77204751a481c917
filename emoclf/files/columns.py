"""
Chooses the columns of a file that hold the texts, the IDs and the labels, by their names and by what they hold.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files.ids import holds_ids
from emoclf.files.splits import split_named
from emoclf.files.tables import Row

TEXT_COLUMNS, ID_COLUMNS = ("tweet", "text"), ("id", "key")
LABEL_COLUMNS = ("labels", "label", "emotions", "emotion")
SAMPLE = 200  # rows by which columns are chosen
# What a column is taken for.
TEXT, ID, LABELS, SPLIT, EMOTION, METADATA = "text", "ID", "labels", "split", "emotion", "metadata"


@dataclass(frozen=True)
class Columns:
    """The columns to read, of which a row takes the first that it has."""

    texts: tuple[str, ...]
    ids: tuple[str, ...]
    labels: str | None  # the one column of labels; None for a 0/1 column per emotion
    notes: tuple[str, ...] = ()
    present: tuple[str, ...] = ()  # the columns of the first rows, in their order

    def taken_for(self, emotions: Sequence[str]) -> dict[str, str]:
        """Return what each column is taken for: text, ID, labels, emotion, split or metadata.

        >>> columns = Columns(("tweet",), ("id",), "labels", present=("id", "tweet", "labels", "place"))
        >>> columns.taken_for(["joy"])
        {'id': 'ID', 'tweet': 'text', 'labels': 'labels', 'place': 'metadata'}
        """
        roles = dict.fromkeys(emotions, EMOTION) if self.labels is None else {}
        roles |= {"split": SPLIT, self.labels or "": LABELS}
        for columns, role in ((self.ids, ID), (self.texts, TEXT)):
            roles |= dict.fromkeys([one for one in columns if one in self.present][:1], role)
        return {name: roles.get(name, METADATA) for name in self.present}


NO_COLUMNS = Columns(TEXT_COLUMNS, ID_COLUMNS, None)


def lacking(names: Iterable[str], emotions: Sequence[str]) -> tuple[bool, list[str]]:
    """Return whether these lower-case names lack a text column, and the emotions without a column, if any is needed."""
    present = set(names)
    has_labels = present & set(LABEL_COLUMNS) or present.issuperset(emotions)
    return not present & set(TEXT_COLUMNS), [] if has_labels else [name for name in emotions if name not in present]


def peek(rows: Iterator[Row]) -> tuple[list[Row], Iterator[Row]]:
    """Return the first rows, and all rows."""
    first = list(islice(rows, SAMPLE))
    return first, chain(first, rows)


def choose(rows: Sequence[Row], name: str, emotions: Sequence[str]) -> Columns:
    """Choose the columns by the first rows of a file.

    Raises
    ------
    DataFileError : if the only column for texts holds IDs
    """
    cells = [row.cells for row in rows if not row.problem]
    present = dict.fromkeys(column for one in cells for column in one)
    texts = [column for column in TEXT_COLUMNS if column in present]
    with_ids = [column for column in texts if holds_ids([one.get(column) for one in cells])]
    good = [column for column in texts if column not in with_ids]
    if texts and not good:
        raise DataFileError(
            f"the column {texts[0]} of {name} holds IDs, not texts, such as {_example(cells, texts[0])}; name the "
            "column with the texts text"
        )
    notes = []
    if len(texts) > 1:
        why = f", since the column {with_ids[0]} holds IDs" if with_ids else f", not from the column {good[-1]}"
        notes.append(f"The texts are from the column {good[0]}{why}.")
    ids = [column for column in ID_COLUMNS if column in present]
    labels, note = _label_column(cells, present, emotions)
    return Columns(
        tuple(good) or TEXT_COLUMNS,
        tuple(ids or with_ids) or ID_COLUMNS,
        labels,
        tuple(notes + [note] * bool(note)),
        tuple(present),
    )


def unread_splits(rows: Sequence[Row]) -> list[str]:
    """Return a sentence if a column holds names of splits, and no column is named split."""
    cells = [row.cells for row in rows if not row.problem]
    present = dict.fromkeys(column for one in cells for column in one)
    if "split" in present:
        return []
    values = {name: [one[name] for one in cells if one.get(name) not in (None, "")] for name in present}
    found = [name for name in present if values[name] and all(map(_is_split, values[name]))]
    return [f"The column {name} was not read as the split; --split-column {name} reads it." for name in found[:1]]


def _is_split(value: Any) -> bool:
    return isinstance(value, str) and split_named(value) is not None


def _example(cells: Sequence[Mapping[str, Any]], column: str) -> Any:
    return next((one[column] for one in cells if one.get(column) not in (None, "")), "")


def _label_column(
    cells: Sequence[Mapping[str, Any]], present: Mapping[str, None], emotions: Sequence[str]
) -> tuple[str | None, str]:
    """Return the column of labels, if there is one, and a sentence if there are several; names are preferred."""
    found = [column for column in LABEL_COLUMNS if column in present]
    if not found or present.keys() >= set(emotions):
        return None, ""
    named = [column for column in found if any(_names(one.get(column), emotions) for one in cells)]
    chosen = (named or found)[0]
    return chosen, f"The labels are from the column {chosen}, not {found[-1]}." if len(found) > 1 else ""


def _names(cell: Any, emotions: Sequence[str]) -> bool:
    written = str(cell).lower()
    return any(name in written for name in emotions)
