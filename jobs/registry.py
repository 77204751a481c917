"""
The registry of jobs: the module of each kind of job, and the message after it is stopped.

Names of kinds are stored with every job, so they do not change when modules move.
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

    module: str  # has `run(store, job)`, which yields Progress; imported only by the worker, because it may load torch
    after_a_stop: str  # the message after the job was stopped by a user

    def run(self, store: Store, job: Job) -> Work[dict[str, Any]]:
        """Run the job's work step by step."""
        work: Work[dict[str, Any]] = importlib.import_module(self.module).run(store, job)
        return work


KINDS = {
    "suggest": JobKind("jobs.llm.suggest", "stopped; start it again to resume where it stopped"),
    "explain": JobKind("jobs.llm.explain", "stopped; start it again to resume where it stopped"),
    "generate": JobKind("jobs.synthetic.generate", "stopped; start it again to resume with the next round"),
    "predict": JobKind("jobs.training.predict", "stopped; start it again to resume where it stopped"),
    "pretrain": JobKind(
        "jobs.training.first_stage", "stopped; start it again to resume from its last checkpoint, a few minutes before"
    ),
    "train": JobKind("jobs.training.train", "stopped; start it again to resume after the last finished epoch"),
    "estimate": JobKind("jobs.training.estimate", "stopped; nothing was measured"),
    "export_run": JobKind("jobs.files.export_run", "stopped; nothing was written"),
    "accept": JobKind("jobs.review.accept", "stopped; start it again to resume where it stopped"),
    "undo": JobKind("jobs.review.undo", "stopped; start it again to resume where it stopped"),
}


def kind_of(name: str) -> JobKind:
    """The kind of job with this name.

    Raises
    ------
    SettingError : if there is none
    """
    if name not in KINDS:
        raise SettingError(f"there is no job {name!r}; there are {', '.join(KINDS)}")
    return KINDS[name]
