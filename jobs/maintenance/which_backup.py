"""
Finds the newest backup beside a store that does not have the damage that was found in it.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from zipfile import ZipFile, is_zipfile

from db.backup_contents import judgements
from db.checks.findings import Finding
from db.replacement import migrate_copy
from db.sqlite_copies import copy_database
from db.store import Store, open_store
from emoclf.errors import StoreError
from jobs.maintenance import archives

TRIED = 10  # backups, newest first
Findings = Callable[[Store, bool], Iterable[Finding]]  # `check.findings_of`


def sentences(file: Path, findings: Sequence[Finding], findings_of: Findings) -> list[str]:
    """Which backup would do for the findings that need one; none if no finding does."""
    damage = {finding.what for finding in findings if finding.needs_backup}
    if not damage:
        return []
    beside = backups(file)
    for backup in beside[:TRIED]:
        if _is_free_of(backup, damage, findings_of):
            return [f"{backup} would do: it does not have this damage{_missing(file, backup)}."]
    if beside:
        return [f"None of the {len(beside[:TRIED])} newest backups beside the store is free of this damage."]
    return [
        f"There is no backup beside the store; look for one elsewhere: `{file.stem}-backup-DATE` is the usual name."
    ]


def backups(file: Path) -> list[Path]:
    """The backups beside a store, newest first, under the names that they get by themselves."""
    pattern = re.compile(rf"{re.escape(file.stem)}-(backup|schema-\w+|replaced)-\d{{8}}-\d{{6}}(-\d+)?\.\w+")
    found = [path for path in file.absolute().parent.iterdir() if pattern.fullmatch(path.name)]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _is_free_of(backup: Path, damage: set[str], findings_of: Findings) -> bool:
    """Whether a backup can be restored and has none of these findings."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            copy = database_of(backup, Path(scratch))
            migrate_copy(copy)
            store = open_store(f"sqlite:///{copy}")
            try:
                return not damage & {finding.what for finding in findings_of(store, False)}
            finally:
                store.close()
    except (StoreError, OSError):
        return False


def database_of(backup: Path, scratch: Path) -> Path:
    """A copy of the database of a backup."""
    copy = scratch / archives.STORE
    if is_zipfile(backup):
        with ZipFile(backup) as archive:
            archives.extract(archive, archives.STORE, copy)
        return copy
    return copy_database(backup, copy)


def _missing(file: Path, backup: Path) -> str:
    """What the store has and the backup does not, if the store can be read."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            saved = judgements(database_of(backup, Path(scratch)))
        lost = {kind: len(ids - saved[kind]) for kind, ids in judgements(file).items()}
    except (StoreError, OSError):
        return ""
    in_words = " and ".join(f"{n:,} {kind}" for kind, n in lost.items() if n)
    return f"; it lacks {in_words} that the store has, so export them first" if in_words else ""
