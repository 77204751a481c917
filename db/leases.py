"""
Leases: which tweets are in front of which reviewer, so that two never decide the same one unknowingly.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.tables.columns import now
from db.tables.core import LeaseRow, QueueRow

LASTS = dt.timedelta(minutes=10)  # renewed with every decision


def free_for(reviewer: str) -> ColumnElement[bool]:
    """The condition that nobody else has a row of the queue in front of them."""
    return ~exists().where(
        LeaseRow.tweet_id == QueueRow.tweet_id, LeaseRow.reviewer != reviewer, LeaseRow.until > now()
    )


def take(session: Session, tweet_ids: Sequence[int], reviewer: str, from_others: bool = False) -> list[int]:
    """Lease these tweets to a reviewer in place of those they had; those that another one got first are left out.

    Parameters
    ----------
    from_others : end the leases that others have on these tweets, so that none is left out; what the others decide
        nonetheless is weighed by `jobs.review.assignment.check_turn`, as is every decision
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
