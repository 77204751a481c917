"""
Export: writes what the store holds to a file, each label with its origin.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import guidelines, queries, synthetic
from db.store import Store
from emoclf import rows
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS
from jobs.doubts import Calibrations, load_calibrations

Record = dict[str, Any]
LABEL_COLUMNS = list(EMOTIONS.names)
APPROVED = ["ID", "Tweet", *LABEL_COLUMNS, "split", "origin", rows.PROVENANCE, "reviewer", "decided_at", "batch"]
SYNTHETIC = [
    *(
        "ID",
        "Tweet",
        "edited",
        "origin",
        "emotion",
        "context",
        "engine",
        "prompt_version",
        "state",
        "dropped_by",
        "why",
    ),
    *("reviewer", "decided_at", "rejected_for", *LABEL_COLUMNS),
]
DECISIONS = [
    *("event_id", "ID", "kind", "reviewer", "labels", "right_sources", "shown", "seconds"),
    *("by_chance", "blind", "adjudicates", "guidelines", "batch", "created_at"),
]
SUGGESTIONS = ["ID", "Tweet", "engine", "prompt_version", *LABEL_COLUMNS]
GUIDELINES = ["version", "emotion", "definition", "examples", "counter_examples", "reviewer", "created_at"]
SOURCES = ("original", "suggestion", "prediction")
EVERYTHING = [
    *APPROVED,
    "metadata",
    "doubt",
    "engine",
    "run",
    *(f"{s}_{e}" for s in SOURCES for e in LABEL_COLUMNS),
]


def export(store: Store, path: Path, what: str = "approved") -> int:
    """Write `what` to `path` (.csv, .jsonl or .parquet) and return the number of rows.

    Parameters
    ----------
    what : "approved" (the tweets with the labels training uses; synthetic ones
        that a reviewer accepted are among them, named by `origin`), "decisions"
        (the whole log), "suggestions" (raw probabilities), "everything"
        (approved labels beside original, suggested and predicted ones),
        "synthetic" (every tweet that a model wrote, and what became of it) or
        "guidelines" (every text there has been; decisions name the version)
    """
    if what not in KINDS:
        raise SettingError(f"cannot export {what!r}; choose one of {', '.join(KINDS)}")
    header, records = KINDS[what]
    calibrations = load_calibrations(store)
    with store.reading() as session:
        return rows.write(path, records(session, calibrations), header)


def _cells(labels: frozenset[str], prefix: str = "") -> Record:
    return {f"{prefix}{name}": int(name in labels) for name in EMOTIONS.names}


def _approved(session: Session, _: Calibrations) -> Iterator[Record]:
    for tweet in [*queries.labelled(session, SPLITS), *synthetic.trainable(session, "accepted")]:
        yield {
            "ID": tweet.key,
            "origin": "synthetic" if tweet.label_origin == "synthetic" else "imported",
            "Tweet": tweet.text,
            **_cells(tweet.labels),
            "split": tweet.split,
            rows.PROVENANCE: tweet.label_origin,
            "reviewer": tweet.reviewer,
            "decided_at": tweet.decided_at.isoformat() if tweet.decided_at else None,
            "batch": tweet.batch,
        }


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
    yield from queries.decision_log(session)


def _suggestions(session: Session, _: Calibrations) -> Iterator[Record]:
    for key, text, suggestion in queries.all_suggestions(session):
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


def _everything(session: Session, calibrations: Calibrations) -> Iterator[Record]:
    approved = {record["ID"]: record for record in _approved(session, calibrations)}
    for items in queries.all_items(session):
        for item in items:
            suggested = calibrations.of(item.suggestion)[0] if item.suggestion else None
            predicted = item.prediction.probabilities if item.prediction else None
            yield {
                **approved[item.key],
                "metadata": json.dumps(item.metadata, ensure_ascii=False) if item.metadata else None,
                "doubt": round(item.doubt, 4),
                "engine": item.suggestion.engine if item.suggestion else None,
                "run": item.prediction.run_id if item.prediction else None,
                **_cells(item.original, "original_"),
                **_numbers(suggested, "suggestion_"),
                **_numbers(predicted, "prediction_"),
            }


def _numbers(probabilities: Any, prefix: str) -> Record:
    values = [None] * len(EMOTIONS) if probabilities is None else [round(float(p), 4) for p in probabilities]
    return {f"{prefix}{name}": value for name, value in zip(EMOTIONS.names, values, strict=True)}


KINDS: Mapping[str, tuple[list[str], Callable[[Session, Calibrations], Iterator[Record]]]] = {
    "approved": (APPROVED, _approved),
    "decisions": (DECISIONS, _decisions),
    "suggestions": (SUGGESTIONS, _suggestions),
    "everything": (EVERYTHING, _everything),
    "synthetic": (SYNTHETIC, _synthetic),
    "guidelines": (GUIDELINES, _guidelines),
}
