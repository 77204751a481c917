"""
Bulk: the decisions of a batch, added and taken back a few hundred at a time, as decisions always are: by adding.

What became of a tweet is written in the same transaction as its decision, so
that whoever is killed on the way and goes on neither repeats nor misses one.
"""

from collections.abc import Sequence
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from db.batch_models import BatchRow, BatchTweetRow
from db.columns import now
from db.leases import free_for
from db.models import DecisionRow, QueueRow
from db.values import Batch

ACCEPTED, DECIDED, HELD, UNDONE, KEPT = "accepted", "decided", "held", "undone", "kept"
AT_ONCE = 250  # tweets in a transaction: some hundredths of a second that a reviewer may have to wait


def accept_some(session: Session, batch: Batch, reviewer: str, after: int, limit: int = AT_ONCE) -> dict[int, str]:
    """Accept what the batch promised of its next tweets after an id; return what became of each, nothing at the end.

    A tweet that somebody has decided, or that another reviewer has before them, is left out.
    """
    rows = select(BatchTweetRow.tweet_id, BatchTweetRow.labels, QueueRow.decision_id, _is_free(batch, reviewer))
    rows = rows.join(QueueRow, QueueRow.tweet_id == BatchTweetRow.tweet_id)
    rows = rows.where(BatchTweetRow.batch_id == batch.id, BatchTweetRow.tweet_id > after)
    rows = rows.where(~BatchTweetRow.sampled, BatchTweetRow.outcome.is_(None))
    rows = rows.order_by(BatchTweetRow.tweet_id).limit(limit).with_for_update(of=QueueRow)
    outcomes: dict[int, str] = {}
    accepted: dict[int, frozenset[str]] = {}
    for tweet_id, labels, decision_id, is_free in session.execute(rows):
        outcomes[tweet_id] = DECIDED if decision_id is not None else ACCEPTED if is_free else HELD
        if outcomes[tweet_id] == ACCEPTED:
            accepted[tweet_id] = labels
    _decide(session, batch, reviewer, accepted)
    return _write(session, batch, outcomes)


def _decide(session: Session, batch: Batch, reviewer: str, accepted: dict[int, frozenset[str]]) -> None:
    """Add a decision for each of these undecided tweets and put it in force."""
    rows = [
        {
            "event_id": event_id(batch, "accept", tweet_id),
            "tweet_id": tweet_id,
            "reviewer": reviewer,
            "kind": "decide",
            "labels": labels,
            "right_sources": {},  # nobody judged them
            "shown": {},
            "created_at": now(),
            "guidelines": batch.guidelines,
            "batch_id": batch.id,
        }
        for tweet_id, labels in accepted.items()
    ]
    if rows:
        made = insert(DecisionRow).returning(DecisionRow.id, sort_by_parameter_order=True)
        ids = session.scalars(made, rows).all()
        in_force = [{"tweet_id": i, "decision_id": made_id} for i, made_id in zip(accepted, ids, strict=True)]
        session.execute(update(QueueRow), in_force)


def undo_some(session: Session, batch: Batch, reviewer: str, after: int, limit: int = AT_ONCE) -> dict[int, str]:
    """Take back the batch's next decisions after an id; return what became of each tweet, nothing at the end.

    A tweet that somebody decided again keeps that newer decision.
    """
    rows = select(BatchTweetRow.tweet_id, DecisionRow.id, QueueRow.decision_id)
    rows = rows.join(QueueRow, QueueRow.tweet_id == BatchTweetRow.tweet_id)
    own = (DecisionRow.batch_id == batch.id) & (DecisionRow.tweet_id == BatchTweetRow.tweet_id)
    rows = rows.join(DecisionRow, own & (DecisionRow.kind == "decide"))
    rows = rows.where(BatchTweetRow.batch_id == batch.id, BatchTweetRow.tweet_id > after)
    rows = rows.where(BatchTweetRow.outcome == ACCEPTED)
    rows = rows.order_by(BatchTweetRow.tweet_id).limit(limit).with_for_update(of=QueueRow)
    found = [(tweet_id, made, in_force) for tweet_id, made, in_force in session.execute(rows)]
    _take_back(session, batch, reviewer, [(tweet_id, made) for tweet_id, made, _ in found])
    return _write(session, batch, {i: UNDONE if in_force == made else KEPT for i, made, in_force in found})


def _take_back(session: Session, batch: Batch, reviewer: str, decisions: Sequence[tuple[int, int]]) -> None:
    """Add an undo for each (tweet id, decision id); where it was in force, the tweet is undecided, as it was before."""
    rows = [
        {
            "event_id": event_id(batch, "undo", tweet_id),
            "tweet_id": tweet_id,
            "reviewer": reviewer,
            "kind": "undo",
            "undoes_id": decision_id,
            "right_sources": {},
            "shown": {},
            "created_at": now(),
            "batch_id": batch.id,
        }
        for tweet_id, decision_id in decisions
    ]
    if rows:
        session.execute(insert(DecisionRow), rows)
        ids = [decision_id for _, decision_id in decisions]
        session.execute(update(QueueRow).where(QueueRow.decision_id.in_(ids)).values(decision_id=None))


def event_id(batch: Batch, deed: str, tweet_id: int) -> str:
    """The event id of what a batch does to a tweet, always the same, so that the database refuses it a second time."""
    return str(uuid5(UUID(batch.token), f"{deed} {tweet_id}"))


def _is_free(batch: Batch, reviewer: str) -> ColumnElement[bool]:
    """That nobody else has the tweet before them, and no other batch waits for a person to check it."""
    others = select(BatchTweetRow.tweet_id).join(BatchRow, BatchRow.id == BatchTweetRow.batch_id)
    others = others.where(BatchTweetRow.sampled, BatchRow.id != batch.id, BatchRow.state == "checking")
    return free_for(reviewer) & QueueRow.tweet_id.not_in(others)


def _write(session: Session, batch: Batch, outcomes: dict[int, str]) -> dict[int, str]:
    rows = [{"batch_id": batch.id, "tweet_id": tweet_id, "outcome": outcome} for tweet_id, outcome in outcomes.items()]
    if rows:
        session.execute(update(BatchTweetRow), rows)
    return outcomes
