"""
Computes the doubt of every tweet from all sources, fits the calibrations of the LLMs, and updates the queue ranks.

Doubt compares labels with the other sources. Tweets without original labels have none; `labelling` ranks them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from db import doubting
from db.chunking import chunks
from db.queue import set_rank_inputs
from db.queue_items import all_items
from db.runs import run_calibrations
from db.store import Store
from db.suggestions import add_calibration, stored_calibrations, suggested_originals, suggestion_engines
from db.values import Predicted, QueueItem, RankInputs, Suggested
from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import is_yes_no
from emoclf.metrics import calibration
from emoclf.metrics.calibration import Calibration
from emoclf.review.doubt import doubt, folds_of
from emoclf.review.expected_gain import expected_gain
from jobs.doubts import labelling

UNKNOWN = np.full(len(EMOTIONS), np.nan)
UNCALIBRATED = Calibration.identity()


@dataclass(frozen=True)
class Calibrations:
    """The calibrations in use: of LLMs by (engine, prompt version), of BERT by run."""

    fitted: dict[tuple[str, str], Calibration]
    runs: dict[int, Calibration]

    def of(self, suggestion: Suggested) -> tuple[np.ndarray, frozenset[str]]:
        """A suggestion's calibrated probabilities, shape (11,), and the resulting labels.

        If the engine answers yes or no without probabilities, the labels are its answers.
        """
        fitted = self.fitted.get((suggestion.engine, suggestion.prompt_version), UNCALIBRATED)
        probabilities = fitted.apply(np.asarray(suggestion.probabilities))
        if is_yes_no(suggestion.prompt_version):
            return probabilities, EMOTIONS.decode(np.asarray(suggestion.probabilities)[None] > 0.5)[0]
        return probabilities, EMOTIONS.decode(fitted.labels(probabilities)[None])[0]

    def of_all(self, suggestions: Sequence[Suggested]) -> list[tuple[np.ndarray, frozenset[str]]]:
        """As `of`, for many suggestions at once."""
        groups: dict[tuple[str, str], list[int]] = {}
        for n, one in enumerate(suggestions):
            groups.setdefault((one.engine, one.prompt_version), []).append(n)
        found: dict[int, tuple[np.ndarray, frozenset[str]]] = {}
        for (engine, version), members in groups.items():
            raw = np.array([suggestions[n].probabilities for n in members])
            fitted = self.fitted.get((engine, version), UNCALIBRATED)
            probabilities = fitted.apply(raw)
            is_on = raw > 0.5 if is_yes_no(version) else fitted.labels(probabilities)
            labels = EMOTIONS.decode(is_on)
            found.update(zip(members, zip(probabilities, labels, strict=True), strict=True))
        return [found[n] for n in range(len(suggestions))]

    def of_prediction(self, prediction: Predicted) -> np.ndarray:
        """A prediction's calibrated probabilities, shape (11,); uncalibrated if its run has no calibration."""
        raw = np.asarray(prediction.probabilities)
        return self.runs[prediction.run_id].apply(raw) if prediction.run_id in self.runs else raw


def load_calibrations(store: Store) -> Calibrations:
    """Read the calibrations in use."""
    with store.reading() as session:
        engines = {key: Calibration.from_json(data) for key, data in stored_calibrations(session).items()}
        runs = {run_id: Calibration.from_json(data) for run_id, data in run_calibrations(session).items()}
    return Calibrations(engines, runs)


def refresh(store: Store) -> None:
    """Fit the LLM calibrations again and update the doubt of every tweet, in small transactions."""
    fit_calibrations(store)
    known = read(store)
    if known:
        _write(store, known)


@dataclass(frozen=True)
class RankingData:
    """The data of n tweets from which their ranks are computed, one row or entry per tweet."""

    ids: np.ndarray
    original: np.ndarray  # original labels, shape (n, 11); 0 without any
    has_original: np.ndarray  # whether the tweet came with labels
    is_decided: np.ndarray
    raw: np.ndarray  # an LLM's raw probabilities, shape (n, 11); NaN if there are none
    suggested: np.ndarray  # the same, calibrated
    predicted: np.ndarray  # BERT's, calibrated; NaN if there are none
    is_train: np.ndarray  # whether it is an imported train tweet, so that calibrations may be fitted on its labels
    is_unseen: np.ndarray  # whether BERT's prediction, if any, is by a model that never trained on it
    characters: np.ndarray
    groups: list[str]  # twin groups
    engines: list[tuple[str, str] | None]  # (engine, prompt version) of the suggestion
    splits: list[str]
    labels: list[tuple[frozenset[str] | None, frozenset[str] | None]]  # labels of the LLM and BERT, or None

    @classmethod
    def joined(cls, parts: Sequence["RankingData"]) -> "RankingData":
        """Concatenate several parts."""
        arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS}
        lists: dict[str, Any] = {name: [one for part in parts for one in getattr(part, name)] for name in LISTS}
        return cls(**arrays, **lists)

    def where(self, chosen: np.ndarray) -> "RankingData":
        """Return the tweets for which a boolean array of shape (n,) is true."""
        arrays: dict[str, Any] = {name: getattr(self, name)[chosen] for name in ARRAYS}
        rows = np.flatnonzero(chosen)
        lists: dict[str, Any] = {name: [getattr(self, name)[row] for row in rows] for name in LISTS}
        return RankingData(**arrays, **lists)


ARRAYS = (
    *("ids", "original", "has_original", "is_decided", "raw", "suggested", "predicted"),
    *("is_train", "is_unseen", "characters"),
)
LISTS = ("groups", "engines", "splits", "labels")


def read(store: Store) -> RankingData | None:
    """Read the data of every real tweet, with the calibrations in use; None if the store is empty."""
    calibrations = load_calibrations(store)
    with store.reading() as session:  # keeps only these arrays of a large store
        parts = [_known(items, calibrations) for items in all_items(session)]
    return RankingData.joined(parts) if parts else None


def _known(items: Sequence[QueueItem], calibrations: Calibrations) -> RankingData:
    suggestions = [calibrations.of(item.suggestion) if item.suggestion else (UNKNOWN, None) for item in items]
    predicted = [calibrations.of_prediction(item.prediction) if item.prediction else UNKNOWN for item in items]
    predicted_labels = [item.prediction.labels if item.prediction else None for item in items]
    raw = [np.asarray(item.suggestion.probabilities) if item.suggestion else UNKNOWN for item in items]
    return RankingData(
        np.array([item.tweet_id for item in items]),
        EMOTIONS.encode([item.original or () for item in items]),
        np.array([item.original is not None for item in items]),
        np.array([item.decision_id is not None for item in items]),
        np.array(raw, dtype=np.float32),
        np.array([probabilities for probabilities, _ in suggestions], dtype=np.float32),
        np.array(predicted, dtype=np.float32),
        np.array([item.split == "train" and item.origin == "imported" for item in items]),
        np.array([item.prediction is None or item.prediction.out_of_fold for item in items]),
        np.array([len(item.text) for item in items]),
        [item.twin_group for item in items],
        [(item.suggestion.engine, item.suggestion.prompt_version) if item.suggestion else None for item in items],
        [item.split for item in items],
        list(zip((suggested for _, suggested in suggestions), predicted_labels, strict=True)),
    )


def cross_fitted(known: RankingData) -> np.ndarray:
    """The calibrated suggestions, shape (n, 11); those of train tweets by calibrations fitted on other twin groups.

    The calibrations of `fit_calibrations` are fitted on the original labels of the train tweets, so on these tweets
    they would agree with the labels too well. Dev and test labels are never used for fitting.
    """
    calibrated, fold_of = known.suggested.copy(), folds_of(known.groups)
    for engine in {engine for engine in known.engines if engine}:
        rows = np.flatnonzero(known.is_train & known.has_original & np.array([one == engine for one in known.engines]))
        calibrated[rows], _ = calibration.cross_fitted(
            known.raw[rows], known.original[rows], fold_of[rows], calibration.fit_jointly
        )
    return calibrated


def _write(store: Store, known: RankingData) -> None:
    """Write the rank inputs of every tweet to the queue."""
    with_originals, without = known.where(known.has_original), known.where(~known.has_original)
    if len(with_originals.ids):
        _write_doubts(store, with_originals)
    if len(without.ids):
        _write_priorities(store, without)


def _write_priorities(store: Store, known: RankingData) -> None:
    """Write how soon each tweet without original labels should be labelled; it has no doubt."""
    with store.reading() as session:
        may_rank = known.is_train & ~known.is_decided
        found = labelling.priorities(session, known.ids, [known.suggested, known.predicted], may_rank)
    rows = zip(known.ids.tolist(), found.tolist(), known.labels, strict=True)
    _write_rank_inputs(store, (RankInputs(i, 0.0, None, 0.0, *labels, priority) for i, priority, labels in rows))


def _write_rank_inputs(store: Store, rank_inputs: Iterable[RankInputs]) -> None:
    for chunk in chunks(rank_inputs):
        with store.writing() as session:
            set_rank_inputs(session, chunk)


def _write_doubts(store: Store, known: RankingData) -> None:
    """Write each tweet's doubt, most doubtful emotion and other rank inputs; all have original labels."""
    may_learn = known.is_train & known.is_unseen  # a model agrees with its training labels
    doubts = doubt(known.original, [cross_fitted(known), known.predicted], known.groups, may_learn)
    is_probability = doubts.is_probability & (known.is_unseen | ~known.is_train)
    rows = zip(
        known.ids.tolist(),
        doubts.tweets.tolist(),
        doubts.labels.argmax(axis=1).tolist(),
        expected_gain(doubts.labels, known.original, known.characters).tolist(),
        known.labels,
        strict=True,
    )
    rank_inputs = (
        RankInputs(i, p, EMOTIONS.names[j] if p > 0 else None, gain, *labels) for i, p, j, gain, labels in rows
    )
    _write_rank_inputs(store, rank_inputs)
    splits = np.array(known.splits)
    shares = {split: float(is_probability[splits == split].mean()) for split in set(known.splits)}
    with store.writing() as session:
        doubting.write(session, shares, doubts.shifts)


def fit_calibrations(store: Store) -> None:
    """Fit each engine's calibration on the original labels of the train tweets that it answered."""
    with store.reading() as session:
        answered = {key: suggested_originals(session, *key) for key in suggestion_engines(session)}
    for (engine, version), rows in answered.items():
        raw = np.array([probabilities for probabilities, _ in rows]).reshape(-1, len(EMOTIONS))
        originals = EMOTIONS.encode([original for _, original in rows])
        fitted = calibration.fit_jointly(raw, originals).to_json()
        with store.writing() as session:
            add_calibration(session, engine, version, len(rows), fitted)
