"""
Recognises rows of files that emoclf exported, and restores the metadata of their tweets.

Its column `metadata` holds the tweet's metadata as JSON; the other columns
that an export adds say where labels came from, and are no metadata of the tweet.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from emoclf.files import metadata
from emoclf.files.cells import plain
from emoclf.files.escaping import ESCAPED
from emoclf.files.provenance import is_own
from emoclf.files.tables import PROVENANCE
from emoclf.labels import EMOTIONS

METADATA = "metadata"
SOURCES = ("original", "suggestion", "prediction")  # whose labels an export may have in further columns
ADDED = frozenset(
    {
        *(
            PROVENANCE,
            METADATA,
            ESCAPED,
            "origin",
            "reviewer",
            "decided_at",
            "decided_by",
            "batch",
            "doubt",
            "engine",
            "run",
        ),
        *(f"{source}_{emotion}" for source in SOURCES for emotion in EMOTIONS.names),
        *("original_labels", "original", "suggested", "predicted"),
    }
)


def metadata_of(cells: Mapping[str, Any], read: Collection[str | None]) -> dict[str, str]:
    """Return the metadata of the tweet in a row: its further columns, or what an export says the metadata were.

    Parameters
    ----------
    cells : by lower-case column name
    read : the columns that hold the text, the labels and other parts of the tweet

    >>> metadata_of({"tweet": "hi", "place": "Oslo"}, {"tweet"})
    {'place': 'Oslo'}
    >>> exported = {"id": "1", "text": "hi", "labels": "joy", "label_origin": "original", "note": "mine"}
    >>> metadata_of(exported | {"metadata": '{"place": "Oslo"}'}, {"id", "text", "labels"})
    {'place': 'Oslo', 'note': 'mine'}
    """
    own = is_own(cells)
    stored = _stored(cells.get(METADATA)) if own else {}
    added = ADDED if own else frozenset()
    return stored | metadata.of({name: value for name, value in cells.items() if name not in added}, read)


def _stored(cell: Any) -> dict[str, str]:
    if cell is None or not str(cell).strip():
        return {}
    try:
        found = json.loads(str(cell))
    except ValueError:
        found = None
    if not isinstance(found, dict):  # someone changed it
        return {METADATA: plain(str(cell))}
    return {plain(str(name)): plain(str(value)) for name, value in found.items()}
