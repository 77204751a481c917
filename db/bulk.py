"""
Adds and undoes the decisions of a batch, a few hundred tweets at a time.

The outcome of a tweet is written in the same transaction as its decision, so an interrupted job that resumes neither
repeats nor misses a tweet.
"""

from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from db.leases import free_for
from db.tables.batches import BatchRow, BatchTweetRow
from db.tables.columns import now
from db.tables.core import DecisionRow, QueueRow
from db.values import Batch

ACCEPTED, DECIDED, HELD, UNDONE, KEPT = "accepted", "decided", "held", "undone", "kept"
AT_ONCE = 200  # tweets per transaction; a reviewer who saves meanwhile waits some hundredths of a second


def accept_some(session: Session, batch: Batch, reviewer: str, after: int, limit: int = AT_ONCE) -> dict[int, str]:
    """Accept the batch's labels for its next tweets after an id; return the outcome of each, empty at the end.

    Tweets that have a decision or are leased to another reviewer are left out.
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
            "right_sources": {},  # a batch does not judge sources
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
    """Undo the batch's next decisions after an id; return the outcome of each tweet, empty at the end.

    A tweet that was decided again keeps the newer decision.
    """
    rows = select(BatchTweetRow.tweet_id, QueueRow.decision_id)
    rows = rows.join(QueueRow, QueueRow.tweet_id == BatchTweetRow.tweet_id)
    rows = rows.where(BatchTweetRow.batch_id == batch.id, BatchTweetRow.tweet_id > after)
    rows = rows.where(BatchTweetRow.outcome == ACCEPTED)
    rows = rows.order_by(BatchTweetRow.tweet_id).limit(limit).with_for_update(of=QueueRow)
    in_force: dict[int, int | None] = dict(session.execute(rows).all())
    own = (DecisionRow.batch_id == batch.id, DecisionRow.kind == "decide", DecisionRow.tweet_id.in_(in_force))
    made: dict[int, int] = dict(session.execute(select(DecisionRow.tweet_id, DecisionRow.id).where(*own)).all())
    outcomes = {i: UNDONE if in_force[i] == made[i] else KEPT for i in in_force}
    _take_back(session, batch, reviewer, made)
    undecided = [{"tweet_id": i, "decision_id": None} for i, outcome in outcomes.items() if outcome == UNDONE]
    if undecided:  # back in the state before the batch
        session.execute(update(QueueRow), undecided)
    return _write(session, batch, outcomes)


def _take_back(session: Session, batch: Batch, reviewer: str, made: dict[int, int]) -> None:
    """Add an undo for each decision, by tweet."""
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
        for tweet_id, decision_id in made.items()
    ]
    if rows:
        session.execute(insert(DecisionRow), rows)


def event_id(batch: Batch, action: str, tweet_id: int) -> str:
    """The deterministic event id of a batch's action on a tweet, so that the database rejects a repetition."""
    return str(uuid5(UUID(batch.token), f"{action} {tweet_id}"))


def _is_free(batch: Batch, reviewer: str) -> ColumnElement[bool]:
    """The condition that no other reviewer holds a lease on the tweet and no other batch has it in an open sample."""
    others = select(BatchTweetRow.tweet_id).join(BatchRow, BatchRow.id == BatchTweetRow.batch_id)
    others = others.where(BatchTweetRow.sampled, BatchRow.id != batch.id, BatchRow.state == "checking")
    return free_for(reviewer) & QueueRow.tweet_id.not_in(others)


def _write(session: Session, batch: Batch, outcomes: dict[int, str]) -> dict[int, str]:
    rows = [{"batch_id": batch.id, "tweet_id": tweet_id, "outcome": outcome} for tweet_id, outcome in outcomes.items()]
    if rows:
        session.execute(update(BatchTweetRow), rows)
    return outcomes
