"""
Previews of uploaded files, computed once for each file, way of reading and state of the store.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import streamlit as st

from db import imports
from db.store import Store
from emoclf.files.reading import Reading
from jobs.files import preview
from jobs.files.preview import Preview
from ui.cached import shared_store

MOST = 20  # results that are kept


class Uploaded(Protocol):
    """A file as `st.file_uploader` returns it."""

    name: str

    def getvalue(self) -> bytes:
        """The content."""


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded in the browser."""

    name: str
    content: bytes
    sha256: str

    @classmethod
    def of(cls, file: Uploaded) -> "Upload":
        """An uploaded file with its hash."""
        content = file.getvalue()
        return cls(file.name, content, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class Asked:
    """A file, and how the user wants it to be read."""

    file: Upload
    split: str | None
    reading: Reading
    is_readable: bool = True  # whether its preview could be made, so that it can be imported


def preview_of(store: Store, asked: Asked) -> Preview:
    """As `jobs.files.preview.preview`; computed again after an import, an undo or a move.

    Raises
    ------
    DataFileError, SettingError : as the import would
    """
    with store.reading() as session:
        stamp = imports.stamp(session)
    file = asked.file
    return _preview(store.url, file.name, file.sha256, asked.split, asked.reading, stamp, file.content)


@st.cache_data(max_entries=MOST, show_spinner="Reading the file")
def _preview(
    url: str,
    name: str,
    sha256: str,
    split: str | None,
    reading: Reading,
    stamp: tuple[int, int],
    _content: bytes,
) -> Preview:
    with _on_disk(name, _content) as path:
        return preview.preview(shared_store(url), path, split, reading)


def columns_of(file: Upload, reading: Reading) -> list[str]:
    """The columns of a file, also if it cannot be imported as it is; none if it cannot be opened."""
    return _columns(file.name, file.sha256, reading.encoding, file.content)


@st.cache_data(max_entries=MOST, show_spinner=False)
def _columns(name: str, sha256: str, encoding: str | None, _content: bytes) -> list[str]:
    with _on_disk(name, _content) as path:
        return preview.columns_of(path, Reading(encoding=encoding))


def clear() -> None:
    """Forget the previews, since the store changed."""
    _preview.clear()


@contextmanager
def _on_disk(name: str, content: bytes) -> Iterator[Path]:
    """Write an uploaded file to a folder of its own; its name cannot lead out of the folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        yield path
