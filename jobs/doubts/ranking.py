"""
Doubts: fits calibrations and writes each tweet's doubt into the review queue, from all that the sources say by now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from db import doubting
from db.chunking import chunks
from db.queue import set_rank_inputs
from db.queue_items import all_items
from db.runs import list_runs
from db.store import Store
from db.suggestions import add_calibration, stored_calibrations, suggested_originals, suggestion_engines
from db.values import Predicted, QueueItem, RankInputs, Suggested
from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import is_yes_no
from emoclf.metrics import calibration
from emoclf.metrics.calibration import Calibration
from emoclf.review.doubt import doubt, folds_of
from emoclf.review.expected_gain import expected_gain

UNKNOWN = np.full(len(EMOTIONS), np.nan)


@dataclass(frozen=True)
class Calibrations:
    """The calibrations in force: of engines by (engine, prompt version), of BERT by run."""

    fitted: dict[tuple[str, str], Calibration]
    runs: dict[int, Calibration]

    def of(self, suggestion: Suggested) -> tuple[np.ndarray, frozenset[str]]:
        """A suggestion's calibrated probabilities, shape (11,), and the labels they amount to.

        Where the engine gave no probabilities, the labels are what it said.
        """
        fitted = self.fitted.get((suggestion.engine, suggestion.prompt_version), Calibration.identity())
        probabilities = fitted.apply(np.asarray(suggestion.probabilities))
        if is_yes_no(suggestion.prompt_version):
            return probabilities, EMOTIONS.decode(np.asarray(suggestion.probabilities)[None] > 0.5)[0]
        return probabilities, EMOTIONS.decode(fitted.labels(probabilities)[None])[0]

    def of_prediction(self, prediction: Predicted) -> np.ndarray:
        """A prediction's calibrated probabilities, shape (11,); as they came where its run has no calibration."""
        raw = np.asarray(prediction.probabilities)
        return self.runs[prediction.run_id].apply(raw) if prediction.run_id in self.runs else raw


def load_calibrations(store: Store) -> Calibrations:
    """Read the calibrations in force."""
    with store.reading() as session:
        engines = {key: Calibration.from_json(data) for key, data in stored_calibrations(session).items()}
        runs = {run.id: Calibration.from_json(run.calibration) for run in list_runs(session) if run.calibration}
    return Calibrations(engines, runs)


def refresh(store: Store) -> None:
    """Fit the calibrations again and bring every tweet's doubt up to date, in small transactions."""
    fit_calibrations(store)
    known = read(store)
    if known:
        _write(store, known)


@dataclass(frozen=True)
class Known:
    """What is known of tweets, a row or an entry for each."""

    ids: np.ndarray
    original: np.ndarray  # labels, shape (n, 11)
    raw: np.ndarray  # an LLM's probabilities as it gave them, shape (n, 11); NaN where none has spoken
    suggested: np.ndarray  # the same, calibrated
    predicted: np.ndarray  # BERT's, calibrated, likewise
    is_train: np.ndarray  # whether a calibration may have been fitted on its labels
    is_unseen: np.ndarray  # whether BERT never trained on it, where BERT has spoken
    characters: np.ndarray
    groups: list[str]  # of twins
    engines: list[tuple[str, str] | None]  # (engine, prompt version) of the suggestion
    splits: list[str]
    said: list[tuple[frozenset[str] | None, frozenset[str] | None]]  # the labels of both, None where it has not spoken

    @classmethod
    def joined(cls, parts: Sequence["Known"]) -> "Known":
        """Those of several parts, one behind the other."""
        arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS}
        lists: dict[str, Any] = {name: [one for part in parts for one in getattr(part, name)] for name in LISTS}
        return cls(**arrays, **lists)


ARRAYS = ("ids", "original", "raw", "suggested", "predicted", "is_train", "is_unseen", "characters")
LISTS = ("groups", "engines", "splits", "said")


def read(store: Store) -> Known | None:
    """What is known of every real tweet, by the calibrations in force; None where there is none."""
    calibrations = load_calibrations(store)
    with store.reading() as session:  # of a large store only this is kept
        parts = [_known(items, calibrations) for items in all_items(session)]
    return Known.joined(parts) if parts else None


def _known(items: Sequence[QueueItem], calibrations: Calibrations) -> Known:
    suggestions = [calibrations.of(item.suggestion) if item.suggestion else (UNKNOWN, None) for item in items]
    predicted = [calibrations.of_prediction(item.prediction) if item.prediction else UNKNOWN for item in items]
    labels = [item.prediction.labels if item.prediction else None for item in items]
    raw = [np.asarray(item.suggestion.probabilities) if item.suggestion else UNKNOWN for item in items]
    return Known(
        np.array([item.tweet_id for item in items]),
        EMOTIONS.encode([item.original for item in items]),
        np.array(raw, dtype=np.float32),
        np.array([probabilities for probabilities, _ in suggestions], dtype=np.float32),
        np.array(predicted, dtype=np.float32),
        np.array([item.split == "train" and item.origin == "imported" for item in items]),
        np.array([item.prediction is None or item.prediction.out_of_fold for item in items]),
        np.array([len(item.text) for item in items]),
        [item.twin_group for item in items],
        [(item.suggestion.engine, item.suggestion.prompt_version) if item.suggestion else None for item in items],
        [item.split for item in items],
        list(zip((said for _, said in suggestions), labels, strict=True)),
    )


def cross_fitted(known: Known) -> np.ndarray:
    """The calibrated suggestions, shape (n, 11), of train tweets by what was fitted on other twin groups.

    `fit_calibrations` learns from the very labels that doubt is about, so that what it makes of the same tweets is
    too kind to their labels; of dev and test tweets nothing was learnt.
    """
    found, fold_of = known.suggested.copy(), folds_of(known.groups)
    for engine in {engine for engine in known.engines if engine}:
        rows = np.flatnonzero(known.is_train & np.array([one == engine for one in known.engines]))
        found[rows], _ = calibration.cross_fitted(
            known.raw[rows], known.original[rows], fold_of[rows], calibration.fit_together
        )
    return found


def _write(store: Store, known: Known) -> None:
    """Each tweet's doubt goes into the queue, with the emotion of its most doubtful label, and all that follows."""
    teaches = known.is_train & known.is_unseen  # BERT agrees with what it trained on
    found = doubt(known.original, [cross_fitted(known), known.predicted], known.groups, teaches)
    is_probability = found.is_learnt & (known.is_unseen | ~known.is_train)
    rows = zip(
        known.ids.tolist(),
        found.tweets.tolist(),
        found.labels.argmax(axis=1).tolist(),
        expected_gain(found.labels, known.original, known.characters).tolist(),
        known.said,
        strict=True,
    )
    rank_inputs = (RankInputs(i, p, EMOTIONS.names[j] if p > 0 else None, gain, *said) for i, p, j, gain, said in rows)
    for chunk in chunks(rank_inputs):
        with store.writing() as session:
            set_rank_inputs(session, chunk)
    splits = np.array(known.splits)
    shares = {split: float(is_probability[splits == split].mean()) for split in set(known.splits)}
    with store.writing() as session:
        doubting.write(session, shares, found.shifts)


def fit_calibrations(store: Store) -> None:
    """Fit each engine's calibration on the original labels of the train tweets it answered."""
    with store.reading() as session:
        answered = {key: suggested_originals(session, *key) for key in suggestion_engines(session)}
    for (engine, version), rows in answered.items():
        raw = np.array([probabilities for probabilities, _ in rows]).reshape(-1, len(EMOTIONS))
        originals = EMOTIONS.encode([original for _, original in rows])
        fitted = calibration.fit_together(raw, originals).to_json()
        with store.writing() as session:
            add_calibration(session, engine, version, len(rows), fitted)
