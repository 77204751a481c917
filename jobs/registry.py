"""
The registry of jobs: the module of each kind of job, the type of its settings, and the message after it is stopped.

Names of kinds and of settings are stored with every job, so they do not change when modules move.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.store import Store
from db.values import Job
from emoclf.backends.settings import EncoderSettings
from emoclf.errors import EmoclfError, SettingError
from emoclf.progress import Work
from jobs.settings.conversion import checked, from_json
from jobs.settings.files import ExportRunSettings
from jobs.settings.llm import ExplainSettings, SuggestSettings
from jobs.settings.review import AcceptSettings, UndoSettings
from jobs.settings.synthetic import GenerateSettings
from jobs.settings.training import EstimateSettings, PredictSettings, TrainSettings

RESUMES = "stopped; start it again to resume where it stopped"


@dataclass(frozen=True)
class JobKind:
    """One kind of job."""

    module: str  # has `run(store, job, settings)`, which yields Progress; may load torch: imported by the worker only
    settings: type[Any]  # a frozen dataclass, see `jobs.settings.conversion`
    after_a_stop: str  # the message after the job was stopped by a user
    ignores_unknown: bool = True  # whether settings that only another version knows are ignored, else refused

    def run(self, store: Store, job: Job) -> Work[dict[str, Any]]:
        """Run the job's work step by step."""
        settings = self.read(job.settings)
        work: Work[dict[str, Any]] = importlib.import_module(self.module).run(store, job, settings)
        return work

    def read(self, settings: Any) -> Any:
        """The settings of such a job, from a value of their type or a mapping as it is stored; both are checked.

        Raises
        ------
        EmoclfError : if a setting is invalid
        """
        if isinstance(settings, Mapping):
            return from_json(self.settings, settings, self.ignores_unknown)
        if not isinstance(settings, self.settings):
            raise SettingError(f"the settings are {settings!r}, expected {self.settings.__name__}")
        return checked(settings)

    def is_same(self, stored: Mapping[str, Any], settings: Any) -> bool:
        """Whether settings stored by this or an earlier version mean the same as these."""
        try:
            return bool(self.read(stored) == settings)
        except EmoclfError:
            return False


KINDS = {
    "suggest": JobKind("jobs.llm.suggest", SuggestSettings, RESUMES),
    "explain": JobKind("jobs.llm.explain", ExplainSettings, RESUMES),
    "generate": JobKind(
        "jobs.synthetic.generate",
        GenerateSettings,
        "stopped; start it again to resume with the next round",
        ignores_unknown=False,
    ),
    "predict": JobKind("jobs.training.predict", PredictSettings, RESUMES),
    "pretrain": JobKind(
        "jobs.training.first_stage",
        EncoderSettings,
        "stopped; start it again to resume from its last checkpoint, a few minutes before",
        ignores_unknown=False,
    ),
    "train": JobKind(
        "jobs.training.train",
        TrainSettings,
        "stopped; start it again to resume after the last finished epoch",
        ignores_unknown=False,
    ),
    "estimate": JobKind("jobs.training.estimate", EstimateSettings, "stopped; nothing was measured"),
    "export_run": JobKind("jobs.files.export_run", ExportRunSettings, "stopped; nothing was written"),
    "accept": JobKind("jobs.review.accept", AcceptSettings, RESUMES),
    "undo": JobKind("jobs.review.undo", UndoSettings, RESUMES),
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
