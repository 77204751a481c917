"""
The tables of batches: a list of tweets whose labels are accepted in one go, and what was promised of each.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.columns import now


class BatchRow(Base):
    """A list that one source's labels are accepted for, once a random sample of it is checked."""

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    token: Mapped[str]  # a UUID, from which the sample and the ids of the decisions follow
    query: Mapped[dict[str, Any]]  # the filter that the list was drawn with
    source: Mapped[str]
    tweets: Mapped[int]  # in the list, the sample among them
    sample: Mapped[int]  # tweets to check
    guidelines: Mapped[int]  # their version when the sample was drawn
    reviewer: Mapped[str]  # who drew it
    state: Mapped[str]  # checking accepting accepted undoing undone dropped
    wrong: Mapped[int | None]  # of the sample, when the rest was accepted
    at_most: Mapped[int | None]  # of the rest, by that sample
    accepted_by: Mapped[str | None]
    undone_by: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    accepted_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]


class BatchTweetRow(Base):
    """One tweet of a batch: what its source said when the sample was drawn, and what became of it."""

    __tablename__ = "batch_tweets"
    __table_args__ = (
        Index(
            "ix_batch_tweets_sampled",
            "tweet_id",
            "batch_id",
            sqlite_where=text("sampled = 1"),  # as SQLAlchemy asks for it there
            postgresql_where=text("sampled"),
        ),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    labels: Mapped[frozenset[str]]
    sampled: Mapped[bool]
    outcome: Mapped[str | None]  # of the rest: accepted, decided or held when it was their turn, then undone or kept
