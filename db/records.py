"""
Runs and jobs: reads and writes of their records.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from db.tables.columns import now
from db.tables.core import JobRow, PredictionRow, RunRow, RunTweetRow, TweetRow
from db.values import Job, Labelled, Run
from emoclf.errors import NotFoundError
from emoclf.metrics.run_warnings import degenerate
from emoclf.progress import Progress

OVER = ("done", "failed", "cancelled", "lost")


def runs(session: Session, limit: int | None = None) -> list[Run]:
    """The runs, newest first."""
    return [_run(row) for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(limit))]


def run(session: Session, run_id: int | None = None) -> Run:
    """One run; where no id is given the predictor: the promoted run, else the newest that has its files.

    A degenerate run, see `emoclf.metrics.run_warnings.degenerate`, predicts only once a person has promoted it.

    Raises
    ------
    NotFoundError : if there is none
    """
    if run_id is None:
        return _predictor(session)
    row = session.scalar(select(RunRow).where(RunRow.id == run_id))
    if row is None:
        raise NotFoundError(f"there is no run {run_id}; `cli.py train` makes one, `cli.py runs` lists them")
    return _run(row)


def _predictor(session: Session) -> Run:
    held = held_back(session)
    rows = select(RunRow).where(RunRow.files, RunRow.id.not_in(held))
    row = session.scalar(rows.order_by(RunRow.promoted.desc(), RunRow.id.desc()).limit(1))
    if row is not None:
        return _run(row)
    if waiting := session.scalar(select(RunRow.id).where(RunRow.files).order_by(RunRow.id.desc()).limit(1)):
        raise NotFoundError(
            f"run {waiting} is degenerate, so it is used only once it is promoted; `cli.py runs show {waiting}` "
            f"says why, `cli.py runs promote {waiting} --confirm` promotes it"
        )
    missing = (
        "the files of all runs were deleted" if session.scalar(select(RunRow.id).limit(1)) else "there is no run yet"
    )
    raise NotFoundError(f"{missing}; `cli.py train` makes one, `cli.py runs` lists them")


def held_back(session: Session) -> list[int]:
    """The ids of the degenerate runs that nobody has promoted: the review does not show what they predict."""
    rows = session.execute(select(RunRow.id, RunRow.metrics, RunRow.thresholds).where(~RunRow.promoted))
    return [run_id for run_id, metrics, thresholds in rows if degenerate(metrics, thresholds)]


def rename_run(session: Session, run_id: int, name: str) -> None:
    """Give a run another name."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(name=name))


def promote_run(session: Session, run_id: int) -> None:
    """Make a run the one that predicts where none is named; the run promoted before is so no longer."""
    session.execute(update(RunRow).where(RunRow.promoted, RunRow.id != run_id).values(promoted=False))
    session.execute(update(RunRow).where(RunRow.id == run_id).values(promoted=True))


def forget_files(session: Session, run_id: int) -> None:
    """Note that a run's files are gone; its record and its predictions stay."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(files=False))


def run_data(session: Session, run_id: int, roles: Collection[str]) -> list[Labelled]:
    """The tweets that a run used in these roles, with the labels they had then, in id order."""
    rows = select(TweetRow, RunTweetRow.labels).join(RunTweetRow, RunTweetRow.tweet_id == TweetRow.id)
    rows = rows.where(RunTweetRow.run_id == run_id, RunTweetRow.role.in_(roles)).order_by(TweetRow.id)
    return [
        Labelled(tweet.id, tweet.key, tweet.text, tweet.split, tweet.twin_group, labels, "run")
        for tweet, labels in session.execute(rows)
    ]


def unseen_labels(session: Session, run_id: int) -> dict[int, frozenset[str]]:
    """The labels a run predicted, by tweet id, for tweets that it trained on neither themselves nor their twins."""
    rows = select(PredictionRow.tweet_id, PredictionRow.labels)
    rows = rows.where(PredictionRow.run_id == run_id, PredictionRow.out_of_fold.is_(True))
    return dict(session.execute(rows).all())


def unseen_probabilities(session: Session, run_id: int) -> dict[int, Sequence[float]]:
    """The raw probabilities that a run gave, by tweet id, of the tweets in `unseen_labels`."""
    rows = select(PredictionRow.tweet_id, PredictionRow.probabilities)
    rows = rows.where(PredictionRow.run_id == run_id, PredictionRow.out_of_fold.is_(True))
    return dict(session.execute(rows).all())


def set_calibration(session: Session, run_id: int, calibration: Mapping[str, Any]) -> None:
    """Write down how a run's raw probabilities become honest ones, and how honest."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(calibration=dict(calibration)))


def add_job(session: Session, kind: str, settings: dict[str, Any]) -> int:
    """Add a job in state queued; return its id."""
    row = JobRow(kind=kind, settings=settings, state="queued")
    session.add(row)
    session.flush()
    return row.id


def jobs(session: Session, limit: int | None = 50) -> list[Job]:
    """The jobs, newest first."""
    return [_job(row) for row in session.scalars(select(JobRow).order_by(JobRow.id.desc()).limit(limit))]


def job(session: Session, job_id: int) -> Job:
    """One job; NotFoundError if there is none."""
    row = session.get(JobRow, job_id)
    if row is None:
        raise NotFoundError(f"there is no job {job_id}; `cli.py jobs` lists them")
    return _job(row)


def unfinished_jobs(session: Session) -> list[Job]:
    """The jobs that are queued or running, oldest first."""
    rows = select(JobRow).where(JobRow.state.in_(("queued", "running"))).order_by(JobRow.id)
    return [_job(row) for row in session.scalars(rows)]


def requeue_job(session: Session, job_id: int) -> None:
    """Put an interrupted job back in the queue; it keeps its settings and the time it was first asked for."""
    again = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_(OVER))
    asked = {"cancel_requested": False, "wrap_up_requested": False}
    session.execute(again.values(state="queued", pid=None, message="", detail=None, ended_at=None, **asked))


def expect_worker(session: Session, job_id: int, pid: int, pid_started: float) -> None:
    """Note which process is about to claim a queued job, so that it is missed if it never does."""
    waiting = update(JobRow).where(JobRow.id == job_id, JobRow.state == "queued")
    session.execute(waiting.values(pid=pid, pid_started=pid_started))


def claim_job(session: Session, job_id: int, pid: int, pid_started: float) -> bool:
    """Take a queued job for this process; False if another has it."""
    claimed = (
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == "queued")
        .values(state="running", pid=pid, pid_started=pid_started, started_at=now(), heartbeat=now())
        .returning(JobRow.id)
    )
    return session.scalar(claimed) is not None


def report_progress(session: Session, job: Job, progress: Progress) -> bool:
    """Store how far a job is, with a heartbeat; False if its process should stop: it was asked to, or lost the job.

    The newest detail stays where `progress` brings none.
    """
    news: dict[str, Any] = {"done": progress.done, "total": progress.total, "message": progress.message}
    if progress.detail is not None:
        news["detail"] = progress.detail
    progressed = update(JobRow).where(*_held_by(job)).values(heartbeat=now(), **news)
    cancel_requested = session.scalar(progressed.returning(JobRow.cancel_requested))
    return cancel_requested is False


def end_job(session: Session, job: Job, state: str, message: str, result: dict[str, Any] | None = None) -> None:
    """Write how a job ended, unless it is over already or another process has it by now."""
    done = JobRow.total if state == "done" else JobRow.done
    ending = update(JobRow).where(*_held_by(job), JobRow.state.not_in(OVER))
    session.execute(ending.values(state=state, message=message, result=result, done=done, ended_at=now()))


def _held_by(job: Job) -> tuple[ColumnElement[bool], ...]:
    """That the process in `job` still holds the row: another may have taken it up again."""
    return (
        JobRow.id == job.id,
        JobRow.pid.is_not_distinct_from(job.pid),
        JobRow.pid_started.is_not_distinct_from(job.pid_started),
    )


def request_cancel(session: Session, job_id: int) -> None:
    """Ask a job to stop after its present piece of work; one that has not begun is cancelled at once."""
    session.execute(update(JobRow).where(JobRow.id == job_id).values(cancel_requested=True))
    waiting = update(JobRow).where(JobRow.id == job_id, JobRow.state == "queued")
    session.execute(waiting.values(state="cancelled", message="cancelled before it began", ended_at=now()))


def request_wrap_up(session: Session, job_id: int) -> None:
    """Ask a job to end soon and keep the best so far; one that is over stays as it is."""
    going = update(JobRow).where(JobRow.id == job_id, JobRow.state.not_in(OVER))
    session.execute(going.values(wrap_up_requested=True))


def wrap_up_requested(session: Session, job_id: int) -> bool:
    """Whether somebody asked a job to end soon and keep the best so far."""
    return bool(session.scalar(select(JobRow.wrap_up_requested).where(JobRow.id == job_id)))


def _run(row: RunRow) -> Run:
    return Run(**_fields(row, Run))


def _job(row: JobRow) -> Job:
    return Job(**_fields(row, Job))


def _fields(row: RunRow | JobRow, value: type[Run] | type[Job]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in value.__dataclass_fields__}
