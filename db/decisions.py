"""
Reads and writes decisions: the append-only log, the decision in force, and undo.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from db import overlap
from db.imports import no_tweet
from db.tables.batches import BatchRow
from db.tables.columns import now
from db.tables.core import DecisionRow, QueueRow, TweetRow
from db.values import Decided
from emoclf.errors import NotFoundError
from emoclf.labels import EMOTIONS

DecisionsInForce = dict[int, list[Decided]]  # by tweet id, the decision in force first


@dataclass(frozen=True)
class NewDecision:
    """A decision to add to the log."""

    event_id: str  # a UUID chosen by the client
    tweet_id: int
    reviewer: str
    labels: frozenset[str]
    _: KW_ONLY
    right_sources: Mapping[str, Any] = field(default_factory=dict)  # the sources that agree with it, per emotion
    shown: Mapping[str, Any] = field(default_factory=dict)  # what the screen showed of each source
    seconds: float | None = None  # from showing the tweet to the decision; None: not measured
    adjudicates: bool = False  # settles a disagreement between reviewers; in force whatever they decide later
    by_chance: bool = False  # the tweet came from the random sample, not from doubt
    blind: bool = False  # the sources were shown only after the answer
    guidelines: int | None = None  # the version of the guidelines shown to the reviewer; None: unknown


def add_decision(session: Session, new: NewDecision) -> int:
    """Add a decision, put it in force and return its id; adding the same event twice has no further effect.

    Raises
    ------
    NotFoundError : if there is no such tweet
    """
    if (known := decision_id(session, new.event_id)) is not None:
        return known
    _check_tweet(session, new.tweet_id)
    as_json = {"right_sources": dict(new.right_sources), "shown": dict(new.shown)}
    return _append(session, DecisionRow(kind="decide", **vars(new) | as_json))


def add_undo(session: Session, event_id: str, undoes: str, reviewer: str) -> int:
    """Undo a decision by adding an undo row, which puts the previous decision in force. Return the id of the undo.

    Raises
    ------
    NotFoundError : if the reviewer has made no decision with the event id `undoes`
    """
    if (known := decision_id(session, event_id)) is not None:
        return known
    undone = session.scalar(
        select(DecisionRow)
        .where(DecisionRow.event_id == undoes, DecisionRow.reviewer == reviewer, DecisionRow.kind == "decide")
        .where(DecisionRow.batch_id.is_(None))
    )
    if undone is None:
        raise NotFoundError(f"there is no decision {undoes} of {reviewer} to undo")
    earlier = session.scalar(select(DecisionRow.id).where(DecisionRow.undoes_id == undone.id))
    if earlier is not None:  # already undone in another tab
        return earlier
    row = DecisionRow(
        event_id=event_id,
        tweet_id=undone.tweet_id,
        reviewer=reviewer,
        kind="undo",
        labels=None,
        undoes_id=undone.id,
        right_sources={},
        shown={},
        seconds=None,
    )
    return _append(session, row)


def decision_id(session: Session, event_id: str) -> int | None:
    """The id of the decision stored for a client's event, or None."""
    return session.scalar(select(DecisionRow.id).where(DecisionRow.event_id == event_id))


def _check_tweet(session: Session, tweet_id: int) -> None:
    if session.get(QueueRow, tweet_id) is None:
        raise no_tweet(session, tweet_id)


def _append(session: Session, row: DecisionRow) -> int:
    row.created_at = now()
    session.add(row)
    session.flush()
    session.execute(
        update(QueueRow).where(QueueRow.tweet_id == row.tweet_id).values(decision_id=_in_force(session, row.tweet_id))
    )
    overlap.after_decision(session, row.tweet_id)
    return row.id


def _in_force(session: Session, tweet_id: int) -> int | None:
    """The id of a tweet's latest decision that is not undone; an adjudicating decision has priority."""
    undone = select(DecisionRow.undoes_id).where(DecisionRow.tweet_id == tweet_id, DecisionRow.kind == "undo")
    return session.scalar(
        select(DecisionRow.id)
        .where(DecisionRow.tweet_id == tweet_id, DecisionRow.kind == "decide", DecisionRow.id.not_in(undone))
        .order_by(DecisionRow.adjudicates.desc(), DecisionRow.id.desc())
        .limit(1)
    )


def undoable_decisions(session: Session, reviewer: str, limit: int = 20) -> list[Decided]:
    """A reviewer's latest decisions that can be undone, newest first; without batches, which are undone as a whole."""
    undo = aliased(DecisionRow)
    rows = session.scalars(
        select(DecisionRow)
        .outerjoin(undo, undo.undoes_id == DecisionRow.id)
        .where(DecisionRow.reviewer == reviewer, DecisionRow.kind == "decide", undo.id.is_(None))
        .where(DecisionRow.batch_id.is_(None))
        .order_by(DecisionRow.id.desc())
        .limit(limit)
    )
    return [
        Decided(row.id, row.event_id, row.tweet_id, row.reviewer, row.labels or frozenset(), row.created_at)
        for row in rows
    ]


def decision_log(session: Session) -> Iterator[dict[str, Any]]:
    """Every row of the decision log in readable form, oldest first."""
    rows = select(DecisionRow, TweetRow.key, BatchRow.name).join(TweetRow, TweetRow.id == DecisionRow.tweet_id)
    rows = rows.outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    for row, key, batch in session.execute(rows.order_by(DecisionRow.id).execution_options(yield_per=1000)):
        yield {
            "event_id": row.event_id,
            "ID": key,
            "kind": row.kind,
            "reviewer": row.reviewer,
            "labels": " ".join(EMOTIONS.ordered(row.labels or ())),
            "right_sources": json.dumps(row.right_sources),
            "shown": json.dumps(row.shown, ensure_ascii=False),
            "seconds": row.seconds,
            "by_chance": row.by_chance,
            "blind": row.blind,
            "adjudicates": row.adjudicates,
            "guidelines": row.guidelines,
            "batch": batch,
            "created_at": row.created_at.isoformat(),
        }


def decisions_in_force(session: Session, tweet_ids: Collection[int]) -> DecisionsInForce:
    """The decisions on these tweets that are not undone, the one in force first; undecided tweets are left out.

    An adjudicating decision comes first, then the others from newest to oldest.
    """
    undone = select(DecisionRow.undoes_id).where(DecisionRow.tweet_id.in_(tweet_ids), DecisionRow.kind == "undo")
    rows = select(DecisionRow, BatchRow.name).outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    rows = rows.where(DecisionRow.tweet_id.in_(tweet_ids), DecisionRow.kind == "decide", DecisionRow.id.not_in(undone))
    found: DecisionsInForce = {}
    for row, batch in session.execute(rows.order_by(DecisionRow.adjudicates.desc(), DecisionRow.id.desc())):
        found.setdefault(row.tweet_id, []).append(_decided(row, batch))
    return found


def after_undo(in_force: DecisionsInForce, history: Sequence[Decided]) -> list[list[Decided]]:
    """For each decision of a history, newest first: what is left on its tweet once it and all newer ones are undone."""
    undone: set[int] = set()
    found = []
    for one in history:
        undone.add(one.id)
        found.append([other for other in in_force.get(one.tweet_id, []) if other.id not in undone])
    return found


def _decided(row: DecisionRow, batch: str | None) -> Decided:
    labels = row.labels or frozenset()
    known = (row.id, row.event_id, row.tweet_id, row.reviewer, labels, row.created_at, batch)
    return Decided(*known, guidelines=row.guidelines, adjudicates=row.adjudicates)
