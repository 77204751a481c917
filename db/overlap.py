"""
Overlap: a share of the tweets is decided by two reviewers; which of them wait, and what the reviewers said of each.
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
    """Let a tweet wait for its second reviewer, or no longer."""
    session.execute(delete(OverlapRow).where(OverlapRow.tweet_id == tweet_id))
    tweet = session.get_one(TweetRow, tweet_id)
    if draw(tweet.key, OVERLAP_SHARE) >= overlap_share(session):
        return
    standing = select(DecisionRow.reviewer).where(*stands(), DecisionRow.tweet_id == tweet_id)
    reviewers = set(session.scalars(standing))
    if len(reviewers) == 1:
        session.add(OverlapRow(tweet_id=tweet_id, split=tweet.split, reviewer=reviewers.pop()))


def waiting(session: Session, wanted: Filter, reviewer: str, limit: int) -> list[int]:
    """The tweets that somebody else has decided and this reviewer may decide too, those first that were made first."""
    rows = select(OverlapRow.tweet_id).join(QueueRow, QueueRow.tweet_id == OverlapRow.tweet_id)
    rows = rows.where(OverlapRow.split == wanted.split, OverlapRow.reviewer != reviewer, free_for(reviewer))
    rows = rows.where(*conditions(session, wanted))
    return list(session.scalars(rows.order_by(OverlapRow.tweet_id).limit(limit)))


def shared(session: Session) -> dict[int, dict[str, frozenset[str]]]:
    """By tweet what each reviewer decided last, for tweets that two or more decided; without what settled them."""
    return {tweet_id: _labels(said) for tweet_id, said in _several(session).items()}


def shared_apart(session: Session) -> tuple[list[dict[str, frozenset[str]]], list[dict[str, frozenset[str]]]]:
    """As `shared`, without the ids: first the tweets that all their reviewers decided blind, then the others."""
    apart: tuple[list[dict[str, frozenset[str]]], list[dict[str, frozenset[str]]]] = ([], [])
    for said in _several(session).values():
        is_blind = all(blind for _, blind in said.values())
        apart[not is_blind].append(_labels(said))
    return apart


def _labels(said: dict[str, tuple[frozenset[str], bool]]) -> dict[str, frozenset[str]]:
    return {who: labels for who, (labels, _) in said.items()}


def _several(session: Session) -> dict[int, dict[str, tuple[frozenset[str], bool]]]:
    """By tweet each reviewer's labels, and whether they were decided blind."""
    several = (
        select(DecisionRow.tweet_id)
        .where(DecisionRow.kind == "decide")
        .group_by(DecisionRow.tweet_id)
        .having(func.count(DecisionRow.reviewer.distinct()) > 1)
    )
    found: dict[int, dict[str, tuple[frozenset[str], bool]]] = defaultdict(dict)
    standing = select(DecisionRow).where(*stands(), DecisionRow.tweet_id.in_(several))
    for row in session.scalars(standing.order_by(DecisionRow.id)):
        found[row.tweet_id][row.reviewer] = row.labels or frozenset(), row.blind
    return {tweet_id: said for tweet_id, said in found.items() if len(said) > 1}


def settled(session: Session) -> set[int]:
    """The tweets whose decision in force adjudicates."""
    rows = select(QueueRow.tweet_id).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    return set(session.scalars(rows.where(DecisionRow.adjudicates)))


def stands() -> tuple[ColumnElement[bool], ...]:
    """The conditions that a person judged a tweet, that no undo has taken that back, and that it settles nothing."""
    undo = aliased(DecisionRow)
    undone = select(undo.id).where(undo.undoes_id == DecisionRow.id).exists()
    return DecisionRow.kind == "decide", DecisionRow.batch_id.is_(None), ~DecisionRow.adjudicates, ~undone
