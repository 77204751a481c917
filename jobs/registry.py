"""
The registry of jobs: each kind of long work, the module that does it, and what to say after a stop.

The names of kinds are stored with every job, so they stay as they are when modules move.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from db.store import Store
from db.values import Job
from emoclf.errors import SettingError
from emoclf.progress import Work


@dataclass(frozen=True)
class JobKind:
    """One kind of job."""

    module: str  # has `run(store, job)`, which yields Progress; only the worker imports it: it may load torch
    after_a_stop: str  # what a job of this kind says once somebody has stopped it

    def run(self, store: Store, job: Job) -> Work[dict[str, Any]]:
        """Do the job's work, piece by piece."""
        work: Work[dict[str, Any]] = importlib.import_module(self.module).run(store, job)
        return work


KINDS = {
    "suggest": JobKind("jobs.llm.suggest", "stopped; started again, it goes on where it was"),
    "explain": JobKind("jobs.llm.explain", "stopped; started again, it goes on where it was"),
    "generate": JobKind("jobs.synthetic.generate", "stopped; started again, it goes on with the next round"),
    "predict": JobKind("jobs.training.predict", "stopped; started again, it goes on where it was"),
    "pretrain": JobKind(
        "jobs.training.first_stage", "stopped; started again, it goes on from where it was a few minutes before"
    ),
    "train": JobKind(
        "jobs.training.train", "stopped; started again, it goes on after the last epoch that was finished"
    ),
    "estimate": JobKind("jobs.training.estimate", "stopped; nothing was measured"),
    "export_run": JobKind("jobs.files.export_run", "stopped; nothing was written"),
    "accept": JobKind("jobs.review.accept", "stopped; started again, it goes on where it was"),
    "undo": JobKind("jobs.review.undo", "stopped; started again, it goes on where it was"),
}


def kind_of(name: str) -> JobKind:
    """The kind of job of this name.

    Raises
    ------
    SettingError : if there is none
    """
    if name not in KINDS:
        raise SettingError(f"there is no job {name!r}; there are {', '.join(KINDS)}")
    return KINDS[name]
