"""
Reads and writes reviewers' verdicts on synthetic tweets: an append-only log, like decisions.
"""

from dataclasses import KW_ONLY, dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from db.synthetic import Verdict, as_verdict
from db.tables.columns import now
from db.tables.synthetic import SyntheticRow, VerdictRow
from emoclf.errors import NotFoundError, SettingError


@dataclass(frozen=True)
class NewVerdict:
    """A verdict to add to the log."""

    event_id: str  # a UUID chosen by the client
    tweet_id: int
    reviewer: str
    kind: str  # accept, reject or restore
    _: KW_ONLY
    labels: frozenset[str] | None = None  # of an accepted tweet
    text: str | None = None  # of an accepted tweet, if the reviewer edited it
    reason: str | None = None  # of a rejection
    seconds: float | None = None  # from showing the tweet to the verdict; None: not measured


def add_verdict(session: Session, new: NewVerdict) -> int:
    """Add a verdict, put it in force and return its id; adding the same event twice has no further effect.

    Raises
    ------
    NotFoundError : if there is no such synthetic tweet
    SettingError : if there is no such kind of verdict
    """
    if new.kind not in ("accept", "reject", "restore"):
        raise SettingError(f"a verdict is accept, reject or restore, not {new.kind!r}")
    if (known := _id_of(session, new.event_id)) is not None:
        return known
    if session.get(SyntheticRow, new.tweet_id) is None:
        raise NotFoundError(f"there is no synthetic tweet {new.tweet_id}")
    return _append(session, VerdictRow(**vars(new)))


def undo_verdict(session: Session, event_id: str, undoes: str, reviewer: str) -> int:
    """Undo a verdict by adding an undo row, which puts the previous verdict in force. Return the id of the undo.

    Raises
    ------
    NotFoundError : if the reviewer gave no verdict with the event id `undoes`
    """
    if (known := _id_of(session, event_id)) is not None:
        return known
    given = select(VerdictRow).where(VerdictRow.event_id == undoes, VerdictRow.reviewer == reviewer)
    undone = session.scalar(given.where(VerdictRow.kind != "undo"))
    if undone is None:
        raise NotFoundError(f"there is no verdict {undoes} of {reviewer} to undo")
    earlier = session.scalar(select(VerdictRow.id).where(VerdictRow.undoes_id == undone.id))
    if earlier is not None:  # already undone in another tab
        return earlier
    row = VerdictRow(event_id=event_id, tweet_id=undone.tweet_id, reviewer=reviewer, kind="undo", undoes_id=undone.id)
    return _append(session, row)


def is_known(session: Session, event_id: str) -> bool:
    """Whether a client's event is already stored."""
    return _id_of(session, event_id) is not None


def _id_of(session: Session, event_id: str) -> int | None:
    return session.scalar(select(VerdictRow.id).where(VerdictRow.event_id == event_id))


def _append(session: Session, row: VerdictRow) -> int:
    row.created_at = now()
    session.add(row)
    session.flush()
    undone = select(VerdictRow.undoes_id).where(VerdictRow.tweet_id == row.tweet_id, VerdictRow.kind == "undo")
    in_force = select(func.max(VerdictRow.id)).where(
        VerdictRow.tweet_id == row.tweet_id, VerdictRow.kind != "undo", VerdictRow.id.not_in(undone)
    )
    owner = update(SyntheticRow).where(SyntheticRow.tweet_id == row.tweet_id)
    session.execute(owner.values(verdict_id=session.scalar(in_force)))
    return row.id


def history(session: Session, reviewer: str, limit: int = 20) -> list[Verdict]:
    """A reviewer's latest verdicts that can be undone, newest first."""
    undo = aliased(VerdictRow)
    rows = select(VerdictRow).outerjoin(undo, undo.undoes_id == VerdictRow.id).order_by(VerdictRow.id.desc())
    own = (VerdictRow.reviewer == reviewer, VerdictRow.kind.in_(("accept", "reject")), undo.id.is_(None))
    return [as_verdict(row) for row in session.scalars(rows.where(*own).limit(limit))]
