"""
Imports files uploaded in the browser, and keeps the results while the page is open.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from db.store import Store
from emoclf.errors import EmoclfError
from jobs.files.imports import import_file


@dataclass(frozen=True)
class Taken:
    """The result of one uploaded file."""

    name: str
    words: str
    is_good: bool
    rejects: bytes = b""  # the file of rejected rows


def take(store: Store, name: str, content: bytes, split: str | None) -> Taken:
    """Import an uploaded file; an unusable file yields a message, so that the others continue."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        try:
            counts = import_file(store, path, split, rejects_in=Path(folder))
        except EmoclfError as error:
            return Taken(name, str(error), is_good=False)
        rejects = Path(counts["rejects_file"]).read_bytes() if counts["rejects_file"] else b""
    stored = f"{counts['imported']:,} imported, {counts['unchanged']:,} already in the store"
    words = f"{name}: {stored}, {counts['rejected']:,} rejected"
    return Taken(name, words, is_good=True, rejects=rejects)
