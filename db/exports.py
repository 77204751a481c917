"""
Reads tweets for exports, a chunk at a time, so that a large store takes no more memory than a small one.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, false, select
from sqlalchemy.orm import Session

from db.tables.batches import BatchRow
from db.tables.core import DecisionRow, QueueRow, TweetRow
from db.tweets import REAL
from emoclf.export.exported_tweets import ExportedTweet, ModelLabels

SIZE = 2000  # tweets in a chunk
Models = tuple[dict[int, ModelLabels], dict[int, ModelLabels]]  # of the LLM and of BERT, by tweet id


def no_models(ids: Sequence[int]) -> Models:
    """What to pass for the labels of models if they are not wanted."""
    return {}, {}


def exported_tweets(
    session: Session,
    labels: str = "approved",
    models: Callable[[Sequence[int]], Models] = no_models,
    size: int = SIZE,
) -> Iterator[list[ExportedTweet]]:
    """The real tweets in id order, in lists of at most `size`.

    Parameters
    ----------
    labels : "original", "approved" or "reviewed", as in `db.tweets.labelled_tweets`
    models : returns the labels of the LLM and of BERT by tweet id, for the ids of a list
    """
    after, rows = 0, _rows(labels).limit(size)
    while found := session.execute(rows.where(TweetRow.id > after)).all():
        suggested, predicted = models([row.id for row in found])
        yield [_tweet(row, suggested.get(row.id), predicted.get(row.id)) for row in found]
        after = found[-1].id


def _rows(labels: str) -> Select[Any]:
    tweet = (TweetRow.id, TweetRow.key, TweetRow.text, TweetRow.split, TweetRow.original, TweetRow.metadata_)
    decision = (DecisionRow.id.label("decision"), DecisionRow.labels, DecisionRow.reviewer, DecisionRow.created_at)
    rows = select(*tweet, QueueRow.doubt, *decision, BatchRow.name.label("batch"))
    in_force = DecisionRow.id == QueueRow.decision_id
    if labels == "original":
        in_force &= false()
    rows = rows.join(QueueRow, QueueRow.tweet_id == TweetRow.id).where(REAL)
    rows = rows.join(DecisionRow, in_force, isouter=labels != "reviewed")
    return rows.outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id).order_by(TweetRow.id)


def _tweet(row: Row[Any], suggestion: ModelLabels | None, prediction: ModelLabels | None) -> ExportedTweet:
    is_decided = row.decision is not None
    return ExportedTweet(
        key=row.key,
        text=row.text,
        split=row.split,
        labels=(row.labels or frozenset()) if is_decided else row.original,
        label_origin="decision" if is_decided else "original" if row.original is not None else "unlabelled",
        original=row.original,
        metadata=row.metadata_,
        reviewer=row.reviewer,
        decided_at=row.created_at.isoformat() if is_decided else None,
        batch=row.batch,
        doubt=None if row.original is None else row.doubt,
        suggestion=suggestion,
        prediction=prediction,
    )
