"""
Places: where runs and logs lie on the disk. The only module that reads the environment for folders.
"""

import datetime as dt
import os
import uuid
from collections.abc import Mapping
from pathlib import Path

from db.store import Store
from emoclf.errors import DataFileError, StoreError


def runs_folder(store: Store, env: Mapping[str, str] = os.environ) -> Path:
    """The folder of trained classifiers: EMOCLF_RUNS, else `runs` beside a SQLite file, else in the working folder."""
    if "EMOCLF_RUNS" in env:
        return Path(env["EMOCLF_RUNS"])
    file = store.engine.url.database if store.engine.dialect.name == "sqlite" else None
    return (Path(file).parent if file else Path()) / "runs"


def run_folder(store: Store, name: str) -> Path:
    """Where the files of the run with this folder name lie."""
    return runs_folder(store) / name


def encoder_folder(store: Store, name: str) -> Path:
    """Where the encoder of this name lies that a first stage has trained, or will."""
    return runs_folder(store).absolute() / "encoders" / name


def folds_folder(store: Store) -> Path:
    """Where trainings keep the folds they have finished, until they are recorded."""
    return runs_folder(store) / "folds"


def new_run_folder(store: Store) -> str:
    """A folder name that no run has yet; it begins with the time, so that a listing is in order.

    Raises
    ------
    StoreError : if no run could be saved there
    """
    folder = runs_folder(store)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make {folder.absolute()} for the runs ({error.strerror}); set EMOCLF_RUNS") from error
    return f"{dt.datetime.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"


def check_new(folder: Path) -> None:
    """DataFileError if there is something in a folder that an export is to fill, or somebody."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataFileError(f"there is something in {folder} already; name a new folder")
    if os.path.realpath(folder) == os.path.realpath(os.curdir):
        raise DataFileError("the export would take the place of the folder that you are in; name a new folder")


def log_file(store: Store, job_id: int) -> Path:
    """Where the worker of a job writes what it prints; two stores may share the folder."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, store.url).hex[:6]
    return runs_folder(store) / "logs" / f"job-{name}-{job_id}.log"
