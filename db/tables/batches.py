"""
Tables of batches: lists of tweets whose labels are accepted together, and the labels of each tweet.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.columns import now


class BatchRow(Base):
    """A list of tweets whose labels from one source are accepted after a random sample is checked."""

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    token: Mapped[str]  # a UUID that determines the sample and the event ids
    query: Mapped[dict[str, Any]]  # the filter that defines the list
    source: Mapped[str]
    tweets: Mapped[int]  # in the list, including the sample
    sample: Mapped[int]  # tweets to check
    guidelines: Mapped[int]  # the version when the sample was drawn
    reviewer: Mapped[str]  # who drew the sample
    state: Mapped[str]  # checking accepting accepted undoing undone dropped
    wrong: Mapped[int | None]  # in the sample, when the rest was accepted
    at_most: Mapped[int | None]  # upper bound for the rest, estimated from the sample
    accepted_by: Mapped[str | None]
    undone_by: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    accepted_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]


class BatchTweetRow(Base):
    """One tweet of a batch: its source's labels when the sample was drawn, and its outcome."""

    __tablename__ = "batch_tweets"
    __table_args__ = (
        Index(
            "ix_batch_tweets_sampled",
            "tweet_id",
            "batch_id",
            sqlite_where=text("sampled = 1"),  # required by SQLAlchemy
            postgresql_where=text("sampled"),
        ),
        Index("ix_batch_tweets_tweet", "tweet_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    labels: Mapped[frozenset[str]]
    sampled: Mapped[bool]
    outcome: Mapped[str | None]  # outside the sample: accepted, decided or held at first, later undone or kept
