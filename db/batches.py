"""
Reads and writes batches: lists of tweets whose labels are accepted together, with their samples and progress.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from db import filters
from db.tables.batches import BatchRow, BatchTweetRow
from db.tables.columns import now
from db.tables.core import DecisionRow, QueueRow, TweetRow
from db.values import Batch, SampleTweet
from emoclf.errors import NotFoundError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter

OPEN = ("checking", "accepting")
Listed = tuple[int, str, frozenset[str]]  # tweet id, key, labels

_ORIGINAL, _SUGGESTED, _PREDICTED = (
    type_coerce(column, Integer) for column in (QueueRow.original, QueueRow.suggested, QueueRow.predicted)
)
# The labels of each source for a queued tweet, one bit per emotion; NULL if the source gave none.
SOURCE_LABELS: dict[str, ColumnElement[int]] = {
    "original": _ORIGINAL,
    "suggestion": _SUGGESTED,
    "prediction": _PREDICTED,
    "majority": _ORIGINAL.bitwise_and(_SUGGESTED)  # NULL unless all three gave labels: two cannot outvote each other
    .bitwise_or(_ORIGINAL.bitwise_and(_PREDICTED))
    .bitwise_or(_SUGGESTED.bitwise_and(_PREDICTED)),
}


def labelled_counts(session: Session, wanted: Filter) -> tuple[int, dict[str, int]]:
    """Count the undecided tweets that match a filter, and how many of them each source has labelled."""
    rows = _undecided(session, wanted, func.count(), *(func.count(labels) for labels in SOURCE_LABELS.values()))
    undecided, *labelled = session.execute(rows).one()
    return undecided, dict(zip(SOURCE_LABELS, labelled, strict=True))


def listed(session: Session, wanted: Filter, source: str) -> list[Listed]:
    """The undecided tweets of a filter that a source has labelled, with these labels, in id order."""
    rows = _undecided(session, wanted, TweetRow.id, TweetRow.key, SOURCE_LABELS[source].label("mask"))
    rows = rows.join(TweetRow, TweetRow.id == QueueRow.tweet_id).where(SOURCE_LABELS[source].is_not(None))
    return [(i, key, EMOTIONS.from_mask(mask)) for i, key, mask in session.execute(rows.order_by(TweetRow.id))]


def _undecided(session: Session, wanted: Filter, *columns: Any) -> Select[Any]:
    asked = filters.conditions(session, wanted)
    return select(*columns).select_from(QueueRow).where(*asked, QueueRow.decision_id.is_(None))


def add(session: Session, **fields: Any) -> int:
    """Add a batch in state "dropped" and return its id; set another state once all its tweets are added."""
    row = BatchRow(state="dropped", created_at=now(), **fields)
    session.add(row)
    session.flush()
    return row.id


def add_tweets(session: Session, batch_id: int, tweets: Sequence[Listed], sampled: Collection[str]) -> None:
    """Add tweets to a batch; the keys name those in the sample."""
    rows = [
        {"batch_id": batch_id, "tweet_id": i, "labels": labels, "sampled": key in sampled} for i, key, labels in tweets
    ]
    session.execute(insert(BatchTweetRow), rows)


def everything(session: Session) -> list[Batch]:
    """All batches, newest first."""
    return [_batch(row) for row in session.scalars(select(BatchRow).order_by(BatchRow.id.desc()))]


def batch(session: Session, batch_id: int) -> Batch:
    """One batch; NotFoundError if there is none."""
    if (row := session.get(BatchRow, batch_id, populate_existing=True)) is None:
        raise NotFoundError(f"there is no batch {batch_id}; `cli.py batches` lists them")
    return _batch(row)


def named(session: Session, name: str) -> Batch:
    """The batch with this name; NotFoundError if there is none."""
    if (row := session.scalar(select(BatchRow).where(BatchRow.name == name))) is None:
        raise NotFoundError(f"there is no batch {name!r}; `cli.py batches` lists them")
    return _batch(row)


def record(session: Session, batch_id: int, **fields: Any) -> None:
    """Record the progress of a batch."""
    session.execute(update(BatchRow).where(BatchRow.id == batch_id).values(**fields))


def sample(session: Session, batch_id: int) -> list[SampleTweet]:
    """The sample of a batch with the current human decision on each tweet; decisions made by batches do not count."""
    rows = (
        select(TweetRow.id, TweetRow.key, TweetRow.text, BatchTweetRow.labels, DecisionRow.labels, DecisionRow.blind)
        .join(BatchTweetRow, BatchTweetRow.tweet_id == TweetRow.id)
        .join(QueueRow, QueueRow.tweet_id == TweetRow.id)
        .outerjoin(DecisionRow, (DecisionRow.id == QueueRow.decision_id) & DecisionRow.batch_id.is_(None))
        .where(BatchTweetRow.batch_id == batch_id, BatchTweetRow.sampled)
        .order_by(TweetRow.id)
    )
    return [SampleTweet(*row[:5], blind=bool(row[5])) for row in session.execute(rows)]


def earlier_samples(session: Session, of: Batch) -> int:
    """Count the samples drawn earlier from the same list that led to no acceptance in force.

    A sample counts if it was drawn for the same source with the same filter, or from a list that shares at least half
    of these tweets: another filter for nearly the same tweets does not make a new list. Unchecked samples count too,
    because a reviewer may have seen some of their tweets before giving them up.
    """
    tweets = select(BatchTweetRow.tweet_id).where(BatchTweetRow.batch_id == of.id)
    before = [one for one in everything(session) if one.id < of.id]
    return _earlier(session, before, of.source, dict(of.query), tweets, of.tweets)


def samples_so_far(session: Session, wanted: Filter, source: str, tweets: int) -> int:
    """As `earlier_samples`, for a sample not drawn yet, from a filter's list of the given size."""
    ids = _undecided(session, wanted, QueueRow.tweet_id).where(SOURCE_LABELS[source].is_not(None))
    return _earlier(session, everything(session), source, wanted.to_query(), ids, tweets)


def _earlier(
    session: Session, before: Sequence[Batch], source: str, query: dict[str, str], ids: Select[Any], tweets: int
) -> int:
    given_up = [one for one in before if one.source == source and one.state not in ("accepting", "accepted")]
    others = [one.id for one in given_up if dict(one.query) != query]
    if not others:
        return len(given_up)
    rows = select(BatchTweetRow.batch_id, func.count()).where(BatchTweetRow.batch_id.in_(others))
    shared = dict(session.execute(rows.where(BatchTweetRow.tweet_id.in_(ids)).group_by(BatchTweetRow.batch_id)).all())
    return len(given_up) - len(others) + sum(2 * shared.get(one, 0) >= tweets for one in others)


def is_sample_free(session: Session, batch_id: int) -> bool:
    """Whether no other batch has accepted a tweet of this sample; an accepted tweet would never come up for review."""
    rows = select(BatchTweetRow.tweet_id).join(QueueRow, QueueRow.tweet_id == BatchTweetRow.tweet_id)
    rows = rows.join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    taken = rows.where(BatchTweetRow.batch_id == batch_id, BatchTweetRow.sampled, DecisionRow.batch_id.is_not(None))
    return session.scalar(taken.limit(1)) is None


def outcomes(session: Session, batch_id: int) -> Counter[str]:
    """Count the tweets outside the sample by outcome so far: accepted, decided, held, undone or kept."""
    rows = select(BatchTweetRow.outcome, func.count()).where(BatchTweetRow.batch_id == batch_id)
    rows = rows.where(BatchTweetRow.outcome.is_not(None)).group_by(BatchTweetRow.outcome)
    return Counter({str(outcome): n for outcome, n in session.execute(rows)})


def _batch(row: BatchRow) -> Batch:
    return Batch(**{name: getattr(row, name) for name in Batch.__dataclass_fields__})
