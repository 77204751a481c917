"""
Places: where runs and logs lie on the disk. The only module that reads the environment for folders.
"""

import datetime as dt
import os
import uuid
from collections.abc import Mapping
from pathlib import Path


def runs_folder(env: Mapping[str, str] = os.environ) -> Path:
    """The folder of trained classifiers: EMOCLF_RUNS, else `runs` in the working folder."""
    return Path(env.get("EMOCLF_RUNS", "runs"))


def run_folder(name: str) -> Path:
    """Where the files of the run with this folder name lie."""
    return runs_folder() / name


def new_run_folder() -> str:
    """A folder name that no run has yet; it begins with the time, so that a listing is in order."""
    return f"{dt.datetime.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"


def log_file(job_id: int, url: str) -> Path:
    """Where the worker of a job writes what it prints; two stores may share the folder."""
    store = uuid.uuid5(uuid.NAMESPACE_URL, url).hex[:6]
    return runs_folder() / "logs" / f"job-{store}-{job_id}.log"
