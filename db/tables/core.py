"""
Tables of tweets, suggestions, runs, predictions, decisions, the queue and jobs.

Originals, suggestions, predictions and decisions are separate rows, so every approved label can be traced to who gave
it, when, and on what basis. Rows of `decisions` are only added: the database refuses to change or delete one (see the
first migration). `queue` is derived and can be rebuilt from the other tables.

Some stored names are older than the vocabulary of the code. Columns: `by_chance` is "from the random sample", `place`
is the position in the random order, `closeness` is the cosine similarity, and `wrap_up_requested` is "asked to stop
early". In a run's settings, `views` are the text variants, and `told_apart` is the AUROC of the classifier test that
separates real from synthetic tweets.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.batches import BatchRow
from db.tables.columns import now
from db.tables.imports import ImportRow


class StoreRow(Base):
    """One row with the store's unique name: a browser must not send unsent decisions to another store."""

    __tablename__ = "store"

    name: Mapped[str] = mapped_column(primary_key=True)


class SettingRow(Base):
    """A setting shared by all users of the store, such as the share of tweets that two reviewers decide."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]


class TweetRow(Base):
    """One text and its labels, exactly as imported."""

    __tablename__ = "tweets"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(index=True)
    split: Mapped[str] = mapped_column(index=True)
    origin: Mapped[str]
    twin_group: Mapped[str] = mapped_column(index=True)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    import_id: Mapped[int | None] = mapped_column(ForeignKey(ImportRow.id), index=True)  # None: an earlier version's
    original: Mapped[frozenset[str] | None]  # NULL: it came without labels, which is not the same as no emotion
    # The import that gave labels to a tweet stored without; None: it has the labels that it came with.
    labels_import_id: Mapped[int | None] = mapped_column(ForeignKey(ImportRow.id), index=True)


class SuggestionRow(Base):
    """An LLM's raw probabilities for a tweet, before calibration. New suggestions never replace old ones."""

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
    """An LLM's explanation of a tweet's emotions; new ones never replace old ones."""

    __tablename__ = "rationales"
    __table_args__ = (Index("ix_rationales_tweet", "tweet_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    engine: Mapped[str]
    prompt_version: Mapped[str]
    emotions: Mapped[frozenset[str]]  # the emotions it explains
    text: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class CalibrationRow(Base):
    """The calibration of one engine and prompt version; the newest counts."""

    __tablename__ = "calibrations"
    __table_args__ = (Index("ix_calibrations_engine", "engine", "prompt_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engine: Mapped[str]
    prompt_version: Mapped[str]
    n: Mapped[int]  # number of tweets used for fitting
    parameters: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class RunRow(Base):
    """One training run of a classifier, with everything needed to repeat it."""

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
    promoted: Mapped[bool] = mapped_column(server_default=false())  # at most one run: the active model
    files: Mapped[bool] = mapped_column(server_default=true())  # false after the files were deleted; the record is kept
    calibration: Mapped[dict[str, Any] | None]


class RunTweetRow(Base):
    """One tweet of a run, with its labels then and its role: train, slice (early stopping, thresholds) or dev."""

    __tablename__ = "run_tweets"
    __table_args__ = (Index("ix_run_tweets_tweet", "tweet_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    role: Mapped[str]
    labels: Mapped[frozenset[str]]


class PredictionRow(Base):
    """BERT's probabilities for a tweet from one run; out of fold if the model trained on neither it nor its twins."""

    __tablename__ = "predictions"
    __table_args__ = (Index("ix_predictions_tweet", "tweet_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    out_of_fold: Mapped[bool] = mapped_column(primary_key=True)
    probabilities: Mapped[Sequence[float]]
    labels: Mapped[frozenset[str]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class DecisionRow(Base):
    """One decision of a reviewer and what was on the screen; an undo is a row too. Rows are only added."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_tweet", "tweet_id"), Index("ix_decisions_reviewer", "reviewer", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)  # created by the client, so that sending twice saves once
    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"))
    reviewer: Mapped[str]
    kind: Mapped[str]  # decide or undo
    labels: Mapped[frozenset[str] | None]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), unique=True)
    right_sources: Mapped[dict[str, Any]]  # the sources that agree with the reviewer, per emotion
    shown: Mapped[dict[str, Any]]
    seconds: Mapped[float | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    adjudicates: Mapped[bool] = mapped_column(server_default=false())  # settles a disagreement between reviewers
    by_chance: Mapped[bool] = mapped_column(server_default=false())  # from the random sample, not chosen for its doubt
    blind: Mapped[bool] = mapped_column(server_default=false())  # the sources were shown only after the answer
    guidelines: Mapped[int | None]  # the version then; None: unknown, or before there were guidelines
    batch_id: Mapped[int | None] = mapped_column(ForeignKey(BatchRow.id))  # accepted in bulk, not judged by a person


class LeaseRow(Base):
    """A tweet in front of one reviewer, reserved until a given time or until it is decided."""

    __tablename__ = "leases"
    __table_args__ = (Index("ix_leases_reviewer", "reviewer"),)

    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    reviewer: Mapped[str]
    until: Mapped[dt.datetime]


class OverlapRow(Base):
    """A tweet that one reviewer decided and a second one is to decide. Derived."""

    __tablename__ = "overlap"
    __table_args__ = (Index("ix_overlap_split", "split"),)

    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    split: Mapped[str]
    reviewer: Mapped[str]  # who decided it


class QueueRow(Base):
    """The position of a tweet in the review: doubt, reason, decision in force. Derived; can be rebuilt."""

    __tablename__ = "queue"

    tweet_id: Mapped[int] = mapped_column(ForeignKey("tweets.id"), primary_key=True)
    split: Mapped[str]
    doubt: Mapped[float] = mapped_column(default=0.0)
    emotion: Mapped[str | None]  # the emotion with the largest doubt
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    # Copies of the values that filters test, so that a filter over 200,000 tweets needs no joins.
    suggested: Mapped[frozenset[str] | None]
    predicted: Mapped[frozenset[str] | None]
    flagged: Mapped[bool] = mapped_column(default=False, server_default=false())
    gain: Mapped[float] = mapped_column(
        default=0.0, server_default="0"
    )  # of F1 per second of review, see emoclf.review.expected_gain
    place: Mapped[float] = mapped_column(server_default="0")  # position in the random order, from the tweet's key
    original: Mapped[frozenset[str] | None]  # NULL: it came without labels; a copy for filters, as above
    # Of a tweet without original labels: the larger, the more it brings to label it next; 0 if nothing is known of it.
    labelling: Mapped[float] = mapped_column(default=0.0, server_default="0")


def _partial(name: str, *columns: Any, where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


# Partial indexes for the frequent queries of the review: each contains only the rows it needs.
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
_partial(
    "ix_queue_by_labelling",
    *(QueueRow.split, QueueRow.labelling.desc(), QueueRow.place, QueueRow.tweet_id),
    where=_UNDECIDED & QueueRow.original.is_(None),
)
_partial("ix_queue_unlabelled", QueueRow.split, QueueRow.decision_id, where=QueueRow.original.is_(None))
_partial("ix_queue_decided", QueueRow.split, QueueRow.decision_id, where=_DECIDED)
_partial("ix_decisions_batch", DecisionRow.batch_id, DecisionRow.tweet_id, where=DecisionRow.batch_id.is_not(None))


class JobRow(Base):
    """A long task that runs in a process of its own."""

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
    pid_started: Mapped[float | None]  # seconds since the epoch; tells a reused pid apart
    heartbeat: Mapped[dt.datetime | None]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    detail: Mapped[dict[str, Any] | None]  # what a page may plot while the job runs
    wrap_up_requested: Mapped[bool] = mapped_column(server_default=false())  # stop early, keep the best result so far


class CorpusRow(Base):
    """An auxiliary corpus: texts with a label set of their own for a first training stage, not for the review."""

    __tablename__ = "corpora"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    emotions: Mapped[list[str]]
    licence: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class CorpusTextRow(Base):
    """One text of an auxiliary corpus, exactly as imported; its labels are indices into the emotions of the corpus."""

    __tablename__ = "corpus_texts"
    __table_args__ = (UniqueConstraint("corpus_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    corpus_id: Mapped[int] = mapped_column(ForeignKey("corpora.id"))
    key: Mapped[str]
    text: Mapped[str]
    labels: Mapped[list[int]]
