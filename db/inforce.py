"""
Decisions that stand on tweets: the one in force, and the one that is in force again after an undo.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.batches import BatchRow
from db.tables.core import DecisionRow
from db.values import Decided

Standing = dict[int, list[Decided]]  # by tweet id, the decision in force first


def standing(session: Session, tweet_ids: Collection[int]) -> Standing:
    """The decisions on these tweets that no undo has taken back, the one in force first; undecided tweets are left out.

    The order is that of `db.commands`: one that adjudicates comes first, then the newest.
    """
    undone = select(DecisionRow.undoes_id).where(DecisionRow.tweet_id.in_(tweet_ids), DecisionRow.kind == "undo")
    rows = select(DecisionRow, BatchRow.name).outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    rows = rows.where(DecisionRow.tweet_id.in_(tweet_ids), DecisionRow.kind == "decide", DecisionRow.id.not_in(undone))
    found: Standing = {}
    for row, batch in session.execute(rows.order_by(DecisionRow.adjudicates.desc(), DecisionRow.id.desc())):
        found.setdefault(row.tweet_id, []).append(_decided(row, batch))
    return found


def after_undo(standing: Standing, history: Sequence[Decided]) -> list[list[Decided]]:
    """For each decision of a history, newest first: what stands on its tweet once it and those before it are undone."""
    undone: set[int] = set()
    found = []
    for one in history:
        undone.add(one.id)
        found.append([other for other in standing.get(one.tweet_id, []) if other.id not in undone])
    return found


def _decided(row: DecisionRow, batch: str | None) -> Decided:
    labels = row.labels or frozenset()
    known = (row.id, row.event_id, row.tweet_id, row.reviewer, labels, row.created_at, batch)
    return Decided(*known, guidelines=row.guidelines, adjudicates=row.adjudicates)
