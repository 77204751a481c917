"""
Exports labels, decisions, suggestions or synthetic tweets to a file, with the origin of every label.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import guidelines, synthetic
from db.decisions import decision_log
from db.queue_items import all_items
from db.store import Store
from db.suggestions import all_suggestions
from db.tweets import labelled_tweets, unlabelled_count
from db.values import Labelled, QueueItem
from emoclf.errors import SettingError
from emoclf.files import rows
from emoclf.files.unlabelled import UNLABELLED
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS
from jobs.doubts.ranking import Calibrations, load_calibrations

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


@dataclass(frozen=True)
class Exported:
    """The number of exported rows by origin of their labels; None if the rows are not labelled tweets."""

    rows: int
    decided: int | None = None  # labels decided by a reviewer or accepted in bulk
    originals: int | None = None  # labels as imported
    synthetic: int | None = None  # synthetic tweets accepted by a reviewer
    in_bulk: int | None = None  # how many of the decided ones were accepted in bulk
    unlabelled: int | None = None  # tweets without original labels and without a decision
    are_left_out: bool = False  # whether these are missing in the file

    @property
    def figures(self) -> dict[str, int]:
        """The counts by name, without those that do not apply: None, and all but the first three if they are 0.

        >>> Exported(5, decided=2, originals=3, synthetic=0, in_bulk=0).figures, Exported(7).figures
        ({'rows': 5, 'decided': 2, 'originals': 3}, {'rows': 7})
        """
        counts = {"rows": self.rows, "decided": self.decided, "originals": self.originals}
        counts |= {"synthetic": self.synthetic or None, "in_bulk": self.in_bulk or None}
        counts |= {"left_out" if self.are_left_out else "unlabelled": self.unlabelled or None}
        return {name: n for name, n in counts.items() if n is not None}

    @property
    def in_words(self) -> str:
        """The origins of the labels in sentences; empty if the rows are not labelled tweets.

        >>> Exported(6, decided=3, originals=2, synthetic=1, in_bulk=1).in_words
        'Labels: 3 decided (1 of them accepted in bulk), 2 original, 1 of accepted synthetic tweets.'
        >>> Exported(5, decided=3, originals=2, unlabelled=4, are_left_out=True).in_words
        'Labels: 3 decided, 2 original. 4 tweets without labels are left out.'
        """
        if self.decided is None:
            return ""
        bulk = f" ({self.in_bulk:,} of them accepted in bulk)" if self.in_bulk else ""
        more = f", {self.synthetic:,} of accepted synthetic tweets" if self.synthetic else ""
        sentences = [f"Labels: {self.decided:,} decided{bulk}, {self.originals:,} original{more}."]
        if self.unlabelled:
            n, one = f"{self.unlabelled:,}", self.unlabelled == 1
            verb = ("is" if one else "are") + (" left out" if self.are_left_out else " in the file")
            sentences.append(f"{n} {'tweet' if one else 'tweets'} without labels {verb}.")
        return " ".join(sentences)


def export(store: Store, path: Path, what: str = "approved") -> int:
    """As `write_export`, but return only the number of rows."""
    return write_export(store, path, what).rows


def write_export(store: Store, path: Path, what: str = "approved") -> Exported:
    """Write `what` to `path` (.csv, .jsonl or .parquet) and return the number of rows by origin.

    Parameters
    ----------
    what : a key of `KINDS`: "approved" (training labels: each tweet with its decision if there is one, else with its
        original; includes synthetic tweets accepted by a reviewer, marked by `origin`; tweets with neither are left
        out); "decided" (the same, only decided tweets); "decisions" (the whole log); "suggestions" (raw
        probabilities); "everything" (training labels with original, suggested and predicted ones; tweets without labels
        have blanks there); "synthetic" (every generated tweet with its state); or "guidelines" (every version;
        decisions refer to versions)

    Raises
    ------
    SettingError : if `what` is none of these
    """
    if what not in KINDS:
        raise SettingError(f"cannot export {what!r}; choose one of {', '.join(KINDS)}")
    header, records, _ = KINDS[what]
    calibrations = load_calibrations(store)
    seen: Counter[str] = Counter()
    with store.reading() as session:
        rows_written = rows.write(path, _counted(records(session, calibrations), seen), header)
        left_out = unlabelled_count(session) if what == "approved" else 0
    if rows.PROVENANCE not in header:
        return Exported(rows_written)
    unlabelled, counts = seen[UNLABELLED], (seen["decision"], seen["original"], seen["synthetic"], seen["batch"])
    return Exported(rows_written, *counts, left_out or unlabelled or None, are_left_out=bool(left_out))


def _counted(records: Iterator[Record], seen: Counter[str]) -> Iterator[Record]:
    """Pass the records on and count the origins of their labels, and those from batches, in `seen`."""
    for record in records:
        seen[record.get(rows.PROVENANCE) or ""] += 1
        seen["batch"] += record.get("batch") is not None
        yield record


def _cells(labels: frozenset[str] | None, prefix: str = "") -> Record:
    return {f"{prefix}{name}": None if labels is None else int(name in labels) for name in EMOTIONS.names}


def _without_labels(item: QueueItem) -> Record:
    """A tweet that came without labels and is not decided; an import reads it as such again."""
    unknown = dict.fromkeys(("reviewer", "decided_at", "batch"))
    about = {"ID": item.key, "Tweet": item.text, "split": item.split, "origin": item.origin}
    return {**about, **_cells(None), rows.PROVENANCE: UNLABELLED, **unknown}


def _approved(session: Session, _: Calibrations) -> Iterator[Record]:
    for tweet in [*labelled_tweets(session, SPLITS), *synthetic.trainable(session, "accepted")]:
        yield _labelled(tweet)


def _decided(session: Session, _: Calibrations) -> Iterator[Record]:
    for tweet in labelled_tweets(session, SPLITS, "reviewed"):
        yield _labelled(tweet)


def _labelled(tweet: Labelled) -> Record:
    return {
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


def _everything(session: Session, calibrations: Calibrations) -> Iterator[Record]:
    approved = {record["ID"]: record for record in _approved(session, calibrations)}
    for items in all_items(session):
        for item in items:
            suggested = calibrations.of(item.suggestion)[0] if item.suggestion else None
            predicted = item.prediction.probabilities if item.prediction else None
            yield {
                **(approved.get(item.key) or _without_labels(item)),
                "metadata": json.dumps(item.metadata, ensure_ascii=False) if item.metadata else None,
                "doubt": None if item.original is None else round(item.doubt, 4),
                "engine": item.suggestion.engine if item.suggestion else None,
                "run": item.prediction.run_id if item.prediction else None,
                **_cells(item.original, "original_"),
                **_numbers(suggested, "suggestion_"),
                **_numbers(predicted, "prediction_"),
            }


def _numbers(probabilities: Any, prefix: str) -> Record:
    values = [None] * len(EMOTIONS) if probabilities is None else [round(float(p), 4) for p in probabilities]
    return {f"{prefix}{name}": value for name, value in zip(EMOTIONS.names, values, strict=True)}


KINDS: Mapping[str, tuple[list[str], Callable[[Session, Calibrations], Iterator[Record]], str]] = {
    "approved": (APPROVED, _approved, "training labels: the decision where there is one, else the original"),
    "decided": (APPROVED, _decided, "training labels of decided tweets only"),
    "decisions": (DECISIONS, _decisions, "log of every decision and undo"),
    "suggestions": (SUGGESTIONS, _suggestions, "suggestions of language models, as raw probabilities"),
    "everything": (EVERYTHING, _everything, "training labels next to originals, suggestions and predictions"),
    "synthetic": (SYNTHETIC, _synthetic, "synthetic tweets, each with its state"),
    "guidelines": (GUIDELINES, _guidelines, "guidelines, all versions"),
}
NAMES = {what: f"{words} ({what})" for what, (_, _, words) in KINDS.items()}  # the choices on the page
