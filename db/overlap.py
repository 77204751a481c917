"""
Reads which tweets wait for a second reviewer, and the decisions of all reviewers on shared tweets.
"""

from collections import defaultdict

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session, aliased

from db.filters import conditions
from db.leases import free_for
from db.shares import OVERLAP_SHARE, overlap_share
from db.tables.core import DecisionRow, OverlapRow, QueueRow, TweetRow
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import draw


def after_decision(session: Session, tweet_id: int) -> None:
    """Update whether a tweet waits for a second reviewer."""
    session.execute(delete(OverlapRow).where(OverlapRow.tweet_id == tweet_id))
    tweet = session.get_one(TweetRow, tweet_id)
    if draw(tweet.key, OVERLAP_SHARE) >= overlap_share(session):
        return
    in_force = select(DecisionRow.reviewer).where(*stands(), DecisionRow.tweet_id == tweet_id)
    reviewers = set(session.scalars(in_force))
    if len(reviewers) == 1:
        session.add(OverlapRow(tweet_id=tweet_id, split=tweet.split, reviewer=reviewers.pop()))


def waiting(session: Session, wanted: Filter, reviewer: str, limit: int) -> list[int]:
    """The tweets that another reviewer decided and this reviewer may decide too, in id order."""
    rows = select(OverlapRow.tweet_id).join(QueueRow, QueueRow.tweet_id == OverlapRow.tweet_id)
    rows = rows.where(OverlapRow.split == wanted.split, OverlapRow.reviewer != reviewer, free_for(reviewer))
    rows = rows.where(*conditions(session, wanted))
    return list(session.scalars(rows.order_by(OverlapRow.tweet_id).limit(limit)))


def shared(session: Session) -> dict[int, dict[str, frozenset[str]]]:
    """The latest decision of each reviewer on tweets that two or more decided, by tweet; adjudications are excluded."""
    return {tweet_id: _labels(by_reviewer) for tweet_id, by_reviewer in _several(session).items()}


def shared_apart(session: Session) -> tuple[list[dict[str, frozenset[str]]], list[dict[str, frozenset[str]]]]:
    """As `shared`, without ids, in two lists: tweets that all their reviewers decided blind, and the others."""
    blind: list[dict[str, frozenset[str]]] = []
    assisted: list[dict[str, frozenset[str]]] = []
    for by_reviewer in _several(session).values():
        is_blind = all(was_blind for _, was_blind in by_reviewer.values())
        (blind if is_blind else assisted).append(_labels(by_reviewer))
    return blind, assisted


def _labels(by_reviewer: dict[str, tuple[frozenset[str], bool]]) -> dict[str, frozenset[str]]:
    return {reviewer: labels for reviewer, (labels, _) in by_reviewer.items()}


def _several(session: Session) -> dict[int, dict[str, tuple[frozenset[str], bool]]]:
    """By tweet that several reviewers decided, and by reviewer: the labels, and whether they were decided blind."""
    several = (
        select(DecisionRow.tweet_id)
        .where(DecisionRow.kind == "decide")
        .group_by(DecisionRow.tweet_id)
        .having(func.count(DecisionRow.reviewer.distinct()) > 1)
    )
    found: dict[int, dict[str, tuple[frozenset[str], bool]]] = defaultdict(dict)
    in_force = select(DecisionRow).where(*stands(), DecisionRow.tweet_id.in_(several))
    for row in session.scalars(in_force.order_by(DecisionRow.id)):
        found[row.tweet_id][row.reviewer] = row.labels or frozenset(), row.blind
    return {tweet_id: by_reviewer for tweet_id, by_reviewer in found.items() if len(by_reviewer) > 1}


def settled(session: Session) -> set[int]:
    """The tweets whose decision in force is an adjudication."""
    rows = select(QueueRow.tweet_id).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    return set(session.scalars(rows.where(DecisionRow.adjudicates)))


def stands() -> tuple[ColumnElement[bool], ...]:
    """The conditions on a decision: a person made it, it is not undone, and it is not an adjudication."""
    undo = aliased(DecisionRow)
    undone = select(undo.id).where(undo.undoes_id == DecisionRow.id).exists()
    return DecisionRow.kind == "decide", DecisionRow.batch_id.is_(None), ~DecisionRow.adjudicates, ~undone
