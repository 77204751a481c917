"""
The backup of a store with the files of its runs: a zip file with `store.db`, `runs/` and the checksums of all files.

`SHA256SUMS` has the form of the program sha256sum, so that the backup can be checked without emoclf.
"""

import hashlib
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from db.sqlite_copies import on_disk
from emoclf.errors import StoreError

STORE, RUNS, SUMS = "store.db", "runs", "SHA256SUMS"
ENCODERS = "encoders"  # in the folder of the runs: a folder of encoders, each with a folder of its own
CHUNK = 1 << 20  # bytes


def write(archive: Path, store: Path, runs: Path, folders: Iterable[str]) -> int:
    """Write a zip file with a closed database and these folders of the runs; return how many files of runs it has.

    Weights are not compressed: they would become hardly smaller.
    """
    files = [path for folder in folders for path in sorted((runs / folder).rglob("*")) if path.is_file()]
    with ZipFile(archive, "w", ZIP_STORED, allowZip64=True) as opened:
        sums = [_add(opened, store, STORE, ZIP_DEFLATED)]
        sums += [_add(opened, path, f"{RUNS}/{path.relative_to(runs).as_posix()}", ZIP_STORED) for path in files]
        opened.writestr(SUMS, "".join(sums), ZIP_DEFLATED)
    return len(files)


def _add(opened: ZipFile, path: Path, name: str, compression: int) -> str:
    """Add a file, and return its line in `SHA256SUMS`."""
    digest = hashlib.sha256()
    entry = ZipInfo(name, time.localtime()[:6])
    entry.compress_type = compression
    with path.open("rb") as source, opened.open(entry, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return f"{digest.hexdigest()}  {name}\n"


@contextmanager
def read_checked(archive: Path) -> Iterator[ZipFile]:
    """Open a zip file of `write`, after comparing every file in it with its checksum.

    Raises
    ------
    StoreError : if it is damaged, incomplete, or was not written by `write`
    """
    try:
        with ZipFile(archive) as opened:
            _check(archive, opened)
            yield opened
    except (BadZipFile, EOFError, NotImplementedError) as error:
        raise StoreError(f"{archive} is damaged ({error}); nothing was changed; take another backup") from error


def _check(archive: Path, opened: ZipFile) -> None:
    names = set(opened.namelist())
    if not {STORE, SUMS} <= names:
        raise StoreError(f"{archive} has no {STORE} with its checksum, so `backup --runs` did not write it")
    lines = opened.read(SUMS).decode("utf-8").splitlines()
    wanted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    if strange := sorted(name for name in names - {SUMS} if not _is_expected(name) or name not in wanted):
        raise StoreError(f"{archive} has a file that `backup` did not write there ({strange[0]}); take another backup")
    if missing := sorted(wanted.keys() - names):
        raise StoreError(f"{archive} lacks {missing[0]}; nothing was changed; take another backup")
    for name, digest in wanted.items():
        with opened.open(name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                raise StoreError(f"{name} in {archive} is damaged; nothing was changed; take another backup")


def _is_expected(name: str) -> bool:
    """Whether a name lies within the backup, so that nothing is written outside the folder of the runs."""
    path = PurePosixPath(name)
    if name == STORE:
        return True
    least = 4 if path.parts[1:2] == (ENCODERS,) else 3
    return len(path.parts) >= least and path.parts[0] == RUNS and ".." not in path.parts and "\\" not in name


def units(names: Iterable[str]) -> dict[str, list[str]]:
    """The names of files by the folder that is written as a whole: that of a run, or of an encoder.

    >>> units(["store.db", "runs/a/x", "runs/a/y/z", "runs/encoders/e/x"])
    {'a': ['runs/a/x', 'runs/a/y/z'], 'encoders/e': ['runs/encoders/e/x']}
    """
    found: dict[str, list[str]] = {}
    for name in names:
        parts = PurePosixPath(name).parts
        if parts[0] == RUNS:
            found.setdefault("/".join(parts[1:3] if parts[1] == ENCODERS else parts[1:2]), []).append(name)
    return found


def extract(opened: ZipFile, name: str, target: Path) -> None:
    """Write one file of an archive, and wait until it is on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(name) as source, target.open("wb") as written:
        shutil.copyfileobj(source, written, CHUNK)
    on_disk(target)
