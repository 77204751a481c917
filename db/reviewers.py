"""
Reads the decisions for statistics about reviewers, together with the original labels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.overlap import stands
from db.tables.batches import BatchTweetRow
from db.tables.core import DecisionRow, QueueRow, TweetRow
from db.values import Judged

CHUNK = 1000  # rows in memory at once


@dataclass(frozen=True)
class First:
    """A reviewer's first decision on a tweet, and whether it was blind."""

    key: str
    twin_group: str
    split: str
    reviewer: str
    labels: frozenset[str]
    original: frozenset[str]
    seconds: float | None
    blind: bool  # decided before the sources were shown
    blind_share: float | None  # the share of blind tweets when the key decided about blindness; None: not recorded


def judged(session: Session) -> Iterator[Judged]:
    """The decisions that are not undone and no adjudications, oldest first; batches are excluded."""
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


def firsts(session: Session) -> Iterator[First]:
    """Each reviewer's first decision on each tweet, oldest first, including undone ones; batches are excluded.

    Tweets without original labels are excluded, and those of a batch's sample because they are always blind, and
    decisions on the command line because no source is shown there. Undone decisions count: a reviewer may undo a blind
    decision after seeing the sources.
    """
    sampled = select(BatchTweetRow.tweet_id).where(BatchTweetRow.sampled)
    drawn = DecisionRow.tweet_id.not_in(sampled) | DecisionRow.shown["blind_share"].as_string().is_not(None)
    rows = (
        select(DecisionRow, TweetRow)
        .join(TweetRow, TweetRow.id == DecisionRow.tweet_id)
        .where(DecisionRow.kind == "decide", DecisionRow.batch_id.is_(None), ~DecisionRow.adjudicates)
        .where(TweetRow.original.is_not(None))
        .order_by(DecisionRow.id)
        .execution_options(yield_per=CHUNK)
    )
    seen: set[tuple[str, int]] = set()
    for decision, tweet, is_drawn in session.execute(rows.add_columns(drawn)):
        who = (decision.reviewer, decision.tweet_id)
        if who not in seen and is_drawn and _is_of_a_list(decision.shown):
            yield First(
                tweet.key,
                tweet.twin_group,
                tweet.split,
                decision.reviewer,
                decision.labels or frozenset(),
                tweet.original,
                decision.seconds,
                decision.blind,
                share if isinstance(share := decision.shown.get("blind_share"), int | float) else None,
            )
        seen.add(who)


def _is_of_a_list(shown: Mapping[str, Any]) -> bool:
    """The condition that the card was blind with a known probability: not from the command line, a link or a search."""
    return "suggestion" in shown and shown.get("blind_share", 0.0) is not None


def in_force(session: Session, split: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """(original, decided) labels of every tweet of a split with original labels that a person decided."""
    rows = select(QueueRow.original, DecisionRow.labels).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    found = session.execute(rows.where(*_with_originals(split), DecisionRow.batch_id.is_(None)))
    return [(original or frozenset(), labels or frozenset()) for original, labels in found]


def size(session: Session, split: str) -> int:
    """Count the tweets of a split in the review that have original labels."""
    return session.scalar(select(func.count()).select_from(QueueRow).where(*_with_originals(split))) or 0


def _with_originals(split: str) -> tuple[ColumnElement[bool], ...]:
    return QueueRow.split == split, QueueRow.original.is_not(None)
