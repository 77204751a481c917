"""
The paths of runs, encoders, folds and logs on the disk.
"""

import datetime as dt
import os
import uuid
from pathlib import Path

from sqlalchemy.engine import make_url

from db.store import Store
from emoclf import environment
from emoclf.environment import CURRENT, Env
from emoclf.errors import DataFileError, StoreError


def runs_folder(store: Store, env: Env = CURRENT) -> Path:
    """The folder of trained classifiers: EMOCLF_RUNS, else `runs` next to a SQLite file or in the working folder."""
    return runs_of_url(store.url, env)


def runs_of_url(url: str, env: Env = CURRENT) -> Path:
    """As `runs_folder`, for a store that is not open."""
    if (folder := environment.runs_folder(env)) is not None:
        return folder
    parsed = make_url(url)
    file = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return (Path(file).parent if file else Path()) / "runs"


def run_folder(store: Store, name: str) -> Path:
    """The folder with the files of a run."""
    return runs_folder(store) / name


def encoder_folder(store: Store, name: str) -> Path:
    """The folder of a first-stage encoder with this name, existing or not."""
    return runs_folder(store).absolute() / "encoders" / name


def folds_folder(store: Store) -> Path:
    """The folder of finished folds that are not yet recorded as a run."""
    return runs_folder(store) / "folds"


def new_run_folder(store: Store) -> str:
    """A new folder name for a run, starting with the time so that names sort chronologically.

    Raises
    ------
    StoreError : if the folder is not writable
    """
    folder = runs_folder(store)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make {folder.absolute()} for the runs ({error.strerror}); set EMOCLF_RUNS to another folder"
        ) from error
    return f"{dt.datetime.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"


def check_new(folder: Path) -> None:
    """Raise DataFileError if an export folder is not empty or is the current folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataFileError(f"{folder} is not an empty folder; choose a new one")
    if os.path.realpath(folder) == os.path.realpath(os.curdir):
        raise DataFileError("the export would replace the working folder; choose a new folder")


def log_file(store: Store, job_id: int) -> Path:
    """The log file of a job's worker, which also receives its printed output."""
    log = program_log(store.url, "job")
    return log.with_stem(f"{log.stem}-{job_id}")


def program_log(url: str, program: str, env: Env = CURRENT) -> Path:
    """The log file of a program, such as "app". Its name depends on the `url` of the store, as stores may share the
    folder.

    Raises
    ------
    ArgumentError : if `url` is not a database URL
    """
    name = uuid.uuid5(uuid.NAMESPACE_URL, url).hex[:6]
    return runs_of_url(url, env) / "logs" / f"{program}-{name}.log"
