"""
A tweet as the exports of labelled tweets write it: its text, its labels and where they came from.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from emoclf.files.escaping import without_surrogates
from emoclf.labels import EMOTIONS

PERSON, BATCH = "person", "batch"


@dataclass(frozen=True)
class ModelLabels:
    """The labels that a model gives a tweet."""

    model: str  # the LLM's name, or "run 2"
    labels: frozenset[str]
    probabilities: Sequence[float]  # one for each emotion, calibrated where a calibration is known
    run: int | None = None  # the run's number; None: an LLM


@dataclass(frozen=True)
class ExportedTweet:
    """A tweet with the labels that the export is about."""

    key: str
    text: str
    split: str
    labels: frozenset[str] | None  # None: unlabelled
    label_origin: str  # original, decision, synthetic or unlabelled
    original: frozenset[str] | None  # the imported labels; None if there are none
    metadata: Mapping[str, str] = field(default_factory=dict)
    reviewer: str | None = None
    decided_at: str | None = None  # ISO 8601, in UTC
    batch: str | None = None  # the name of the batch in which the labels were accepted in bulk
    doubt: float | None = None
    suggestion: ModelLabels | None = None
    prediction: ModelLabels | None = None

    @property
    def decided_by(self) -> str | None:
        """Who decided the labels: a person, a batch that a person accepted, or None if they are as they came."""
        if self.reviewer is None:
            return None
        return PERSON if self.batch is None else BATCH

    @property
    def metadata_json(self) -> str | None:
        """The metadata as one JSON object; None if there are none."""
        return json.dumps(self.metadata, ensure_ascii=False) if self.metadata else None

    @property
    def models(self) -> list[ModelLabels]:
        """The labels of the LLM and of BERT, as far as there are any."""
        return [one for one in (self.suggestion, self.prediction) if one is not None]


def holdable(tweet: ExportedTweet) -> ExportedTweet:
    """Return the tweet with a metadata and text that every file can hold, see `without_surrogates`."""
    if all(map(str.isascii, (tweet.text, *tweet.metadata, *tweet.metadata.values()))):
        return tweet
    metadata = {without_surrogates(name): without_surrogates(value) for name, value in tweet.metadata.items()}
    text = without_surrogates(tweet.text)
    is_same = text == tweet.text and metadata == tweet.metadata
    return tweet if is_same else replace(tweet, text=text, metadata=metadata)


def in_order(labels: frozenset[str] | None) -> list[str]:
    """Return labels in the order of the label set; none for an unlabelled tweet."""
    return list(_in_order(labels or frozenset()))


@lru_cache(maxsize=1 << len(EMOTIONS))
def _in_order(labels: frozenset[str]) -> tuple[str, ...]:
    return tuple(EMOTIONS.ordered(labels))
