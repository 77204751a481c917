"""
What reads return: plain frozen values, never a live row.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emoclf.review.guidelines import Guideline


@dataclass(frozen=True)
class Suggested:
    """An LLM's raw probabilities for a tweet; calibration comes on top."""

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
    """BERT's probabilities for a tweet and the labels its thresholds make of them."""

    run_id: int
    out_of_fold: bool
    probabilities: Sequence[float]
    labels: frozenset[str]


@dataclass(frozen=True)
class QueueItem:
    """A tweet as the review sees it, with what each source says."""

    tweet_id: int
    key: str
    text: str
    split: str
    origin: str
    twin_group: str
    metadata: Mapping[str, str]  # further columns of the data file
    original: frozenset[str]
    doubt: float
    emotion: str | None
    suggestion: Suggested | None
    prediction: Predicted | None
    decision_id: int | None  # the one in force
    by_chance: bool = False  # it comes by the random share, not for its doubt


@dataclass(frozen=True)
class RankInputs:
    """What a tweet's place in the queue follows from, and what filters ask of it."""

    tweet_id: int
    doubt: float = 0.0
    emotion: str | None = None  # of the most doubtful label
    gain: float = 0.0  # of macro-F1, expected per second of review
    suggested: frozenset[str] | None = None  # what an LLM says; None where none has spoken
    predicted: frozenset[str] | None = None  # what BERT says


@dataclass(frozen=True)
class Decided:
    """A decision in force, as undo and history need it."""

    id: int
    event_id: str
    tweet_id: int
    reviewer: str
    labels: frozenset[str]
    created_at: dt.datetime
    batch: str | None = None  # the name of the batch that it came with, without anybody looking at the tweet
    guidelines: int | None = None  # the version of the guidelines that it was made under; None: not recorded
    adjudicates: bool = False  # it settles what reviewers differed about, and stays in force whatever they decide later

    @property
    def by(self) -> str:
        """Who decided, in words."""
        return _by(self.reviewer, self.batch)


@dataclass(frozen=True)
class Judged:
    """A decision beside the original, as figures about reviewers need it."""

    tweet_id: int
    split: str
    reviewer: str
    labels: frozenset[str]
    original: frozenset[str]
    right_sources: Mapping[str, Sequence[str]]  # per emotion those that said what the reviewer decided
    seconds: float | None
    blind: bool  # before the sources came on the screen


@dataclass(frozen=True)
class Flag:
    """Who wants a tweet to be looked at again, and why."""

    reviewer: str
    comment: str


@dataclass(frozen=True)
class GuidelineVersion:
    """A guideline of one emotion, and who put it in force when; None where it came with the program."""

    version: int  # of the whole set of guidelines, when this one came into force
    text: Guideline
    reviewer: str | None
    created_at: dt.datetime | None


@dataclass(frozen=True)
class Past:
    """One thing that happened to a tweet: a decision where there are labels, else a flag, or its end (no comment)."""

    at: dt.datetime
    reviewer: str
    labels: frozenset[str] | None
    comment: str | None
    undone: bool = False
    batch: str | None = None  # the name of the batch that a decision came with

    @property
    def by(self) -> str:
        """Whose action it was, in words."""
        return _by(self.reviewer, self.batch)


def _by(reviewer: str, batch: str | None) -> str:
    return f"{reviewer} in the batch {batch}" if batch is not None else reviewer


@dataclass(frozen=True)
class Labelled:
    """A tweet with the labels that training uses, and where they come from: original or decision."""

    tweet_id: int
    key: str
    text: str
    split: str
    twin_group: str
    labels: frozenset[str]
    label_origin: str
    reviewer: str | None = None
    decided_at: dt.datetime | None = None
    blind: bool = False  # decided before the sources came on the screen
    batch: str | None = None  # the name of the batch that the decision came with


@dataclass(frozen=True)
class Spoken:
    """What one run said of a tweet that it did not train on."""

    tweet_id: int
    key: str
    text: str
    original: frozenset[str]
    probabilities: Sequence[float]
    labels: frozenset[str]


@dataclass(frozen=True)
class Run:
    """One training, as recorded."""

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
    promoted: bool  # it predicts where no run is named
    files: bool  # false after they were deleted
    calibration: Mapping[str, Any] | None


@dataclass(frozen=True)
class Job:
    """A long piece of work and how far it is."""

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
    detail: Mapping[str, Any] | None  # what a page may draw while it runs
    wrap_up_requested: bool  # to stop and keep the best so far

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled", "lost")


@dataclass(frozen=True)
class Counts:
    """How much there is of everything, for one split."""

    split: str
    tweets: int
    decided: int
    suggested: int
    predicted: int
    twins: int  # tweets that have a twin in the store
    per_emotion: Mapping[str, int]  # originals


@dataclass(frozen=True)
class CorpusSummary:
    """An auxiliary corpus as a list shows it."""

    name: str
    emotions: Sequence[str]
    texts: int  # how many it has
    licence: str | None


@dataclass(frozen=True)
class Batch:
    """A list that the labels of one source are accepted for, and how far that is."""

    id: int
    name: str
    token: str  # a UUID, from which the sample and the ids of the decisions follow
    query: Mapping[str, str]  # the filter that the list was drawn with
    source: str
    tweets: int  # in the list, the sample among them
    sample: int  # tweets to check
    guidelines: int
    reviewer: str  # who drew the sample
    state: str  # checking accepting accepted undoing undone dropped
    wrong: int | None  # of the sample, when the rest was accepted
    at_most: int | None  # of the rest, by that sample
    accepted_by: str | None
    undone_by: str | None
    created_at: dt.datetime
    accepted_at: dt.datetime | None
    undone_at: dt.datetime | None


@dataclass(frozen=True)
class SampleTweet:
    """A tweet of a batch's sample: what the source said then, and what a person decided since; None: not yet."""

    tweet_id: int
    key: str
    text: str
    said: frozenset[str]
    decided: frozenset[str] | None
    blind: bool  # decided before the sources came on the screen
