"""
What is known about doubt as a whole: whether it is a probability, how far it may be off, and the decisions after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import settings, summaries
from db.tables.core import DecisionRow, QueueRow

LEARNT, LOW, HIGH, SINCE = "doubt learnt", "doubt low", "doubt high", "doubt since"
MOST = 0.99  # of a split's tweets must have a doubt that is a probability


@dataclass(frozen=True)
class DoubtState:
    """How far the doubts of a split can be trusted; `shifts` are log-odds, `since` is a row of the decision log."""

    is_probability: bool
    shifts: tuple[float, float]  # by which all doubts may be too high (negative) or too low
    since: int  # the newest decision when the doubts were worked out


@dataclass(frozen=True)
class Reviewed:
    """A tweet that a person decided."""

    decision: int  # its row in the decision log
    doubt: float
    is_changed: bool  # whether the decision differs from the original


def write(session: Session, learnt: Mapping[str, float], shifts: tuple[float, float]) -> None:
    """Note what the doubts that are written now rest on; `learnt` is a share of tweets, by split."""
    for split, share in learnt.items():
        settings.write(session, f"{LEARNT} {split}", share)
    settings.write(session, LOW, shifts[0])
    settings.write(session, HIGH, shifts[1])
    settings.write(session, SINCE, float(summaries.newest_decision(session)))


def read(session: Session, split: str) -> DoubtState:
    """What was noted; a rank alone where the doubts are of an earlier version, which noted nothing."""
    shifts = settings.read(session, LOW, 0.0), settings.read(session, HIGH, 0.0)
    is_probability = settings.read(session, f"{LEARNT} {split}", 0.0) >= MOST
    return DoubtState(is_probability, shifts, int(settings.read(session, SINCE, 0.0)))


def reviewed(session: Session, split: str, n: int) -> list[Reviewed]:
    """The last n tweets of a split that a person decided one by one, the newest first; none from a batch."""
    rows = (
        select(DecisionRow.id, QueueRow.doubt, QueueRow.original, DecisionRow.labels)
        .join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
        .where(QueueRow.split == split, DecisionRow.batch_id.is_(None))
        .order_by(DecisionRow.id.desc())
        .limit(n)
    )
    return [
        Reviewed(i, doubt, original != (labels or frozenset())) for i, doubt, original, labels in session.execute(rows)
    ]
