"""
Reads and writes flags (comments that ask for another look at a tweet) and reads the history of a tweet.
"""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.imports import no_tweet
from db.tables.annotations import FlagRow
from db.tables.batches import BatchRow
from db.tables.columns import now
from db.tables.core import DecisionRow, QueueRow
from db.values import Flag, Past


def add_flag(session: Session, event_id: str, tweet_id: int, reviewer: str, comment: str | None) -> int:
    """Flag a tweet with a comment, or remove its flag with None. The same event twice counts once. Return the id.

    Raises
    ------
    NotFoundError : if there is no such tweet
    """
    known = session.scalar(select(FlagRow.id).where(FlagRow.event_id == event_id))
    if known is not None:
        return known
    if session.get(QueueRow, tweet_id) is None:
        raise no_tweet(session, tweet_id)
    row = FlagRow(event_id=event_id, tweet_id=tweet_id, reviewer=reviewer, comment=comment, created_at=now())
    session.add(row)
    session.flush()
    session.execute(update(QueueRow).where(QueueRow.tweet_id == tweet_id).values(flagged=comment is not None))
    return row.id


def flags(session: Session, ids: Collection[int]) -> dict[int, Flag]:
    """The flags in force on these tweets."""
    rows = session.scalars(select(FlagRow).where(FlagRow.tweet_id.in_(ids)).order_by(FlagRow.id))
    newest = {row.tweet_id: row for row in rows}
    return {i: Flag(row.reviewer, row.comment) for i, row in newest.items() if row.comment is not None}


def pasts(session: Session, ids: Collection[int]) -> dict[int, list[Past]]:
    """The decisions and flags on these tweets, oldest first; an undone decision is marked as undone."""
    rows = select(DecisionRow, BatchRow.name).outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    decisions = session.execute(rows.where(DecisionRow.tweet_id.in_(ids)).order_by(DecisionRow.id)).all()
    undone = {row.undoes_id for row, _ in decisions}
    found: dict[int, list[Past]] = {}
    for row, batch in decisions:
        if row.labels is not None:
            past = Past(row.created_at, row.reviewer, row.labels, None, row.id in undone, batch)
            found.setdefault(row.tweet_id, []).append(past)
    for flag in session.scalars(select(FlagRow).where(FlagRow.tweet_id.in_(ids)).order_by(FlagRow.id)):
        past = Past(flag.created_at, flag.reviewer, None, flag.comment)
        found.setdefault(flag.tweet_id, []).append(past)
    return {i: sorted(entries, key=lambda past: past.at) for i, entries in found.items()}
