"""
Checks the files of a model's folder before one of them is read: only regular files, and no link that leads elsewhere.

A link within the folder is allowed, and so are the links by which the cache of the Hugging Face Hub shares files
between the revisions of one model. The check reads names and kinds of files only.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from emoclf.errors import ModelError

MOST_FILES = 10_000  # in a model's folder; the largest published models have some hundreds
SNAPSHOTS, BLOBS = "snapshots", "blobs"  # the folders of a model in the cache of the Hugging Face Hub


def check_files(folder: Path) -> None:
    """Check every file in a model's folder and its subfolders.

    Raises
    ------
    ModelError : if a link leads out of the folder, a file is no regular file or cannot be read, or there are too many
    """
    allowed = _allowed_roots(folder)
    try:
        for count, path in enumerate(_files(folder), start=1):
            if count > MOST_FILES:
                raise ModelError(f"{folder} has more than {MOST_FILES:,} files; name the folder of the model alone")
            _check_file(path, allowed)
    except OSError as error:
        raise ModelError(
            f"{error.filename} cannot be read ({error.strerror}); copy the model, or name another"
        ) from error


def _check_file(path: Path, allowed: list[Path]) -> None:
    if path.is_symlink():
        target = Path(os.path.realpath(path))
        if not any(target.is_relative_to(root) for root in allowed):
            raise ModelError(
                f"{path} is a link to {target}, outside the model's folder; put a copy of that file in its place"
            )
    mode = path.stat().st_mode if path.exists() else stat.S_IFREG  # a link to nothing fails where it is read
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ModelError(f"{path} is not a regular file, so it is not read; remove it from the model's folder")


def _allowed_roots(folder: Path) -> list[Path]:
    """Return the real folders in which links of a model's folder may end."""
    real = Path(os.path.realpath(folder))
    is_snapshot = real.parent.name == SNAPSHOTS and real.parent.parent.name.startswith("models--")
    return [real, real.parent.parent / BLOBS] if is_snapshot else [real]


def _files(folder: Path) -> Iterator[Path]:
    """Yield all files, links and subfolders, without following links to folders."""
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(here, name)
