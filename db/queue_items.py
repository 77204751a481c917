"""
Reads the tweets of the review together with the output of every source.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.predictions import best_predictions
from db.suggestions import latest_suggestions
from db.tables.core import QueueRow, TweetRow
from db.tweets import REAL
from db.values import QueueItem


def queue_items(session: Session, ids: Sequence[int]) -> list[QueueItem]:
    """The tweets with these ids, in this order, with the output of every source."""
    rows = session.execute(
        select(TweetRow, QueueRow).join(QueueRow, QueueRow.tweet_id == TweetRow.id).where(TweetRow.id.in_(ids))
    )
    found = {tweet.id: (tweet, queue) for tweet, queue in rows}
    suggestions, predictions = latest_suggestions(session, ids), best_predictions(session, ids)
    return [
        QueueItem(
            tweet_id=i,
            key=tweet.key,
            text=tweet.text,
            split=tweet.split,
            origin=tweet.origin,
            twin_group=tweet.twin_group,
            metadata=tweet.metadata_,
            original=tweet.original,
            doubt=queue.doubt,
            emotion=queue.emotion,
            suggestion=suggestions.get(i),
            prediction=predictions.get(i),
            decision_id=queue.decision_id,
        )
        for i in ids
        if i in found
        for tweet, queue in [found[i]]
    ]


def first_items(session: Session, split: str, limit: int) -> list[QueueItem]:
    """The first tweets of a split, in import order."""
    ids = select(TweetRow.id).where(REAL, TweetRow.split == split).order_by(TweetRow.id).limit(limit)
    return queue_items(session, list(session.scalars(ids)))


def all_items(session: Session, split: str | None = None, size: int = 2000) -> Iterator[list[QueueItem]]:
    """All real tweets (of a split) with the output of every source, in id order, in lists of at most `size`."""
    after, ordered = 0, select(TweetRow.id).where(REAL).order_by(TweetRow.id).limit(size)
    if split:
        ordered = ordered.where(TweetRow.split == split)
    while ids := list(session.scalars(ordered.where(TweetRow.id > after))):
        yield queue_items(session, ids)
        after = ids[-1]
