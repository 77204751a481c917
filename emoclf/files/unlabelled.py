"""
Tells tweets without labels from tweets with no emotion: a row says the first with NONE, or a person says it of a file.

A file that lost its labels looks like one that never had any. So blank cells, and a file without label columns, are
read as "without labels" only if a person says so, or if our own export does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from emoclf.files.cells import is_blank
from emoclf.files.columns import LABEL_COLUMNS, TEXT_COLUMNS
from emoclf.files.provenance import is_own
from emoclf.files.tables import PROVENANCE

NONE = "none"  # in every emotion of a tweet whose labels the publishers of SemEval E-c kept back
UNLABELLED = "unlabelled"  # the origin of the labels of such a tweet in our own exports
WITHOUT_HEADER = ("text", "column 2", "id")  # as GoEmotions; the second column holds labels of another label set
WORDS = 3  # in a first line that is no header


def is_unlabelled(cells: Mapping[str, Any], emotions: Sequence[str], column: str | None, wanted: bool) -> bool:
    """Return whether a row has no labels.

    Parameters
    ----------
    column : the column that holds all labels of the row; None if there is none
    wanted : whether a person says that blank cells mean this

    Raises
    ------
    ValueError : if only some emotions are NONE
    """
    if column is None and not any(name in cells for name in emotions):
        return True
    values = [cells[column]] if column is not None else [cells[name] for name in emotions]
    kept_back = [name for name, value in zip(emotions, values, strict=False) if _is_none(value)]
    if column is None and kept_back:
        if len(kept_back) < len(emotions):
            raise ValueError(f"{kept_back[0]} is NONE, but not every emotion is; expected 0 or 1, or NONE in all")
        return True
    return (wanted or (cells.get(PROVENANCE) == UNLABELLED and is_own(cells))) and all(map(is_blank, values))


def _is_none(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() == NONE


def lacks_only_labels(names: Iterable[str], emotions: Sequence[str]) -> bool:
    """Return whether a header has no column of labels at all; with some emotions, the others are misnamed."""
    return not set(names) & {*LABEL_COLUMNS, *emotions}


def headerless(wanted: bool) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return a function that names the columns of a file without a header, by its first line; () if it has one.

    >>> headerless(True)(["so glad the bus came", "17", "eebbqej"]), headerless(True)(["id", "text"])
    (('text', 'column 2', 'id'), ())
    """

    def names(first_line: Sequence[str]) -> Sequence[str]:
        first_cell = first_line[0] if first_line else ""
        is_header = bool(set(first_line) & set(TEXT_COLUMNS)) or len(first_cell.split()) < WORDS
        return () if is_header or len(first_line) > len(WITHOUT_HEADER) else WITHOUT_HEADER[: len(first_line)]

    return names if wanted else lambda first_line: ()


def note(n: int) -> tuple[str, ...]:
    """Return a sentence on the number of tweets without labels, if there are any."""
    return (f"The file has {n:,} {'tweet' if n == 1 else 'tweets'} without labels.",) if n else ()
