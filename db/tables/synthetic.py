"""
Tables of synthetic tweets: how each was generated, the results of its gates, and the reviewers' verdicts.

The tweet itself is a row of `tweets` with origin "synthetic". It has no row in `queue`, so that the review, doubts,
suggestions and training, which read the queue, cannot mistake it for a real one. Verdicts are only added, like
decisions.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.columns import now


class GenerationRow(Base):
    """One round of requests to a language model, with the replies."""

    __tablename__ = "generations"

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    engine: Mapped[str]  # model and revision
    prompt_version: Mapped[str]
    rules: Mapped[list[str]]  # added to the prompt by the user
    sampling: Mapped[dict[str, Any]]
    seed: Mapped[int]
    replies: Mapped[list[str]]
    problem: Mapped[str]  # why the round failed; empty otherwise
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class SyntheticRow(Base):
    """The request behind a synthetic tweet, the gate that dropped it, and the verdict in force."""

    __tablename__ = "synthetic"
    __table_args__ = (
        Index("ix_synthetic_waiting", "emotion", "dropped", "verdict_id"),
        Index("ix_synthetic_nearest", "nearest_id"),
    )

    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    number: Mapped[int]  # of the round
    emotion: Mapped[str]  # the target
    context: Mapped[str]
    brief: Mapped[dict[str, Any]]
    engine: Mapped[str]
    prompt_version: Mapped[str]
    dropped: Mapped[str | None]  # the gate that failed, as in `gate_results`; here for the queue's index
    nearest_id: Mapped[int | None] = mapped_column(ForeignKey("tweets.id"))  # the most similar real tweet
    closeness: Mapped[float | None]  # cosine similarity to that tweet
    verdict_id: Mapped[int | None] = mapped_column(ForeignKey("synthetic_verdicts.id"))


class GateResultRow(Base):
    """The result of one gate on one synthetic tweet (see `emoclf.synthetic.gate_results`)."""

    __tablename__ = "gate_results"

    tweet_id: Mapped[int] = mapped_column(ForeignKey("synthetic.tweet_id"), primary_key=True)
    gate: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]  # in the order in which the gates ran
    passed: Mapped[bool]
    value: Mapped[float | None]  # the number that the gate judges by: a similarity or a probability
    reason: Mapped[str]  # why the tweet failed; empty if it passed
    details: Mapped[dict[str, Any]]  # the model that the gate asked, and its probabilities


class VerdictRow(Base):
    """A reviewer's verdict on a synthetic tweet: accept, reject, restore (a dropped one) or undo. Only ever added."""

    __tablename__ = "synthetic_verdicts"
    __table_args__ = (Index("ix_synthetic_verdicts_tweet", "tweet_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    reviewer: Mapped[str]
    kind: Mapped[str]
    labels: Mapped[frozenset[str] | None]  # of an accepted tweet
    text: Mapped[str | None]  # as edited by the reviewer; the tweet keeps the original text
    reason: Mapped[str | None]  # of a rejection
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("synthetic_verdicts.id"), unique=True)
    seconds: Mapped[float | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
