"""
Copies a SQLite database that is in use to a new file, which appears whole or not at all, and checks database files.
"""

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from emoclf.errors import StoreError

HEADER = b"SQLite format 3\0"  # the first bytes of every SQLite database
SPARE_BYTES = 16_000_000  # left free on the disk beside a copy, for the logs and the write-ahead log
UNFINISHED = ".unfinished"


def copy_database(source: Path, target: Path, replace: bool = False) -> Path:
    """Copy a database as one consistent snapshot while others read and write it; return the target.

    The copy needs no further file, such as a write-ahead log, and its integrity is checked before it gets its name.

    Raises
    ------
    StoreError : if the target exists and `replace` is not set, cannot be written, or the copy is damaged
    """
    with whole_file(target, replace) as unfinished:
        try:
            with (
                closing(sqlite3.connect(_uri(source), uri=True)) as original,
                closing(sqlite3.connect(unfinished)) as copy,
            ):
                original.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise StoreError(f"{source} cannot be copied to {target}: {error}") from error
        if problems := integrity_problems(unfinished):
            raise StoreError(
                f"{source} is damaged ({problems[0]}), so no copy was made; `cli.py check` tells what to do"
            )
    return target


@contextmanager
def whole_file(target: Path, replace: bool = False) -> Iterator[Path]:
    """Yield the path of a file to write; it gets the name `target` once it is whole and on the disk.

    Raises
    ------
    StoreError : if the target exists and `replace` is not set, or it cannot be written
    """
    check_target(target, replace)
    unfinished = target.with_name(f".{target.name}.{uuid.uuid4().hex[:6]}{UNFINISHED}")
    try:
        yield unfinished
        on_disk(unfinished)
        check_target(target, replace)  # another program may have made it meanwhile
        unfinished.replace(target)
        on_disk(target.parent)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror or error}; choose another place") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def check_target(target: Path, replace: bool = False) -> None:
    """Raise StoreError if a file would be overwritten unasked, or its folder is missing."""
    if not target.absolute().parent.is_dir():
        raise StoreError(
            f"there is no folder {target.absolute().parent} for the backup; make it, or name another place"
        )
    if target.is_dir() or (target.exists() and not replace):
        raise StoreError(
            f"{target} exists already; name a new file, so that no backup is overwritten"
            + ("" if target.is_dir() else ", or pass --replace")
        )


def integrity_problems(file: Path, limit: int = 100) -> list[str]:
    """What SQLite's own check finds wrong in a database file; empty if it is whole."""
    try:
        with closing(sqlite3.connect(_uri(file), uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({limit})")]
    except sqlite3.Error as error:
        return [str(error)]
    return [] if found == ["ok"] else [one.replace("\n", " ") for one in found]


def is_sqlite(file: Path) -> bool:
    """Whether a file starts as a SQLite database does."""
    with file.open("rb") as opened:
        return opened.read(len(HEADER)) == HEADER


def size_of(file: Path) -> int:
    """The bytes of a database with its write-ahead log."""
    log = file.with_name(f"{file.name}-wal")
    return file.stat().st_size + (log.stat().st_size if log.exists() else 0)


def check_space(folder: Path, needed: int, purpose: str) -> None:
    """Raise StoreError if the disk of a folder has too little space for `purpose`."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise StoreError(
            f"{purpose} needs {(needed + SPARE_BYTES) / 1e6:,.0f} MB in {folder.absolute()}, and {free / 1e6:,.0f} MB "
            "are free; nothing was changed; free some space and start again"
        )


def _uri(file: Path) -> str:
    """The address under which SQLite opens a file, but creates none."""
    return f"{file.absolute().as_uri()}?mode=rw"


def on_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # a folder on Windows
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
