"""
Reads and writes the job records: queued, claimed by a worker, in progress, ended.
"""

from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from db.tables.columns import now
from db.tables.core import JobRow
from db.values import Job
from emoclf.errors import NotFoundError
from emoclf.progress import Progress

OVER = ("done", "failed", "cancelled", "lost")


def add_job(session: Session, kind: str, settings: dict[str, Any]) -> int:
    """Add a job in state "queued" and return its id."""
    row = JobRow(kind=kind, settings=settings, state="queued")
    session.add(row)
    session.flush()
    return row.id


def list_jobs(session: Session, limit: int | None = 50, kind: str | None = None) -> list[Job]:
    """The jobs of a kind, or of all kinds, newest first."""
    listed = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
    return [_job(row) for row in session.scalars(listed if kind is None else listed.where(JobRow.kind == kind))]


def get_job(session: Session, job_id: int) -> Job:
    """One job; NotFoundError if there is none."""
    row = session.get(JobRow, job_id)
    if row is None:
        raise NotFoundError(f"there is no job {job_id}; `cli.py jobs` lists them")
    return _job(row)


def unfinished_jobs(session: Session) -> list[Job]:
    """The queued and running jobs, oldest first."""
    rows = select(JobRow).where(JobRow.state.in_(("queued", "running"))).order_by(JobRow.id)
    return [_job(row) for row in session.scalars(rows)]


def requeue_job(session: Session, job_id: int) -> None:
    """Put an interrupted job back in the queue with the same settings and creation time."""
    again = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_(OVER))
    asked = {"cancel_requested": False, "wrap_up_requested": False}
    session.execute(again.values(state="queued", pid=None, message="", detail=None, ended_at=None, **asked))


def expect_worker(session: Session, job_id: int, pid: int, pid_started: float) -> None:
    """Record which process will claim a queued job, so that it is detected if that process dies first."""
    waiting = update(JobRow).where(JobRow.id == job_id, JobRow.state == "queued")
    session.execute(waiting.values(pid=pid, pid_started=pid_started))


def claim_job(session: Session, job_id: int, pid: int, pid_started: float) -> bool:
    """Claim a queued job for this process; False if another process has claimed it."""
    claimed = (
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == "queued")
        .values(state="running", pid=pid, pid_started=pid_started, started_at=now(), heartbeat=now())
        .returning(JobRow.id)
    )
    return session.scalar(claimed) is not None


def report_progress(session: Session, job: Job, progress: Progress) -> bool:
    """Store the progress of a job and a heartbeat; False if its process should stop (cancelled, or claimed by another).

    The last detail is kept if `progress` has none.
    """
    news: dict[str, Any] = {"done": progress.done, "total": progress.total, "message": progress.message}
    if progress.detail is not None:
        news["detail"] = progress.detail
    progressed = update(JobRow).where(*_held_by(job)).values(heartbeat=now(), **news)
    cancel_requested = session.scalar(progressed.returning(JobRow.cancel_requested))
    return cancel_requested is False


def end_job(session: Session, job: Job, state: str, message: str, result: dict[str, Any] | None = None) -> None:
    """Record how a job ended, unless it is over already or now belongs to another process."""
    done = JobRow.total if state == "done" else JobRow.done
    ending = update(JobRow).where(*_held_by(job), JobRow.state.not_in(OVER))
    session.execute(ending.values(state=state, message=message, result=result, done=done, ended_at=now()))


def _held_by(job: Job) -> tuple[ColumnElement[bool], ...]:
    """The condition that the process in `job` still holds the row: another process may have resumed the job."""
    return (
        JobRow.id == job.id,
        JobRow.pid.is_not_distinct_from(job.pid),
        JobRow.pid_started.is_not_distinct_from(job.pid_started),
    )


def request_cancel(session: Session, job_id: int) -> None:
    """Ask a job to stop after its current step; a queued job is cancelled immediately."""
    session.execute(update(JobRow).where(JobRow.id == job_id).values(cancel_requested=True))
    waiting = update(JobRow).where(JobRow.id == job_id, JobRow.state == "queued")
    session.execute(waiting.values(state="cancelled", message="cancelled before it began", ended_at=now()))


def request_early_stop(session: Session, job_id: int) -> None:
    """Ask a job to stop early and keep the best result so far; a finished job does not change."""
    going = update(JobRow).where(JobRow.id == job_id, JobRow.state.not_in(OVER))
    session.execute(going.values(wrap_up_requested=True))


def early_stop_requested(session: Session, job_id: int) -> bool:
    """Whether a job was asked to stop early and keep the best result so far."""
    return bool(session.scalar(select(JobRow.wrap_up_requested).where(JobRow.id == job_id)))


def _job(row: JobRow) -> Job:
    return Job(**{name: getattr(row, name) for name in Job.__dataclass_fields__})
