"""
Reads about who decided what: every decision that stands, with the original labels beside it.
"""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import DecisionRow, QueueRow, TweetRow
from db.overlap import stands
from db.values import Judged

CHUNK = 1000  # rows in memory at once


def judged(session: Session) -> Iterator[Judged]:
    """The decisions that no undo has taken back and that settle no difference, oldest first; none from a batch."""
    rows = (
        select(
            DecisionRow.tweet_id,
            TweetRow.split,
            DecisionRow.reviewer,
            DecisionRow.labels,
            TweetRow.original,
            DecisionRow.right_sources,
            DecisionRow.seconds,
            DecisionRow.blind,
        )
        .join(TweetRow, TweetRow.id == DecisionRow.tweet_id)
        .where(*stands())
        .order_by(DecisionRow.id)
        .execution_options(yield_per=CHUNK)
    )
    for row in session.execute(rows):
        yield Judged(*row)


def in_force(session: Session, split: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """(original, decided) labels of every tweet of a split that a person decided."""
    rows = select(QueueRow.original, DecisionRow.labels).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    found = session.execute(rows.where(QueueRow.split == split, DecisionRow.batch_id.is_(None)))
    return [(original, labels or frozenset()) for original, labels in found]


def size(session: Session, split: str) -> int:
    """How many tweets a split has in the review."""
    return session.scalar(select(func.count()).select_from(QueueRow).where(QueueRow.split == split)) or 0
