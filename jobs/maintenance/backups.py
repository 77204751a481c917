"""
Backs up a store while the app runs: one file with all labels and decisions, and the files of the runs if asked.

Without runs the backup is itself a SQLite database. With runs it is a zip file, see `jobs.maintenance.archives`. The
database is copied first: the runs that it names have all their files by then, because a run is recorded after its
folder is complete.
"""

from pathlib import Path
from typing import Any

from db.backup_contents import Contents, contents
from db.maintenance import file_of
from db.migration_backups import dated
from db.sqlite_copies import check_space, check_target, copy_database, size_of, whole_file
from db.store import Store
from jobs.files.imports import hash_of
from jobs.maintenance import archives
from jobs.paths import runs_folder


def back_up(store: Store, target: Path | None = None, with_runs: bool = False, replace: bool = False) -> dict[str, Any]:
    """Write a backup and return what was saved: tweets, decisions, runs, bytes, SHA-256.

    Parameters
    ----------
    target : None: beside the store, with the time in its name
    with_runs : also save the files of the runs and of the encoders from first stages
    replace : whether an existing file is replaced

    Raises
    ------
    StoreError : if the target exists, the disk has too little space, the store is damaged or not SQLite
    """
    file = file_of(store.url)
    target = target or dated(file, "backup", ".zip" if with_runs else None)
    check_target(target, replace)
    replaced = target.exists()
    needed = size_of(file) + (_size(runs_folder(store)) + size_of(file) if with_runs else 0)
    check_space(target.absolute().parent, needed, "the backup")
    words: list[str] = []
    if with_runs:
        found, words = _with_runs(file, target, runs_folder(store), replace)
    else:
        found = contents(copy_database(file, target, replace))
    counts = {"tweets": found.tweets, "decisions": found.decisions, "runs": found.runs}
    written = {"schema": found.schema, "bytes": target.stat().st_size, "sha256": hash_of(target)}
    words += [f"{target.name} existed and was replaced."] if replaced else []
    return {"backup": str(target), **counts, **written, "words": words}


def _with_runs(file: Path, target: Path, runs: Path, replace: bool) -> tuple[Contents, list[str]]:
    with whole_file(target, replace) as unfinished:
        copy = copy_database(file, unfinished.with_suffix(".store"))
        try:
            found = contents(copy)
            folders, missing = _folders(runs, found)
            n_files = archives.write(unfinished, copy, runs, folders)
        finally:
            copy.unlink()
    words = [f"With the runs: {n_files:,} files in {len(folders):,} folders."]
    if missing:
        words.append(f"The files of {_named(missing)} are not in {runs}; `cli.py check` tells what to do.")
    return found, words


def _folders(runs: Path, found: Contents) -> tuple[list[str], list[int]]:
    """The folders to save, within the folder of the runs, and the runs whose folder is missing."""
    there = {run: folder for run, folder in found.folders.items() if folder and (runs / folder).is_dir()}
    encoders = runs / archives.ENCODERS
    names = sorted(path.name for path in encoders.iterdir()) if encoders.is_dir() else []
    complete = [name for name in names if not name.startswith(".") and (encoders / name).is_dir()]
    folders = [*dict.fromkeys(there.values()), *(f"{archives.ENCODERS}/{name}" for name in complete)]
    return folders, sorted(found.folders.keys() - there.keys())


def _named(runs: list[int]) -> str:
    return f"{'run' if len(runs) == 1 else 'runs'} {', '.join(map(str, runs))}"


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
