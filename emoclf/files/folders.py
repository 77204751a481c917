"""
Creates folders atomically: an interrupted write leaves nothing behind.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from safetensors import SafetensorError

from emoclf.errors import ModelError

UNFINISHED = ".unfinished"


@contextmanager
def atomic_folder(folder: Path, needed: int) -> Iterator[Path]:
    """Yield an empty folder to write into; on success it is renamed to `folder` and replaces an existing one.

    Unfinished folders of killed processes are removed first.

    Parameters
    ----------
    needed : the approximate number of bytes to write, for the message if the disk is full

    Raises
    ------
    ModelError : if the disk is full or not writable
    """
    folder = Path(os.path.realpath(folder)) if folder.is_symlink() else folder  # keep a link, and write to its target
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(folder.parent)
        unfinished = folder.with_name(f".{folder.name}.{os.getpid()}{UNFINISHED}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            yield unfinished
            _replace(unfinished, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except (OSError, SafetensorError) as error:  # safetensors raises the latter if the disk is full
        raise ModelError(_disk_full_message(folder, needed, str(error))) from error


def _remove_leftovers(parent: Path) -> None:
    """Remove the unfinished folders of processes that have ended."""
    for leftover in parent.glob(f".*{UNFINISHED}"):
        pid = leftover.name.removesuffix(UNFINISHED).rpartition(".")[2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(leftover, ignore_errors=True)


def _disk_full_message(folder: Path, needed: int, why: str) -> str:
    existing = next(parent for parent in folder.absolute().parents if parent.exists())
    free = shutil.disk_usage(existing).free / 1e6
    return (
        f"{folder.name} cannot be saved in {folder.parent} ({why}): about {needed / 1e6:,.0f} MB are needed there and"
        f" {free:,.0f} MB are free; free some space and start again"
    )


def _replace(unfinished: Path, folder: Path) -> None:
    """Rename to `folder`, after moving an existing folder of that name away."""
    old = folder.with_name(f"{unfinished.name}.old")
    if folder.exists():
        folder.rename(old)
    unfinished.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
