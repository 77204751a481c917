"""
Tells rows of our own exports from those of other files that happen to have a column of the same name.

A column `label_origin` or `origin` alone says nothing: other data sets have such columns too. A row of our own has an
ID, a text and its labels besides, and says where the labels came from in one of our words.
"""

from collections.abc import Collection, Mapping
from typing import Any

from emoclf.files.columns import LABEL_COLUMNS, TEXT_COLUMNS
from emoclf.files.tables import PROVENANCE
from emoclf.labels import EMOTIONS

SAYS = ("original", "decision", "synthetic", "unlabelled")  # where labels came from, in our exports
SYNTHETIC = frozenset(["edited", "origin", "state", "prompt_version"])  # columns of an export of synthetic tweets


def has_columns(names: Collection[str]) -> bool:
    """Return whether a file with these lower-case columns can be our own export of labelled tweets.

    >>> has_columns(["id", "tweet", *EMOTIONS.names, "label_origin"]), has_columns(["tweet", "label_origin"])
    (True, False)
    """
    has_labels = any(name in names for name in LABEL_COLUMNS) or all(name in names for name in EMOTIONS.names)
    has_text = any(name in names for name in TEXT_COLUMNS)
    return PROVENANCE in names and "id" in names and has_text and has_labels


def is_own(cells: Mapping[str, Any]) -> bool:
    """Return whether the cells of a row, by lower-case column name, are those of our own export of labelled tweets."""
    return cells.get(PROVENANCE) in SAYS and has_columns(cells.keys())


def is_synthetic(cells: Mapping[str, Any]) -> bool:
    """Return whether a row is a synthetic tweet of our own export; another file may have the column `origin` too."""
    is_marked = "synthetic" in (cells.get("origin"), cells.get(PROVENANCE))
    return is_marked and (is_own(cells) or cells.keys() >= SYNTHETIC)
