"""
Leases tweets to reviewers, so that two reviewers do not decide the same tweet without knowing it.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.tables.columns import now
from db.tables.core import LeaseRow, QueueRow

LASTS = dt.timedelta(minutes=10)  # renewed by every decision


def free_for(reviewer: str) -> ColumnElement[bool]:
    """The condition that no other reviewer holds a lease on a row of the queue."""
    return ~exists().where(
        LeaseRow.tweet_id == QueueRow.tweet_id, LeaseRow.reviewer != reviewer, LeaseRow.until > now()
    )


def take(session: Session, tweet_ids: Sequence[int], reviewer: str, from_others: bool = False) -> list[int]:
    """Lease these tweets to a reviewer, replacing the reviewer's earlier leases; tweets leased to others are left out.

    Parameters
    ----------
    from_others : end the leases of other reviewers on these tweets, so that none is left out; their decisions are still
        checked by `jobs.review.assignment.refuse_overtaken`
    """
    moment = now()
    over = or_(LeaseRow.reviewer == reviewer, LeaseRow.until <= moment)
    if from_others:
        over = or_(over, LeaseRow.tweet_id.in_(tweet_ids))
    session.execute(delete(LeaseRow).where(over))
    if not tweet_ids:
        return []
    rows = [{"tweet_id": i, "reviewer": reviewer, "until": moment + LASTS} for i in tweet_ids]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(LeaseRow).on_conflict_do_nothing(), rows)
    held = set(session.scalars(select(LeaseRow.tweet_id).where(LeaseRow.reviewer == reviewer)))
    return [i for i in tweet_ids if i in held]
