"""
Reads the review queue in one of several orders, and writes each tweet's queue rank.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import filters
from db.leases import free_for
from db.queue_items import queue_items
from db.tables.core import QueueRow
from db.values import QueueItem, RankInputs
from emoclf.review.filters import Filter

FIRST, RANDOM, IMPORTED = "most doubtful first", "random", "as imported"
LABELLING = "what to label next"
GAIN, ONE_BY_ONE = "expected gain for F1", "one emotion at a time"

# The orders, by their names on the page.
ORDERS = {
    FIRST: (QueueRow.doubt.desc(), QueueRow.tweet_id),
    GAIN: (QueueRow.gain.desc(), QueueRow.tweet_id),
    ONE_BY_ONE: (QueueRow.emotion.desc().nulls_last(), QueueRow.doubt.desc(), QueueRow.tweet_id),
    RANDOM: (QueueRow.place, QueueRow.tweet_id),
    LABELLING: (QueueRow.labelling.desc(), QueueRow.place, QueueRow.tweet_id),
    IMPORTED: (QueueRow.tweet_id,),
}
OF_DOUBT = (FIRST, GAIN, ONE_BY_ONE)


def in_order(wanted: Filter, order: str) -> Filter:
    """The list that a filter and an order select: doubt orders tweets with original labels, `LABELLING` the others.

    A filter of the user and the sample of a batch are not narrowed by doubt: what matches is listed, after the tweets
    that have a doubt.

    >>> in_order(Filter(), FIRST).original, in_order(Filter(), LABELLING).original
    ('yes', 'no')
    >>> in_order(Filter(), RANDOM).original, in_order(Filter(text="bus"), FIRST).original
    ('', '')
    """
    if order == LABELLING and not wanted.sample:
        return replace(wanted, original="no")
    if order in OF_DOUBT and wanted.is_plain:
        return replace(wanted, original="yes")
    return wanted


def default_order(session: Session, wanted: Filter) -> str:
    """The most doubtful first, or what to label next if no undecided tweet of the list has original labels.

    Filtered lists begin with the most doubtful, unless they ask for tweets without original labels.
    """
    if not wanted.is_plain:
        return LABELLING if wanted.original == "no" else FIRST
    waiting = select(QueueRow.tweet_id).where(QueueRow.split == wanted.split, QueueRow.decision_id.is_(None))
    has_any, has_unlabelled = (
        session.scalar(waiting.where(condition).limit(1)) is not None
        for condition in (filters.HAS_ORIGINAL, ~filters.HAS_ORIGINAL)
    )
    return LABELLING if has_unlabelled and not has_any else FIRST


def next_items(session: Session, wanted: Filter, order: str = FIRST, limit: int = 25) -> list[QueueItem]:
    """The next tweets of a list, with all sources."""
    return queue_items(session, next_ids(session, wanted, order, limit))


def next_ids(
    session: Session,
    wanted: Filter,
    order: str,
    limit: int,
    skipped: Collection[int] = (),
    reviewer: str | None = None,
    done: Collection[int] = (),
) -> list[int]:
    """The ids of the next tweets of a list; those in `skipped` come last, those in `done` are left out.

    Parameters
    ----------
    reviewer : the reviewer who will see the tweets, excluding those leased to others; None: include leased tweets
    """
    wanted = in_order(wanted, order)
    asked = filters.conditions(session, wanted, one_by_one=order == IMPORTED)
    listed = select(QueueRow.tweet_id).where(*asked, *filters.state(wanted))
    listed = listed.where(QueueRow.tweet_id.not_in(done)).order_by(*ORDERS[order])
    if reviewer is not None:
        listed = listed.where(free_for(reviewer))
    found = list(session.scalars(listed.where(QueueRow.tweet_id.not_in(skipped)).limit(limit)))
    if skipped and len(found) < limit:
        found += session.scalars(listed.where(QueueRow.tweet_id.in_(skipped)).limit(limit - len(found)))
    return found


def set_rank_inputs(session: Session, rank_inputs: Sequence[RankInputs]) -> None:
    """Store the rank inputs of tweets in the queue."""
    if rank_inputs:
        session.execute(update(QueueRow), [vars(one) for one in rank_inputs])
