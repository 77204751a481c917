"""
Reads which decisions were in force at a given time.
"""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.chunking import chunks
from db.tables.batches import BatchRow
from db.tables.core import DecisionRow
from db.values import Decided


def decisions_at(session: Session, ids: Collection[int], moment: dt.datetime) -> dict[int, list[Decided]]:
    """The decisions on these tweets that were made and not undone at the given time, newest first, by tweet id."""
    found: dict[int, list[Decided]] = {}
    undo = aliased(DecisionRow)
    taken_back = (undo.undoes_id == DecisionRow.id) & (undo.created_at <= moment)
    rows = select(DecisionRow, BatchRow.name).outerjoin(undo, taken_back).order_by(DecisionRow.id.desc())
    rows = rows.outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    rows = rows.where(DecisionRow.kind == "decide", DecisionRow.created_at <= moment, undo.id.is_(None))
    for chunk in chunks(ids):
        for row, batch in session.execute(rows.where(DecisionRow.tweet_id.in_(chunk))):
            known = (row.id, row.event_id, row.tweet_id, row.reviewer, row.labels or frozenset(), row.created_at)
            found.setdefault(row.tweet_id, []).append(Decided(*known, batch=batch))
    return found
