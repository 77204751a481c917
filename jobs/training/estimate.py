"""
Estimate: how long a training will take on this machine, by earlier runs or by a few batches of the training itself.

As a job it begins the very training that is meant, looks at the clock for a few
batches, and stops; nothing of it is kept but the seconds of a step.
"""

import json
import math
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from db import corpora, inspections
from db.jobs import list_jobs
from db.runs import list_runs
from db.store import Store
from db.values import Job, Run
from emoclf import __version__
from emoclf.backends.settings import EncoderSettings, TrainingSettings
from emoclf.errors import SettingError
from emoclf.metrics import label_support
from emoclf.progress import Progress, Work
from emoclf.training.encoder_records import read_record
from jobs.paths import encoder_folder, run_folder
from jobs.training import run_warnings
from jobs.training.data import as_texts, read_data

FEWEST_STEPS = 10  # that are measured, after the first few: those are slower
LONGEST_SECONDS = 60.0  # of measuring, on a machine or with an encoder that is slow
SPEED = ("base", "batch_size", "max_length", "threads", "recipe")  # the settings that a step's seconds depend on


@dataclass(frozen=True)
class Prospect:
    """What a training would see, and how long it would take here."""

    tweets: int
    positives: dict[str, int]  # tweets with each emotion
    problem: str  # why it cannot begin; empty where it can
    steps: int
    first_stage_steps: int  # of the encoder that is trained first; 0 where there is none to train
    seconds: float | None  # of both; None: nothing has been measured yet
    source: str  # what the seconds rest on, in words


def prospect(store: Store, settings: TrainingSettings, labels: str) -> Prospect:
    """What a training with these settings would see and take, as far as it is known by now."""
    with store.reading() as session:
        tweets, positives = inspections.trainable(session, labels)
        runs, jobs = list_runs(session), list_jobs(session, limit=None)
        earlier = _earlier_run(store, settings, runs)
        learnt = inspections.learnt_count(session, earlier.id) + _besides(earlier) if earlier else 0
    steps, first = settings.steps(tweets), _first_stage_steps(store, settings)
    a_step, source = None, "not measured on this machine yet"
    if earlier:
        before = TrainingSettings.from_record(earlier.settings).steps(learnt)
        a_step = earlier.seconds / before
        source = (
            f"estimated from run {earlier.id}, which took {earlier.seconds / 60:.1f} minutes here for {before:,} steps"
        )
    elif measured := _measured(settings, jobs):
        a_step = float(measured["seconds_per_step"])
        source = f"measured on {measured['steps']} steps of {a_step:.2f} s on this machine"
    reads = steps + first / len(settings.views)  # a step of the first stage reads one view of a text
    seconds = None if a_step is None else reads * a_step
    return Prospect(tweets, positives, label_support.problem(tweets, positives), steps, first, seconds, source)


def _first_stage_steps(store: Store, settings: TrainingSettings) -> int:
    """How many batches the first stage takes that has still to be made; the corpora are told by their names alone."""
    with store.reading() as session:
        sizes = {one.name: one.texts for one in corpora.corpora(session) if one.texts}
    wanted = EncoderSettings(base=settings.base)
    if not sizes or not settings.has_first_stage or _has_encoder(store, set(sizes), wanted):
        return 0
    return wanted.epochs * sum(math.ceil(texts / wanted.batch_size) for texts in sizes.values())


def _has_encoder(store: Store, names: set[str], settings: EncoderSettings) -> bool:
    """Whether an encoder is there that was trained on the corpora of these names, by this version's settings."""
    wanted = json.loads(json.dumps(asdict(settings)))
    records = (read_record(folder) or {} for folder in encoder_folder(store, "").glob("*"))
    return any(
        record.get("settings") == wanted and {one["name"] for one in record["corpora"]} == names for record in records
    )


def job_settings(settings: TrainingSettings) -> dict[str, Any]:
    """What an estimate is asked for with, and found again by: the machine and what a step's seconds depend on."""
    return {"machine": machine(), **_speed(asdict(settings))}


def machine() -> str:
    """This machine, as an estimate remembers it."""
    return f"{platform.node()}, {os.cpu_count()} processors"


def _speed(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings.get(name) for name in SPEED}


def _besides(run: Run) -> int:
    """How many tweets a run learned from besides the real ones: they take steps too."""
    more = run.settings.get("synthetic") or {}
    return int(more.get("tweets", 0)) + int(more.get("repeated", 0))


def _earlier_run(store: Store, settings: TrainingSettings, runs: Sequence[Run]) -> Run | None:
    """The newest run of the same version, encoder and batches whose files lie on this machine.

    One that was stopped early took fewer steps than its settings say, and tells nothing.
    """
    wanted, runs = _speed(asdict(settings)), [run for run in runs if run_warnings.stopped(run) is None]
    alike = (run for run in runs if run.code_version.split()[0] == __version__ and _speed(run.settings) == wanted)
    return next((run for run in alike if run.seconds and run_folder(store, run.folder).is_dir()), None)


def _measured(settings: TrainingSettings, jobs: Sequence[Job]) -> Mapping[str, Any] | None:
    wanted = job_settings(settings)
    return next((job.result for job in jobs if job.kind == "estimate" and job.result and job.settings == wanted), None)


def run(store: Store, job: Job) -> Work[dict[str, Any]]:
    """The job: the settings that `job_settings` gave.

    Raises
    ------
    ModelError : if the encoder cannot be loaded
    TooLittleDataError : if there is too little to train on
    """
    return (yield from measure(store, TrainingSettings(**_speed(job.settings))))


def measure(store: Store, settings: TrainingSettings) -> Work[dict[str, Any]]:
    """Train for a few batches; the seconds of a step."""
    from emoclf.training.cross_validation import fine_tune

    data = read_data(store, "original")
    total = settings.steps(len(data.train))
    work = fine_tune(as_texts(data.train), settings)
    begun: tuple[float, float] | None = None
    seconds = steps = 0.0
    for progress in work:
        yield Progress(0, 0, "measuring a few batches")
        if progress.done:
            now, at = time.monotonic(), progress.fraction * total
            begun = begun or (now, at)
            seconds, steps = now - begun[0], at - begun[1]
        if steps >= FEWEST_STEPS or (steps > 0 and seconds > LONGEST_SECONDS):
            break
    work.close()
    if not steps:
        raise SettingError("the training ended before one of its batches could be measured")
    return {"seconds_per_step": round(seconds / steps, 4), "steps": round(steps)}
