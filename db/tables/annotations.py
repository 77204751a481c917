"""
The tables of what reviewers keep beside their decisions: flags, filters with a name, and guidelines.
"""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.columns import now


class FlagRow(Base):
    """A comment on a tweet that somebody should look at again; taking it off is a row too. The newest counts."""

    __tablename__ = "flags"
    __table_args__ = (Index("ix_flags_tweet", "tweet_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    reviewer: Mapped[str]
    comment: Mapped[str | None]  # may be empty; None takes the flag off
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class SavedFilterRow(Base):
    """A filter of the review under a name, its fields as JSON."""

    __tablename__ = "saved_filters"

    name: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str]


class GuidelineRow(Base):
    """One edit of the guideline of an emotion; the newest counts. Only ever added, since decisions name the version."""

    __tablename__ = "guidelines"

    version: Mapped[int] = mapped_column(primary_key=True)  # of the whole set: it rises with every edit
    emotion: Mapped[str]
    definition: Mapped[str]
    examples: Mapped[list[str]]
    counter_examples: Mapped[list[str]]
    reviewer: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
