"""
Estimates the duration of a training on this machine, from earlier runs or by timing a few batches.

The job starts the actual training, measures a few batches, and stops; only the seconds per step are kept.
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
from jobs.settings.conversion import names, to_json
from jobs.settings.training import EstimateSettings
from jobs.training import run_warnings
from jobs.training.data import as_texts, read_data

FEWEST_STEPS = 10  # steps to measure, after the first few slower ones
LONGEST_SECONDS = 60.0  # time limit, for slow machines or encoders


@dataclass(frozen=True)
class Prospect:
    """The size and the expected duration of a training on this machine."""

    tweets: int
    positives: dict[str, int]  # tweets with each emotion
    problem: str  # why it cannot start; empty if it can
    steps: int
    first_stage_steps: int  # of the first stage that has to be trained; 0 if none
    seconds: float | None  # of both stages; None: not measured yet
    source: str  # the basis of the estimate, in words


def prospect(store: Store, settings: TrainingSettings, labels: str) -> Prospect:
    """The size and the expected duration of a training with these settings, as far as known."""
    with store.reading() as session:
        tweets, positives = inspections.trainable_counts(session, labels)
        runs, jobs = list_runs(session), list_jobs(session, limit=None)
        earlier = _earlier_run(store, settings, runs)
        trained_on = inspections.training_count(session, earlier.id) + _extra(earlier) if earlier else 0
    steps, first = settings.steps(tweets), _first_stage_steps(store, settings)
    a_step, source = None, "not measured on this machine yet"
    if earlier:
        before = TrainingSettings.from_record(earlier.settings).steps(trained_on)
        a_step = earlier.seconds / before
        source = (
            f"estimated from run {earlier.id}, which took {earlier.seconds / 60:.1f} minutes here for {before:,} steps"
        )
    elif measured := _measured(settings, jobs):
        a_step = float(measured["seconds_per_step"])
        source = f"measured on {measured['steps']} steps of {a_step:.2f} s on this machine"
    reads = steps + first / len(settings.views)  # a first-stage step uses one text variant
    seconds = None if a_step is None else reads * a_step
    return Prospect(tweets, positives, label_support.problem(tweets, positives), steps, first, seconds, source)


def _first_stage_steps(store: Store, settings: TrainingSettings) -> int:
    """The number of first-stage steps still to train; corpora are identified by name only."""
    with store.reading() as session:
        sizes = {one.name: one.texts for one in corpora.corpora(session) if one.texts}
    wanted = EncoderSettings(base=settings.base)
    if not sizes or not settings.has_first_stage or _has_encoder(store, set(sizes), wanted):
        return 0
    return wanted.epochs * sum(math.ceil(texts / wanted.batch_size) for texts in sizes.values())


def _has_encoder(store: Store, names: set[str], settings: EncoderSettings) -> bool:
    """Whether a first-stage encoder exists for the corpora with these names and the settings of this version."""
    wanted = json.loads(json.dumps(asdict(settings)))
    records = (read_record(folder) or {} for folder in encoder_folder(store, "").glob("*"))
    return any(
        record.get("settings") == wanted and {one["name"] for one in record["corpora"]} == names for record in records
    )


def job_settings(settings: TrainingSettings) -> EstimateSettings:
    """The settings that identify an estimate: the machine, and what affects the seconds per step."""
    return EstimateSettings.of(machine(), settings)


def machine() -> str:
    """The name of this machine in an estimate."""
    return f"{platform.node()}, {os.cpu_count()} processors"


def _speed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a training that affect its seconds per step."""
    return {name: settings.get(name) for name in names(EstimateSettings) if name != "machine"}


def _extra(run: Run) -> int:
    """Count the extra training examples of a run, which also take steps."""
    extra = run.settings.get("synthetic") or {}
    return int(extra.get("tweets", 0)) + int(extra.get("repeated", 0))


def _earlier_run(store: Store, settings: TrainingSettings, runs: Sequence[Run]) -> Run | None:
    """The newest run with the same version, encoder and batches whose files are on this machine.

    Runs that were stopped early are excluded, because they took fewer steps than their settings say.
    """
    wanted, runs = _speed(asdict(settings)), [run for run in runs if run_warnings.stopped(run) is None]
    matching = (run for run in runs if run.code_version.split()[0] == __version__ and _speed(run.settings) == wanted)
    return next((run for run in matching if run.seconds and run_folder(store, run.folder).is_dir()), None)


def _measured(settings: TrainingSettings, jobs: Sequence[Job]) -> Mapping[str, Any] | None:
    wanted = to_json(job_settings(settings))
    return next((job.result for job in jobs if job.kind == "estimate" and job.result and job.settings == wanted), None)


def run(store: Store, job: Job, settings: EstimateSettings) -> Work[dict[str, Any]]:
    """The job.

    Raises
    ------
    ModelError : if the encoder cannot be loaded
    TooLittleDataError : if there is too little data to train on
    """
    return (yield from measure(store, settings.training))


def measure(store: Store, settings: TrainingSettings) -> Work[dict[str, Any]]:
    """Train for a few batches and return the seconds per step."""
    from emoclf.training.cross_validation import fine_tune

    data = read_data(store, "approved")
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
