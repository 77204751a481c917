"""
Runs a long job in its own process, tracks its progress, and resumes it after an interruption.

The row in the store is the source of truth, so closing a tab or restarting the app loses nothing. A job works in small
transactions, so it resumes where it stopped and does not block reviewers.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from db.jobs import (
    add_job,
    claim_job,
    end_job,
    expect_worker,
    get_job,
    list_jobs,
    report_progress,
    requeue_job,
    unfinished_jobs,
)
from db.store import Store
from db.tables.columns import now
from db.values import Job
from emoclf.environment import child_environment
from emoclf.errors import EmoclfError, SettingError
from emoclf.progress import Progress, drain
from jobs import logs, registry
from jobs.paths import log_file
from jobs.settings.conversion import to_json

START_SECONDS = 60  # how long a queued job may wait for its process
REPORT_SECONDS = 0.5  # interval between writes of the progress
LOG_LINES = 3  # lines of the log shown for a lost job
STARTED = "=== a process starts for job"  # starts the log of each process of a job

Report = Callable[[Progress], None]

log = logging.getLogger(__name__)


class Cancelled(Exception):  # noqa: N818 - a request of the user, not an error
    """The job was asked to stop."""


def queue_job(store: Store, kind: str, settings: Any) -> int:
    """Queue a job, or resume the newest one of its kind if it was interrupted and has the same settings.

    Parameters
    ----------
    settings : a value of the kind's type of settings, or a mapping as it is stored with a job

    Raises
    ------
    SettingError : if the kind is unknown, a setting is invalid, or the same job is unfinished
    """
    job_kind = registry.kind_of(kind)
    wanted = job_kind.read(settings)
    find_lost(store)
    with store.writing() as session:
        newest = next((job for job in list_jobs(session, limit=None) if job.kind == kind), None)
        if newest is None or newest.state == "done" or not job_kind.is_same(newest.settings, wanted):
            return add_job(session, kind, to_json(wanted))
        if not newest.is_over:
            raise SettingError(f"the same {job_kind.name} is queued or running already, as job {newest.id}")
        requeue_job(session, newest.id)
        return newest.id


def start(store: Store, job_id: int) -> None:
    """Run a queued job in a detached process that outlives the app; its output goes to its log file."""
    with store.reading() as session:
        job = get_job(session, job_id)
    try:
        worker = _spawn(store, job_id)
    except OSError as error:
        _end(store, job, "failed", f"its process cannot be started: {error}")
        return
    threading.Thread(target=worker.wait, daemon=True).start()  # reaps the child, which would stay a zombie
    with store.writing() as session:
        expect_worker(session, job_id, worker.pid, started_at(worker.pid))


def _spawn(store: Store, job_id: int) -> subprocess.Popen[bytes]:
    path = log_file(store, job_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > logs.FILE_BYTES:  # no process writes to it now
        path.replace(path.with_suffix(".log.1"))
    env = child_environment({"EMOCLF_DB": store.url}, python_path=str(Path(__file__).resolve().parents[1]))
    with path.open("a", encoding="utf-8") as output:
        output.write(f"{STARTED} {job_id}\n")
        output.flush()
        return subprocess.Popen(
            [sys.executable, "-m", "jobs.worker", str(job_id)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def execute(store: Store, job_id: int, report: Report = lambda progress: None) -> dict[str, Any]:
    """Run a queued job in this process to its end and return its result; the row records how it ended.

    Raises
    ------
    Cancelled : if the job was asked to stop
    EmoclfError : errors of the job itself
    """
    with store.writing() as session:
        if not claim_job(session, job_id, os.getpid(), started_at(os.getpid())):
            raise SettingError(f"job {job_id} is not waiting to run; another process runs it, or it has ended")
        job = get_job(session, job_id)
    state, message, result = "failed", "", None
    try:
        result = drain(registry.kind_of(job.kind).run(store, job), _reporter(store, job, report))
        state, message = "done", "done"
        return dict(result)
    except (Cancelled, KeyboardInterrupt):
        state, message = "cancelled", registry.kind_of(job.kind).after_a_stop
        raise
    except EmoclfError as error:
        message = str(error)
        raise
    except BaseException as error:
        message = logs.sentence(error, f"job {job_id} ({job.kind})")
        raise
    finally:
        log.info("job %s (%s): %s", job_id, job.kind, state)
        _end(store, job, state, message, result)


def _end(store: Store, job: Job, state: str, message: str, result: dict[str, Any] | None = None) -> None:
    """Record how a job ended, without the secrets that its message may quote from a driver or a server."""
    with store.writing() as session:
        end_job(session, job, state, logs.presentable(message, store.url), result)


def find_lost(store: Store) -> None:
    """Mark jobs whose process has died as lost, with the last lines of their log."""
    with store.reading() as session:
        lost = [job for job in unfinished_jobs(session) if _is_gone(job)]
    for job in lost:
        _end(store, job, "lost", f"its process ended unexpectedly. {last_lines(store, job)}".strip())


def _is_gone(job: Job) -> bool:
    """Whether no process works on an unfinished job; one that waits for its process is given some time."""
    if job.pid is None:
        return (now() - job.created_at).total_seconds() > START_SECONDS
    return not is_alive(job)


def is_alive(job: Job) -> bool:
    """Whether the process that claimed the job still runs; a reused pid has another start time."""
    if job.pid is None or job.pid_started is None:
        return False
    began = started_at(job.pid)
    return began > 0 and abs(began - job.pid_started) < 1.0


def started_at(pid: int) -> float:
    """When a process started, in seconds since the epoch; 0 if it is gone."""
    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return 0.0


def last_lines(store: Store, job: Job) -> str:
    """The last lines that the newest process of a job wrote to its log."""
    try:
        written = log_file(store, job.id).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = written.rpartition(f"{STARTED} {job.id}\n")[2].splitlines()
    return " / ".join(line.strip() for line in lines[-LOG_LINES:] if line.strip())


def _reporter(store: Store, job: Job, report: Report) -> Report:
    last = 0.0

    def store_progress(progress: Progress) -> None:
        nonlocal last
        report(progress)
        if progress.detail is None and time.monotonic() - last < REPORT_SECONDS:
            return
        last = time.monotonic()
        with store.writing(durable=False) as session:
            continues = report_progress(session, job, progress)
        if not continues:
            raise Cancelled

    return store_progress
