"""
Backs up a SQLite store beside it before its schema changes, and keeps the last three of these backups.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from db.sqlite_copies import check_space, copy_database, size_of

KEPT = 3
DATE = "%Y%m%d-%H%M%S"

log = logging.getLogger(__name__)


@contextmanager
def backed_up(file: Path, old: str, new: str) -> Iterator[Path]:
    """Copy a store before the block changes its schema; the copy is deleted if the block fails and changed nothing.

    Parameters
    ----------
    old, new : the schema version that the store has, and the one that it gets

    Raises
    ------
    StoreError : if the disk has no space for the copy, or it cannot be written
    """
    needed = 2 * size_of(file)  # the copy, and the changes until they are committed
    check_space(file.parent, needed, f"the backup before the schema changes from {old} to {new}")
    copy = copy_database(file, dated(file, f"schema-{old}"))
    log.warning("the schema of %s changes from %s to %s; it was backed up to %s before", file.name, old, new, copy)
    try:
        yield copy
    except BaseException:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
        raise
    for surplus in migration_backups(file)[KEPT:]:
        with suppress(OSError):
            surplus.unlink(missing_ok=True)


def migration_backups(file: Path) -> list[Path]:
    """The backups that were made before migrations of a store, newest first."""
    pattern = re.compile(rf"{re.escape(file.stem)}-schema-\w+-(\d{{8}}-\d{{6}}(?:-\d+)?){re.escape(file.suffix)}")
    found = {path: match for path in file.parent.iterdir() if (match := pattern.fullmatch(path.name))}
    return sorted(found, key=lambda path: (found[path][1], path.stat().st_mtime_ns), reverse=True)


def dated(file: Path, purpose: str, suffix: str | None = None) -> Path:
    """A new name beside a file with a purpose and the current time, such as `emoclf-schema-0012-20260504-153000.db`."""
    stem = f"{file.stem}-{purpose}-{dt.datetime.now():{DATE}}"
    suffix = file.suffix if suffix is None else suffix
    names = [stem, *(f"{stem}-{number}" for number in range(2, 100))]  # several within one second
    return next(path for name in names if not (path := file.with_name(f"{name}{suffix}")).exists())
