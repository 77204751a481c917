"""
The tables: originals, suggestions, predictions and decisions are separate rows.

So every approved label can answer who, when, and on what.
Rows of `decisions` are only ever added: the database itself refuses to change
or delete one (see the first migration). `queue` is derived: it can be rebuilt
from the other tables.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.batches import BatchRow
from db.tables.columns import now


class StoreRow(Base):
    """The store's own name, one row: a browser that holds unsent decisions must not send them to another store."""

    __tablename__ = "store"

    name: Mapped[str] = mapped_column(primary_key=True)


class SettingRow(Base):
    """What everyone who uses the store has in common, such as the share of tweets that two reviewers decide."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]


class TweetRow(Base):
    """One text, exactly as it came, and the labels that came with it."""

    __tablename__ = "tweets"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(index=True)
    split: Mapped[str] = mapped_column(index=True)
    origin: Mapped[str]
    twin_group: Mapped[str] = mapped_column(index=True)
    original: Mapped[frozenset[str]]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class SuggestionRow(Base):
    """What an LLM proposed for a tweet: raw probabilities, before calibration. A newer one never replaces an older."""

    __tablename__ = "suggestions"
    __table_args__ = (UniqueConstraint("tweet_id", "engine", "prompt_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    engine: Mapped[str]
    prompt_version: Mapped[str]
    probabilities: Mapped[Sequence[float]]
    rationale: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class RationaleRow(Base):
    """Why a tweet carries some emotions, in an LLM's words; a newer one never replaces an older."""

    __tablename__ = "rationales"
    __table_args__ = (Index("ix_rationales_tweet", "tweet_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    engine: Mapped[str]
    prompt_version: Mapped[str]
    emotions: Mapped[frozenset[str]]  # that it was asked about
    text: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class CalibrationRow(Base):
    """How the raw probabilities of one engine and prompt become honest ones; the newest counts."""

    __tablename__ = "calibrations"
    __table_args__ = (Index("ix_calibrations_engine", "engine", "prompt_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engine: Mapped[str]
    prompt_version: Mapped[str]
    n: Mapped[int]  # tweets it was fitted on
    parameters: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class RunRow(Base):
    """One training of a classifier, with enough to repeat it."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "ix_runs_promoted",
            "promoted",
            unique=True,
            sqlite_where=text("promoted"),
            postgresql_where=text("promoted"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    base: Mapped[str]
    labels: Mapped[str]  # approved or original
    settings: Mapped[dict[str, Any]]
    seed: Mapped[int]
    code_version: Mapped[str]
    data_hash: Mapped[str]
    folder: Mapped[str]
    thresholds: Mapped[Sequence[float]]
    history: Mapped[list[dict[str, Any]]]
    metrics: Mapped[dict[str, Any]]
    seconds: Mapped[float]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    promoted: Mapped[bool] = mapped_column(server_default=false())  # one run at most: it predicts where none is named
    files: Mapped[bool] = mapped_column(server_default=true())  # false after they were deleted; the record stays
    calibration: Mapped[dict[str, Any] | None]


class RunTweetRow(Base):
    """One tweet that a run saw, the labels it had then, and its role: train, slice (early stop, thresholds) or dev."""

    __tablename__ = "run_tweets"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    role: Mapped[str]
    labels: Mapped[frozenset[str]]


class PredictionRow(Base):
    """BERT's probabilities for a tweet from one run; out of fold if that model never trained on it or its twins."""

    __tablename__ = "predictions"
    __table_args__ = (Index("ix_predictions_tweet", "tweet_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    out_of_fold: Mapped[bool] = mapped_column(primary_key=True)
    probabilities: Mapped[Sequence[float]]
    labels: Mapped[frozenset[str]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class DecisionRow(Base):
    """What one reviewer decided on one tweet, and what was on the screen then; undo is a row too. Only ever added."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_tweet", "tweet_id"), Index("ix_decisions_reviewer", "reviewer", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)  # made by the client, so that sending twice saves once
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    reviewer: Mapped[str]
    kind: Mapped[str]  # decide or undo
    labels: Mapped[frozenset[str] | None]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), unique=True)
    right_sources: Mapped[dict[str, Any]]  # per emotion the sources that said what the reviewer decided
    shown: Mapped[dict[str, Any]]
    seconds: Mapped[float | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    adjudicates: Mapped[bool] = mapped_column(server_default=false())  # it settles what reviewers differed about
    by_chance: Mapped[bool] = mapped_column(server_default=false())  # the tweet was drawn, not chosen for its doubt
    blind: Mapped[bool] = mapped_column(server_default=false())  # the sources came on the screen after the answer
    guidelines: Mapped[int | None]  # the version of the guidelines then; None: not known, or from before there were any
    batch_id: Mapped[int | None] = mapped_column(ForeignKey(BatchRow.id))  # accepted in bulk, so no person's judgement


class LeaseRow(Base):
    """A tweet that is in front of one reviewer, so that nobody else gets it; over at a moment, or when decided."""

    __tablename__ = "leases"
    __table_args__ = (Index("ix_leases_reviewer", "reviewer"),)

    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    reviewer: Mapped[str]
    until: Mapped[dt.datetime]


class OverlapRow(Base):
    """A tweet that one reviewer decided and another is to decide too. Derived."""

    __tablename__ = "overlap"
    __table_args__ = (Index("ix_overlap_split", "split"),)

    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    split: Mapped[str]
    reviewer: Mapped[str]  # who decided it


class QueueRow(Base):
    """Where a tweet stands in the review: its doubt, why, and the decision in force. Derived; can be rebuilt."""

    __tablename__ = "queue"

    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    split: Mapped[str]
    doubt: Mapped[float] = mapped_column(default=0.0)
    emotion: Mapped[str | None]  # the one that earned the doubt
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    # What a filter asks of 200,000 tweets, so that it need not look each of them up elsewhere.
    original: Mapped[frozenset[str]]
    suggested: Mapped[frozenset[str] | None]
    predicted: Mapped[frozenset[str] | None]
    flagged: Mapped[bool] = mapped_column(default=False, server_default=false())
    gain: Mapped[float] = mapped_column(
        default=0.0, server_default="0"
    )  # of F1 per second of review, see emoclf.review.expected_gain
    place: Mapped[float] = mapped_column(server_default="0")  # in the random order, drawn by the tweet's key


def _partial(name: str, *columns: Any, where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


# The review asks for these thousands of times: each holds only the rows it is asked for.
_UNDECIDED, _DECIDED = QueueRow.decision_id.is_(None), QueueRow.decision_id.is_not(None)
_partial("ix_queue_by_doubt", QueueRow.split, QueueRow.doubt.desc(), QueueRow.tweet_id, where=_UNDECIDED)
_partial("ix_queue_as_imported", QueueRow.split, QueueRow.tweet_id, where=_UNDECIDED)
_partial("ix_queue_by_gain", QueueRow.split, QueueRow.gain.desc(), QueueRow.tweet_id, where=_UNDECIDED)
_partial("ix_queue_at_random", QueueRow.split, QueueRow.place, QueueRow.tweet_id, where=_UNDECIDED)
_partial(
    "ix_queue_by_emotion",
    *(QueueRow.split, QueueRow.emotion.desc(), QueueRow.doubt.desc(), QueueRow.tweet_id),
    where=_UNDECIDED,
)
_partial("ix_queue_decided", QueueRow.split, QueueRow.decision_id, where=_DECIDED)
_partial("ix_decisions_batch", DecisionRow.batch_id, DecisionRow.tweet_id, where=DecisionRow.batch_id.is_not(None))


class JobRow(Base):
    """A long piece of work in a process of its own."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    settings: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)  # queued running done failed cancelled lost
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    pid: Mapped[int | None]
    pid_started: Mapped[float | None]  # seconds since the epoch; a reused pid has another
    heartbeat: Mapped[dt.datetime | None]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    detail: Mapped[dict[str, Any] | None]  # what a page may draw while it runs
    wrap_up_requested: Mapped[bool] = mapped_column(server_default=false())  # stop, and keep the best so far


class CorpusRow(Base):
    """An auxiliary corpus: texts with a label set of their own, for a first stage of training, not for the review."""

    __tablename__ = "corpora"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    emotions: Mapped[list[str]]
    licence: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class CorpusTextRow(Base):
    """One text of an auxiliary corpus, exactly as it came; its labels are positions in the emotions of the corpus."""

    __tablename__ = "corpus_texts"
    __table_args__ = (UniqueConstraint("corpus_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    corpus_id: Mapped[int] = mapped_column(ForeignKey("corpora.id"))
    key: Mapped[str]
    text: Mapped[str]
    labels: Mapped[list[int]]
