"""
The registry of jobs: the name, the module and the settings of each kind of job, and the message after it is stopped.

The keys of `KINDS` and the names of settings are stored with every job, so they do not change when modules move.
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

    name: str  # for people; a noun that completes "the last … failed"
    module: str  # has `run(store, job, settings)`, which yields Progress; may load torch: imported by the worker only
    settings: type[Any]  # a frozen dataclass, see `jobs.settings.conversion`
    after_a_stop: str  # the message after the job was stopped by a user; it completes "the last … was"
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
    "suggest": JobKind("request for suggestions", "jobs.llm.suggest", SuggestSettings, RESUMES),
    "explain": JobKind("request for rationales", "jobs.llm.explain", ExplainSettings, RESUMES),
    "generate": JobKind(
        "generation of synthetic tweets",
        "jobs.synthetic.generate",
        GenerateSettings,
        "stopped; start it again to resume with the next round",
        ignores_unknown=False,
    ),
    "predict": JobKind("prediction of all tweets", "jobs.training.predict", PredictSettings, RESUMES),
    "pretrain": JobKind(
        "first stage of training",
        "jobs.training.first_stage",
        EncoderSettings,
        "stopped; start it again to resume from its last checkpoint, a few minutes before",
        ignores_unknown=False,
    ),
    "train": JobKind(
        "training",
        "jobs.training.train",
        TrainSettings,
        "stopped; start it again to resume after the last finished epoch",
        ignores_unknown=False,
    ),
    "estimate": JobKind(
        "measurement of the training time", "jobs.training.estimate", EstimateSettings, "stopped; nothing was measured"
    ),
    "export_run": JobKind(
        "export of a run", "jobs.files.export_run", ExportRunSettings, "stopped; nothing was written"
    ),
    "accept": JobKind("bulk accept", "jobs.review.accept", AcceptSettings, RESUMES),
    "undo": JobKind("undo of a batch", "jobs.review.undo", UndoSettings, RESUMES),
}


def kind_of(name: str) -> JobKind:
    """The kind of job with this name.

    Raises
    ------
    SettingError : if there is none
    """
    if name not in KINDS:
        raise SettingError(f"there is no kind of job {name!r}; the kinds are {', '.join(KINDS)}")
    return KINDS[name]


def name_of(kind: str) -> str:
    """The name for people of a kind of job; of an unknown kind, as in a store of another version, its key.

    >>> name_of("export_run"), name_of("train")
    ('export of a run', 'training')
    """
    return KINDS[kind].name if kind in KINDS else kind
