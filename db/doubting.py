"""
Reads and writes the facts about doubt as a whole: whether it is a probability, its possible bias, and later decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import settings, summaries
from db.tables.core import DecisionRow, QueueRow

PROBABILITY_SHARE, LOW, HIGH, SINCE = "doubt learnt", "doubt low", "doubt high", "doubt since"
MOST = 0.99  # minimum share of a split's tweets with a probability, from which its doubts count as probabilities


@dataclass(frozen=True)
class DoubtState:
    """What is recorded about the doubts of a split."""

    is_probability: bool  # whether they are probabilities; otherwise they only rank the tweets
    shifts: tuple[float, float]  # as `emoclf.review.doubt.Doubts.shifts`
    since: int  # the id of the newest row of the decision log when the doubts were computed


@dataclass(frozen=True)
class Reviewed:
    """A tweet decided by a person."""

    decision: int  # its row in the decision log
    doubt: float
    is_changed: bool  # whether the decision differs from the original


def write(session: Session, shares: Mapping[str, float], shifts: tuple[float, float]) -> None:
    """Record the facts about new doubts.

    Parameters
    ----------
    shares : by split, the share of its tweets with original labels whose doubt is a probability
    shifts : as `emoclf.review.doubt.Doubts.shifts`
    """
    for split, share in shares.items():
        settings.write(session, f"{PROBABILITY_SHARE} {split}", share)
    settings.write(session, LOW, shifts[0])
    settings.write(session, HIGH, shifts[1])
    settings.write(session, SINCE, float(summaries.newest_decision(session)))


def read(session: Session, split: str) -> DoubtState:
    """The recorded facts. Earlier versions recorded none, so their doubts count as ranks."""
    shifts = settings.read(session, LOW, 0.0), settings.read(session, HIGH, 0.0)
    is_probability = settings.read(session, f"{PROBABILITY_SHARE} {split}", 0.0) >= MOST
    return DoubtState(is_probability, shifts, int(settings.read(session, SINCE, 0.0)))


def were_computed(session: Session) -> bool:
    """Whether a tweet has a doubt; an import alone computes none."""
    return session.scalar(select(QueueRow.tweet_id).where(QueueRow.doubt > 0).limit(1)) is not None


def reviewed(session: Session, split: str, n: int) -> list[Reviewed]:
    """The last n tweets of a split that a person decided individually (not in a batch), newest first.

    Tweets that came without labels are excluded: there was nothing to change.
    """
    rows = (
        select(DecisionRow.id, QueueRow.doubt, QueueRow.original, DecisionRow.labels)
        .join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
        .where(QueueRow.split == split, DecisionRow.batch_id.is_(None), QueueRow.original.is_not(None))
        .order_by(DecisionRow.id.desc())
        .limit(n)
    )
    return [
        Reviewed(i, doubt, original != (labels or frozenset())) for i, doubt, original, labels in session.execute(rows)
    ]
