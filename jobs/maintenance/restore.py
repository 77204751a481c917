"""
Restores a store from a backup: everything is checked and prepared beside the store before anything is replaced.

The store that was there is kept under another name. What people judged since the backup is never replaced unasked.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from db.backup_contents import Contents, contents, judgements
from db.maintenance import file_of
from db.replacement import migrate_copy, put_in_place, unused
from db.sqlite_copies import check_space, copy_database, integrity_problems, is_sqlite
from emoclf.environment import CURRENT, Env
from emoclf.errors import StoreError
from jobs.maintenance import archives, run_folders
from jobs.paths import runs_of_url


def restore(url: str, backup: Path, replace: bool = False, env: Env = CURRENT) -> dict[str, Any]:
    """Put a backup in the place of the store at `url`; return what was restored and where the store before is now.

    Parameters
    ----------
    replace : whether to replace a store with judgements that the backup does not have, or one that cannot be read

    Raises
    ------
    StoreError : if the backup is damaged or no backup, a program has the store open, or `replace` is needed; the store
        is unchanged
    """
    target = file_of(url)
    if not backup.is_file():
        raise StoreError(f"{backup}: there is no such file")
    if not target.absolute().parent.is_dir():
        raise StoreError(
            f"there is no folder {target.absolute().parent} to restore into; make it, or pass another --db"
        )
    check_space(target.absolute().parent, 3 * _unpacked(backup), "restoring")
    with _scratch(target) as scratch, _opened(backup, scratch) as (copy, archive):
        found = _prepared(backup, copy)
        with unused(target):
            words = _check_nothing_is_lost(target, copy, found, replace) if target.exists() else []
            runs = runs_of_url(url, env)
            words += run_folders.restore(archive, runs) if archive else []
            aside = put_in_place(copy, target)
    words += run_folders.missing(found, runs)
    counts = {"tweets": found.tweets, "decisions": found.decisions, "runs": found.runs}
    kept = str(aside) if aside else None
    return {"restored": str(target), "from": str(backup), **counts, "store_before": kept, "words": words}


def _unpacked(backup: Path) -> int:
    """The bytes of a backup when it is unpacked."""
    if not is_zipfile(backup):
        return backup.stat().st_size
    try:
        with ZipFile(backup) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except BadZipFile:  # refused when it is opened
        return 0


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A folder beside the store, on the same disk, so that the store can be renamed into place."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".unfinished", dir=target.absolute().parent))
    except OSError as error:
        raise StoreError(f"{target.absolute().parent} cannot be written ({error.strerror})") from error
    try:
        yield folder
    except OSError as error:
        raise StoreError(
            f"the backup cannot be restored: {error.strerror or error}; free space, start again"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _opened(backup: Path, scratch: Path) -> Iterator[tuple[Path, ZipFile | None]]:
    """The database of a backup as a copy in `scratch`, and the archive if it is one."""
    copy = scratch / archives.STORE
    if is_sqlite(backup):
        if problems := integrity_problems(backup):
            raise StoreError(f"{backup} is damaged ({problems[0]}); nothing was changed; take another backup")
        yield copy_database(backup, copy), None
    elif is_zipfile(backup):
        with archives.read_checked(backup) as archive:
            archives.extract(archive, archives.STORE, copy)
            yield copy, archive
    else:
        raise StoreError(f"{backup} is no backup; name a file that `cli.py backup` wrote")


def _prepared(backup: Path, copy: Path) -> Contents:
    """Check and migrate the copy, and return what it holds."""
    if problems := integrity_problems(copy):
        raise StoreError(f"{backup} is damaged ({problems[0]}); nothing was changed; take another backup")
    contents(copy)  # refuses other databases and newer versions
    migrate_copy(copy)
    return contents(copy)


def _check_nothing_is_lost(target: Path, copy: Path, found: Contents, replace: bool) -> list[str]:
    """Raise StoreError if judgements would be lost unasked; return what `replace` sets aside, in sentences."""
    try:
        lost = {kind: len(ids - judgements(copy)[kind]) for kind, ids in judgements(target).items()}
        other = contents(target)
    except StoreError as error:
        if replace:
            return []
        raise StoreError(
            f"the store in that place cannot be read ({error}), so nobody knows whether it holds decisions that the "
            "backup does not have; pass --replace to restore anyway; it is kept under another name"
        ) from error
    in_words = " and ".join(f"{n:,} {kind}" for kind, n in lost.items() if n)
    if not in_words and other.store != found.store and other.tweets:
        in_words = f"{other.tweets:,} tweets of another store"
    if in_words and not replace:
        raise StoreError(
            f"{target} holds {in_words} that the backup does not have; export them first (`cli.py export`), or pass "
            "--replace, which keeps the store under another name"
        )
    return [f"The store before held {in_words} that the backup does not have."] if in_words else []
