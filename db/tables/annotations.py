"""
Tables of flags, saved filters and guidelines.
"""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.columns import now


class FlagRow(Base):
    """A reviewer's comment that asks for another look at a tweet; removing a flag adds a row. The newest row counts."""

    __tablename__ = "flags"
    __table_args__ = (Index("ix_flags_tweet", "tweet_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    reviewer: Mapped[str]
    comment: Mapped[str | None]  # may be empty; None removes the flag
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class SavedFilterRow(Base):
    """A saved filter of the review, its fields as JSON."""

    __tablename__ = "saved_filters"

    name: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str]


class GuidelineRow(Base):
    """One edit of an emotion's guideline; the newest counts. Never changed, because decisions name the version."""

    __tablename__ = "guidelines"

    version: Mapped[int] = mapped_column(primary_key=True)  # of the whole set: every edit increments it
    emotion: Mapped[str]
    definition: Mapped[str]
    examples: Mapped[list[str]]
    counter_examples: Mapped[list[str]]
    reviewer: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
