"""
Reads for inspecting a run: predictions on tweets it never trained on, its training labels, and trainable tweets.
"""

from collections.abc import Collection

from sqlalchemy import Integer, func, select, type_coerce
from sqlalchemy.orm import Session

from db import summaries
from db.tables.batches import BatchRow
from db.tables.core import DecisionRow, PredictionRow, QueueRow, RunTweetRow, TweetRow
from db.tweets import TRAINABLE
from db.values import Decided, PredictedTweet
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS

TRAINING_ROLES = ("train", "slice")  # the roles of tweets whose labels a run learned from


def predicted_tweets(session: Session, run_id: int, split: str) -> list[PredictedTweet]:
    """A run's predictions for the tweets of a split on which it did not train, nor on their twins, in id order."""
    rows = select(
        TweetRow.id, TweetRow.key, TweetRow.text, TweetRow.original, PredictionRow.probabilities, PredictionRow.labels
    ).join(PredictionRow, PredictionRow.tweet_id == TweetRow.id)
    unseen = (PredictionRow.run_id == run_id, PredictionRow.out_of_fold.is_(True), TweetRow.split == split)
    return [PredictedTweet(*row) for row in session.execute(rows.where(*unseen).order_by(TweetRow.id))]


def unseen_counts(session: Session, run_id: int) -> dict[str, int]:
    """Count the tweets per split that a run predicted without having trained on them; splits with none are left out.

    Tweets without labels, original or decided, are left out.
    """
    rows = select(TweetRow.split, func.count()).join(PredictionRow, PredictionRow.tweet_id == TweetRow.id)
    rows = rows.join(QueueRow, QueueRow.tweet_id == TweetRow.id)
    rows = rows.where(QueueRow.original.is_not(None) | QueueRow.decision_id.is_not(None))
    rows = rows.where(PredictionRow.run_id == run_id, PredictionRow.out_of_fold.is_(True)).group_by(TweetRow.split)
    found = dict(session.execute(rows).all())
    return {split: found[split] for split in SPLITS if split in found}


def training_labels(session: Session, run_id: int) -> dict[int, frozenset[str]]:
    """The labels a run learned from, by tweet id."""
    rows = select(RunTweetRow.tweet_id, RunTweetRow.labels)
    rows = rows.where(RunTweetRow.run_id == run_id, RunTweetRow.role.in_(TRAINING_ROLES))
    return dict(session.execute(rows).all())


def training_count(session: Session, run_id: int) -> int:
    """Count the tweets a run learned from."""
    rows = select(func.count()).select_from(RunTweetRow)
    return session.scalar(rows.where(RunTweetRow.run_id == run_id, RunTweetRow.role.in_(TRAINING_ROLES))) or 0


def stamp(session: Session, run_id: int) -> tuple[int, int]:
    """A value that changes with a run's predictions and with every decision, so that results can be cached."""
    predictions = select(func.count()).select_from(PredictionRow).where(PredictionRow.run_id == run_id)
    return session.scalar(predictions) or 0, summaries.newest_decision(session)


def decision(session: Session, tweet_id: int) -> Decided | None:
    """The decision in force on a tweet, if there is one."""
    rows = select(DecisionRow, BatchRow.name).join(QueueRow, QueueRow.decision_id == DecisionRow.id)
    rows = rows.outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    found = session.execute(rows.where(QueueRow.tweet_id == tweet_id)).one_or_none()
    if found is None:
        return None
    row, batch = found
    known = (row.id, row.event_id, row.tweet_id, row.reviewer, row.labels or frozenset(), row.created_at, batch)
    return Decided(*known, guidelines=row.guidelines, adjudicates=row.adjudicates)


def decision_ids(session: Session, tweet_ids: Collection[int]) -> dict[int, int | None]:
    """The id of the decision in force by tweet, or None."""
    rows = select(QueueRow.tweet_id, QueueRow.decision_id).where(QueueRow.tweet_id.in_(tweet_ids))
    return dict(session.execute(rows).all())


def trainable_counts(session: Session, labels: str) -> tuple[int, dict[str, int]]:
    """Count the tweets available for training on "approved", "original" or "reviewed" labels, in all and per emotion.

    Twins of dev and test tweets are excluded, and tweets without such labels.
    """
    decided = func.coalesce(DecisionRow.labels, TweetRow.original)
    mask = type_coerce(TweetRow.original if labels == "original" else decided, Integer)
    bits = [func.coalesce(func.sum(mask.bitwise_rshift(j).bitwise_and(1)), 0) for j in range(len(EMOTIONS))]
    rows = select(func.count(), *bits).select_from(TweetRow).join(QueueRow, QueueRow.tweet_id == TweetRow.id)
    rows = rows.join(DecisionRow, DecisionRow.id == QueueRow.decision_id, isouter=labels != "reviewed")
    n, *counts = session.execute(rows.where(TRAINABLE, mask.is_not(None))).one()
    return n, dict(zip(EMOTIONS.names, counts, strict=True))
