"""
The folders of runs on the disk: restores them from a backup, and tells which are missing or damaged.
"""

import datetime as dt
import hashlib
import json
import shutil
import uuid
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from db.backup_contents import Contents
from db.migration_backups import DATE
from jobs.maintenance import archives

CARD = "classifier.json"  # of `emoclf.training.classifier`, which would load torch
SAVED_MODEL = "saved_model.pb"
UNFINISHED = ".unfinished"


def restore(archive: ZipFile, runs: Path) -> list[str]:
    """Write the folders of a checked archive into the folder of the runs; return what was done, in sentences.

    A folder that is there with the same files stays; one with other files is kept under another name.
    """
    written, renamed = 0, []
    for unit, names in archives.units(archive.namelist()).items():
        folder = runs / unit
        if folder.exists():
            if _is_same(archive, names, runs):
                continue
            aside = folder.with_name(f"{folder.name}-replaced-{dt.datetime.now():{DATE}}")
            folder.rename(aside)
            renamed.append(str(aside))
        _write(archive, names, folder, unit)
        written += 1
    words = [f"{written:,} folders of runs were restored."] if written else []
    return words + [f"A folder with other files in the place of a run is now {name}." for name in renamed]


def _is_same(archive: ZipFile, names: list[str], runs: Path) -> bool:
    """Whether every file of an archive is on the disk with the same bytes."""
    for name in names:
        path = runs.joinpath(*name.split("/")[1:])
        if not path.is_file() or path.stat().st_size != archive.getinfo(name).file_size:
            return False
        with path.open("rb") as on_disk, archive.open(name) as saved:
            digests = [hashlib.file_digest(one, "sha256").digest() for one in (on_disk, saved)]  # type: ignore[arg-type]
        if digests[0] != digests[1]:
            return False
    return True


def _write(archive: ZipFile, names: list[str], folder: Path, unit: str) -> None:
    """Write one folder whole, or not at all."""
    unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:6]}{UNFINISHED}")
    try:
        for name in names:
            archives.extract(archive, name, unfinished / name.removeprefix(f"{archives.RUNS}/{unit}/"))
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def missing(found: Contents, runs: Path) -> list[str]:
    """A sentence on the runs of a store whose folder is not on the disk; none if all are."""
    ids = [str(run) for run, folder in found.folders.items() if not (runs / folder).is_dir()]
    if not ids:
        return []
    who = f"run{'s' if len(ids) > 1 else ''} {', '.join(ids)}"
    return [
        f"The files of {who} are not in {runs}, and a run cannot predict without them: restore a backup with the runs, "
        "or copy the folders back."
    ]


def damage(folder: Path, thresholds: list[float]) -> str | None:
    """What is wrong with the folder of a run, in a few words; None if it is whole.

    The sizes of weights are compared with their header, so a file that was cut off is found, and one with changed
    bytes of the same number is not.

    Parameters
    ----------
    thresholds : as the store has them
    """
    if not folder.is_dir():
        return "its folder is missing"
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        same = np.allclose(card["thresholds"], thresholds, atol=1e-5)
    except (OSError, ValueError, KeyError, TypeError):
        return f"{CARD} is missing or damaged"
    if not same:
        return f"{CARD} has other thresholds than the store"
    weights = sorted(folder.rglob("*.safetensors"))
    if not weights and not any(folder.rglob(SAVED_MODEL)):
        return "its weights are missing"
    return next((f"{path.name} is cut off or damaged" for path in weights if not _is_whole(path)), None)


def _is_whole(weights: Path) -> bool:
    """Whether a safetensors file has the size that its header tells: 8 bytes, the header, the last tensor's end."""
    try:
        with weights.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > weights.stat().st_size:
                return False
            header = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return weights.stat().st_size == 8 + length + max(ends, default=0)
