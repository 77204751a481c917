"""
Reads and writes training runs: settings, data, calibration, and which run is the active model.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.chunking import chunks
from db.tables.core import RunRow, RunTweetRow, TweetRow
from db.values import Labelled, Run
from emoclf.errors import NotFoundError
from emoclf.metrics.run_warnings import degenerate


def add_run(session: Session, tweets: Iterable[tuple[int, str, frozenset[str]]], **fields: Any) -> int:
    """Add a finished run with its (tweet id, role, labels); return its id."""
    run = RunRow(**fields)
    session.add(run)
    session.flush()
    for chunk in chunks(tweets, 5000):
        rows = [{"run_id": run.id, "tweet_id": i, "role": role, "labels": labels} for i, role, labels in chunk]
        session.execute(insert(RunTweetRow), rows)
    return run.id


def list_runs(session: Session, limit: int | None = None) -> list[Run]:
    """The runs, newest first."""
    return [_run(row) for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(limit))]


def get_run(session: Session, run_id: int | None = None) -> Run:
    """One run; without an id the active model: the promoted run, else the newest run that still has its files.

    A degenerate run (see `emoclf.metrics.run_warnings.degenerate`) becomes active only if a person promoted it.

    Raises
    ------
    NotFoundError : if there is none
    """
    if run_id is None:
        return _active_run(session)
    row = session.scalar(select(RunRow).where(RunRow.id == run_id))
    if row is None:
        raise NotFoundError(f"there is no run {run_id}; `cli.py train` makes one, `cli.py runs` lists them")
    return _run(row)


def _active_run(session: Session) -> Run:
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


def held_back(session: Session, among: Collection[int] | None = None) -> list[int]:
    """The ids of degenerate runs that nobody has promoted; the review does not show their predictions.

    Parameters
    ----------
    among : the ids to check; None: all runs
    """
    rows = select(RunRow.id, RunRow.metrics, RunRow.thresholds).where(~RunRow.promoted)
    if among is not None:
        rows = rows.where(RunRow.id.in_(among))
    return [run_id for run_id, metrics, thresholds in session.execute(rows) if degenerate(metrics, thresholds)]


def rename_run(session: Session, run_id: int, name: str) -> None:
    """Rename a run."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(name=name))


def promote_run(session: Session, run_id: int) -> None:
    """Make a run the active model, in place of the run promoted before."""
    session.execute(update(RunRow).where(RunRow.promoted, RunRow.id != run_id).values(promoted=False))
    session.execute(update(RunRow).where(RunRow.id == run_id).values(promoted=True))


def forget_files(session: Session, run_id: int) -> None:
    """Record that a run's files were deleted; its record and predictions are kept."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(files=False))


def run_data(session: Session, run_id: int, roles: Collection[str]) -> list[Labelled]:
    """The tweets that a run used in these roles, with their labels at that time, in id order."""
    rows = select(TweetRow, RunTweetRow.labels).join(RunTweetRow, RunTweetRow.tweet_id == TweetRow.id)
    rows = rows.where(RunTweetRow.run_id == run_id, RunTweetRow.role.in_(roles)).order_by(TweetRow.id)
    return [
        Labelled(tweet.id, tweet.key, tweet.text, tweet.split, tweet.twin_group, labels, "run")
        for tweet, labels in session.execute(rows)
    ]


def run_calibrations(session: Session) -> dict[int, Mapping[str, Any]]:
    """The calibration of each run that has one, by run id."""
    rows = session.execute(select(RunRow.id, RunRow.calibration))
    return {run_id: calibration for run_id, calibration in rows if calibration}


def set_calibration(session: Session, run_id: int, calibration: Mapping[str, Any]) -> None:
    """Store a run's calibration and its calibration error."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(calibration=dict(calibration)))


def _run(row: RunRow) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__dataclass_fields__})
