"""
The contents that can be exported as a table: the columns of each, and its rows.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from db import guidelines, synthetic
from db.decisions import decision_log
from db.suggestions import all_suggestions
from emoclf.export.exported_tweets import ExportedTweet
from emoclf.files.own_exports import METADATA, SOURCES
from emoclf.files.tables import PROVENANCE
from emoclf.labels import EMOTIONS
from jobs.doubts.ranking import Calibrations
from jobs.files.export_tweets import LABELS, tweets

Record = dict[str, Any]
Records = Callable[[Session, Calibrations], Iterator[Record]]
LABEL_COLUMNS = list(EMOTIONS.names)
APPROVED = ["ID", "Tweet", *LABEL_COLUMNS, "split", "origin", PROVENANCE, "reviewer", "decided_at", "batch", METADATA]
EVERYTHING = [*APPROVED, "doubt", "engine", "run", *(f"{s}_{e}" for s in SOURCES for e in LABEL_COLUMNS)]
ORIGINALS = ["ID", "Tweet", *LABEL_COLUMNS, "split", PROVENANCE, METADATA]
SYNTHETIC = [
    *("ID", "Tweet", "edited", "origin", "emotion", "context", "engine", "prompt_version", "state", "dropped_by"),
    *("why", "reviewer", "decided_at", "rejected_for", *LABEL_COLUMNS),
]
DECISIONS = [
    *("event_id", "ID", "kind", "reviewer", "labels", "right_sources", "shown", "seconds"),
    *("by_chance", "blind", "adjudicates", "guidelines", "batch", "created_at"),
]
SUGGESTIONS = ["ID", "Tweet", "engine", "prompt_version", *LABEL_COLUMNS]
GUIDELINES = ["version", "emotion", "definition", "examples", "counter_examples", "reviewer", "created_at"]


@dataclass(frozen=True)
class Contents:
    """What an export holds, as a table."""

    words: str
    header: Sequence[str]
    records: Records
    numbers: Mapping[str, type]  # int, float or bool, by column; the other columns are texts

    @property
    def texts(self) -> list[str]:
        """The columns that hold texts."""
        return [column for column in self.header if column not in self.numbers]

    @property
    def has_labelled_tweets(self) -> bool:
        """Whether each row is a tweet with its labels and where they came from."""
        return PROVENANCE in self.header


def tweet_record(tweet: ExportedTweet) -> Record:
    """The row of a tweet with approved labels."""
    return {
        "ID": tweet.key,
        "Tweet": tweet.text,
        **_cells(tweet.labels),
        "split": tweet.split,
        "origin": "synthetic" if tweet.label_origin == "synthetic" else "imported",
        PROVENANCE: tweet.label_origin,
        "reviewer": tweet.reviewer,
        "decided_at": tweet.decided_at,
        "batch": tweet.batch,
        METADATA: tweet.metadata_json,
    }


def _full_record(tweet: ExportedTweet) -> Record:
    suggested, predicted = tweet.suggestion, tweet.prediction
    return {
        **tweet_record(tweet),
        "doubt": None if tweet.doubt is None else round(tweet.doubt, 4),
        "engine": suggested.model if suggested else None,
        "run": predicted.run if predicted else None,
        **_cells(tweet.original, "original_"),
        **_probabilities(suggested.probabilities if suggested else None, "suggestion"),
        **_probabilities(predicted.probabilities if predicted else None, "prediction"),
    }


@lru_cache(maxsize=1 << 14)
def _cells(labels: frozenset[str] | None, prefix: str = "") -> Record:
    """A 0 or 1 for each emotion, or None for each if there are no labels. The same labels give the same object."""
    return {f"{prefix}{name}": None if labels is None else int(name in labels) for name in EMOTIONS.names}


def _probabilities(values: Iterable[float] | None, source: str) -> Record:
    return dict(zip(_PROBABILITIES[source], [None] * len(EMOTIONS) if values is None else values, strict=True))


_PROBABILITIES = {source: [f"{source}_{name}" for name in EMOTIONS.names] for source in SOURCES}


def _tweets(what: str) -> Records:
    return lambda session, calibrations: map(tweet_record, tweets(session, calibrations, what))


def _everything(session: Session, calibrations: Calibrations) -> Iterator[Record]:
    return map(_full_record, tweets(session, calibrations, "everything", with_models=True))


def _synthetic(session: Session, _: Calibrations) -> Iterator[Record]:
    for one in synthetic.all_items(session):
        verdict = one.verdict
        labels = one.labels if verdict is None or verdict.labels is None else verdict.labels
        yield {
            "ID": one.key,
            "Tweet": one.text,
            "edited": verdict.text if verdict else None,
            "origin": "synthetic",
            "emotion": one.emotion,
            "context": one.context,
            "engine": one.engine,
            "prompt_version": one.prompt_version,
            "state": one.state,
            "dropped_by": one.dropped,
            "why": one.reason,
            "reviewer": verdict.reviewer if verdict else None,
            "decided_at": verdict.created_at.isoformat() if verdict else None,
            "rejected_for": verdict.reason if verdict else None,
            **_cells(labels),
        }


def _decisions(session: Session, _: Calibrations) -> Iterator[Record]:
    yield from decision_log(session)


def _suggestions(session: Session, _: Calibrations) -> Iterator[Record]:
    for key, text, suggestion in all_suggestions(session):
        yield {
            "ID": key,
            "Tweet": text,
            "engine": suggestion.engine,
            "prompt_version": suggestion.prompt_version,
            **dict(zip(EMOTIONS.names, suggestion.probabilities, strict=True)),
        }


def _guidelines(session: Session, _: Calibrations) -> Iterator[Record]:
    for emotion, texts in guidelines.everything(session).items():
        for one in texts:
            yield {
                "version": one.version,
                "emotion": emotion,
                "definition": one.text.definition,
                "examples": json.dumps(one.text.examples, ensure_ascii=False),
                "counter_examples": json.dumps(one.text.counter_examples, ensure_ascii=False),
                "reviewer": one.reviewer,
                "created_at": one.created_at.isoformat() if one.created_at else None,
            }


_IN_LABELS: Mapping[str, type] = dict.fromkeys(LABEL_COLUMNS, int)
_IN_PROBABILITIES: Mapping[str, type] = dict.fromkeys(LABEL_COLUMNS, float)
_IN_EVERYTHING: Mapping[str, type] = {
    **{"doubt": float, "run": int},
    **{column: int if column.startswith("original_") else float for column in EVERYTHING[len(APPROVED) + 3 :]},
}
_IN_DECISIONS: Mapping[str, type] = {
    **{"seconds": float, "guidelines": int},
    **dict.fromkeys(["by_chance", "blind", "adjudicates"], bool),
}

KINDS: Mapping[str, Contents] = {
    "approved": Contents(
        "training labels: the decision where there is one, else the original",
        APPROVED,
        _tweets("approved"),
        _IN_LABELS,
    ),
    "decided": Contents("training labels of decided tweets only", APPROVED, _tweets("decided"), _IN_LABELS),
    "decisions": Contents("log of every decision and undo", DECISIONS, _decisions, _IN_DECISIONS),
    "suggestions": Contents(
        "suggestions of language models, as raw probabilities", SUGGESTIONS, _suggestions, _IN_PROBABILITIES
    ),
    "everything": Contents(
        "training labels next to originals, suggestions and predictions",
        EVERYTHING,
        _everything,
        {**_IN_LABELS, **_IN_EVERYTHING},
    ),
    "originals": Contents("tweets as they were imported", ORIGINALS, _tweets("originals"), _IN_LABELS),
    "synthetic": Contents("synthetic tweets, each with its state", SYNTHETIC, _synthetic, _IN_LABELS),
    "guidelines": Contents("guidelines, all versions", GUIDELINES, _guidelines, {"version": int}),
}
NAMES = {what: f"{contents.words} ({what})" for what, contents in KINDS.items()}  # the choices on the page
FOLDERS = tuple(LABELS)  # the contents that can be written to a folder for another program
