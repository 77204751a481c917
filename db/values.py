"""
The values that reads return: frozen dataclasses, never database rows.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emoclf.review.guidelines import Guideline


@dataclass(frozen=True)
class Suggested:
    """An LLM's raw probabilities for a tweet, before calibration."""

    id: int
    engine: str
    prompt_version: str
    probabilities: Sequence[float]


@dataclass(frozen=True)
class Rationale:
    """Why a tweet carries some emotions, in an LLM's words."""

    tweet_id: int
    engine: str
    emotions: frozenset[str]
    text: str


@dataclass(frozen=True)
class Predicted:
    """BERT's probabilities for a tweet, and the labels at its thresholds."""

    run_id: int
    out_of_fold: bool
    probabilities: Sequence[float]
    labels: frozenset[str]


@dataclass(frozen=True)
class QueueItem:
    """A tweet of the review with the output of each source."""

    tweet_id: int
    key: str
    text: str
    split: str
    origin: str
    twin_group: str
    metadata: Mapping[str, str]  # further columns of the data file
    original: frozenset[str] | None  # None: it came without labels
    doubt: float
    emotion: str | None
    suggestion: Suggested | None
    prediction: Predicted | None
    decision_id: int | None  # of the decision in force
    by_chance: bool = False  # from the random sample, not chosen for its doubt

    @property
    def known_doubt(self) -> float | None:
        """The doubt; None if the tweet has no labels to be doubted, or no model has answered about it yet."""
        is_compared = self.suggestion is not None or self.prediction is not None or self.doubt > 0
        return self.doubt if self.original is not None and is_compared else None


@dataclass(frozen=True)
class RankInputs:
    """The inputs to a tweet's queue rank, and the values that filters test."""

    tweet_id: int
    doubt: float = 0.0
    emotion: str | None = None  # of the most doubtful label
    gain: float = 0.0  # of macro-F1, expected per second of review
    suggested: frozenset[str] | None = None  # the LLM's labels; None if there are none
    predicted: frozenset[str] | None = None  # BERT's labels; None if there are none
    labelling: float = 0.0  # of a tweet without original labels: the larger, the sooner it should be labelled


@dataclass(frozen=True)
class Decided:
    """A decision in force, with what undo and history need."""

    id: int
    event_id: str
    tweet_id: int
    reviewer: str
    labels: frozenset[str]
    created_at: dt.datetime
    batch: str | None = None  # the name of the batch that made it; None: a person made it
    guidelines: int | None = None  # the version when it was made; None: not recorded
    adjudicates: bool = False  # settles a disagreement between reviewers and stays in force

    @property
    def by(self) -> str:
        """The name to show for who decided."""
        return _by(self.reviewer, self.batch)


@dataclass(frozen=True)
class Judged:
    """A decision with the original labels, for statistics about reviewers."""

    tweet_id: int
    split: str
    reviewer: str
    labels: frozenset[str]
    original: frozenset[str] | None  # None: the tweet came without labels
    right_sources: Mapping[str, Sequence[str]]  # the sources that agree with the reviewer, per emotion
    seconds: float | None
    blind: bool  # decided before the sources were shown


@dataclass(frozen=True)
class Flag:
    """A reviewer's comment that asks for another look at a tweet."""

    reviewer: str
    comment: str


@dataclass(frozen=True)
class GuidelineVersion:
    """A version of an emotion's guideline, with its author and time; both None for the built-in one."""

    version: int  # of the whole set when this guideline came into force
    text: Guideline
    reviewer: str | None
    created_at: dt.datetime | None


@dataclass(frozen=True)
class Past:
    """One event in a tweet's history: a decision if it has labels, else a flag, or its removal (no comment)."""

    at: dt.datetime
    reviewer: str
    labels: frozenset[str] | None
    comment: str | None
    undone: bool = False
    batch: str | None = None  # the name of the batch that made the decision

    @property
    def by(self) -> str:
        """The name to show for who acted."""
        return _by(self.reviewer, self.batch)


def _by(reviewer: str, batch: str | None) -> str:
    return f"{reviewer} in the batch {batch}" if batch is not None else reviewer


@dataclass(frozen=True)
class Labelled:
    """A tweet with its labels for training and their origin: original or decision."""

    tweet_id: int
    key: str
    text: str
    split: str
    twin_group: str
    labels: frozenset[str]
    label_origin: str
    reviewer: str | None = None
    decided_at: dt.datetime | None = None
    blind: bool = False  # decided before the sources were shown
    batch: str | None = None  # the name of the batch that made the decision


@dataclass(frozen=True)
class PredictedTweet:
    """A run's prediction for a tweet it did not train on."""

    tweet_id: int
    key: str
    text: str
    original: frozenset[str] | None  # None: the tweet came without labels
    probabilities: Sequence[float]
    labels: frozenset[str]


@dataclass(frozen=True)
class Run:
    """The record of one training run."""

    id: int
    name: str
    base: str
    labels: str
    settings: Mapping[str, Any]
    seed: int
    code_version: str
    data_hash: str
    folder: str
    thresholds: Sequence[float]
    history: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, Any]
    seconds: float
    created_at: dt.datetime
    promoted: bool  # it is the active model
    files: bool  # false after the files were deleted
    calibration: Mapping[str, Any] | None


@dataclass(frozen=True)
class Job:
    """Long work in a process of its own, and its progress."""

    id: int
    kind: str
    settings: Mapping[str, Any]
    state: str
    done: int
    total: int
    message: str
    cancel_requested: bool
    pid: int | None
    pid_started: float | None
    heartbeat: dt.datetime | None
    result: Mapping[str, Any] | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    detail: Mapping[str, Any] | None  # what a page may plot while the job runs
    wrap_up_requested: bool  # asked to stop early and keep the best result so far

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.state in ("done", "failed", "cancelled", "lost")


@dataclass(frozen=True)
class Counts:
    """The counts of one split."""

    split: str
    tweets: int
    decided: int
    suggested: int
    predicted: int  # without predictions of degenerate runs that nobody promoted
    twins: int  # tweets that have a twin in the store
    per_emotion: Mapping[str, int]  # of original labels
    unlabelled: int = 0  # tweets without original labels
    labelled: int = 0  # how many of these have a decision in force


@dataclass(frozen=True)
class CorpusSummary:
    """An auxiliary corpus as a list shows it."""

    name: str
    emotions: Sequence[str]
    texts: int  # number of texts
    licence: str | None


@dataclass(frozen=True)
class Batch:
    """A list of tweets whose labels from one source are accepted together, and its progress."""

    id: int
    name: str
    token: str  # a UUID that determines the sample and the event ids
    query: Mapping[str, str]  # the filter that defines the list
    source: str
    tweets: int  # in the list, including the sample
    sample: int  # tweets to check
    guidelines: int
    reviewer: str  # who drew the sample
    state: str  # checking accepting accepted undoing undone dropped
    wrong: int | None  # wrong tweets in the sample, recorded when accepting begins
    at_most: int | None  # upper limit of the wrong tweets in the rest, recorded with it
    accepted_by: str | None
    undone_by: str | None
    created_at: dt.datetime
    accepted_at: dt.datetime | None
    undone_at: dt.datetime | None


@dataclass(frozen=True)
class SampleTweet:
    """A tweet of a batch's sample, with the labels of the source and of a person."""

    tweet_id: int
    key: str
    text: str
    source_labels: frozenset[str]  # the labels of the batch's source
    decided: frozenset[str] | None  # None: no person has decided it yet
    blind: bool  # decided before the sources were shown
