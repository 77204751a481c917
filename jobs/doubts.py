"""
Doubts: fits calibrations and writes each tweet's doubt into the review queue, from all that the sources say by now.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db import commands, queries, records
from db.store import Store
from db.values import Predicted, QueueItem, Suggested
from emoclf import calibration
from emoclf.calibration import Calibration
from emoclf.doubt import doubt, of_tweets
from emoclf.gain import expected_gain
from emoclf.labels import EMOTIONS
from emoclf.prompts import is_yes_no

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
        engines = {key: Calibration.from_json(data) for key, data in queries.calibrations(session).items()}
        runs = {run.id: Calibration.from_json(run.calibration) for run in records.runs(session) if run.calibration}
    return Calibrations(engines, runs)


def refresh(store: Store) -> None:
    """Fit the calibrations again and bring every tweet's doubt up to date, in small transactions."""
    fit_calibrations(store)
    calibrations = load_calibrations(store)
    parts, groups = [], list[str]()
    with store.reading() as session:
        for items in queries.all_items(session):
            parts.append(_numbers(items, calibrations))  # of a large store only numbers are kept
            groups += [item.twin_group for item in items]
            _write_said(store, items, calibrations)
    if parts:
        ids, original, suggested, predicted, is_train, characters = map(np.concatenate, zip(*parts, strict=True))
        cells = doubt(original, [suggested, predicted], groups, is_train)
        _write(store, ids, cells, expected_gain(cells, original, characters))


def _write(store: Store, ids: np.ndarray, cells: np.ndarray, gains: np.ndarray) -> None:
    """Each tweet's doubt goes into the queue, with the emotion of its most doubtful label, and what it may gain."""
    rows = (
        (int(tweet_id), float(doubt), EMOTIONS.names[j] if doubt > 0 else None)
        for tweet_id, doubt, j in zip(ids, of_tweets(cells), cells.argmax(axis=1), strict=True)
    )
    for chunk in commands.chunks(rows):
        with store.writing() as session:
            commands.set_doubts(session, chunk)
    for gained in commands.chunks(zip(ids.tolist(), gains.tolist(), strict=True)):
        with store.writing() as session:
            commands.set_gains(session, gained)


def _write_said(store: Store, items: Sequence[QueueItem], calibrations: Calibrations) -> None:
    """What each source says of the tweets goes into the queue, where filters look for it."""
    said = [
        (
            item.tweet_id,
            calibrations.of(item.suggestion)[1] if item.suggestion else None,
            item.prediction.labels if item.prediction else None,
        )
        for item in items
    ]
    with store.writing() as session:
        commands.set_said(session, said)


def _numbers(items: Sequence[QueueItem], calibrations: Calibrations) -> tuple[np.ndarray, ...]:
    """Ids, original labels, what an LLM and BERT say, whether labels may be learnt from, lengths; a row per tweet."""
    return (
        np.array([item.tweet_id for item in items]),
        EMOTIONS.encode([item.original for item in items]),
        np.array([calibrations.of(i.suggestion)[0] if i.suggestion else UNKNOWN for i in items], dtype=np.float32),
        np.array(
            [calibrations.of_prediction(i.prediction) if i.prediction else UNKNOWN for i in items], dtype=np.float32
        ),
        np.array([item.split == "train" and item.origin == "imported" for item in items]),
        np.array([len(item.text) for item in items]),
    )


def fit_calibrations(store: Store) -> None:
    """Fit each engine's calibration on the original labels of the train tweets it answered."""
    with store.reading() as session:
        answered = {key: queries.suggested_originals(session, *key) for key in queries.engines(session)}
    for (engine, version), rows in answered.items():
        raw = np.array([probabilities for probabilities, _ in rows]).reshape(-1, len(EMOTIONS))
        originals = EMOTIONS.encode([original for _, original in rows])
        fitted = calibration.fit_together(raw, originals).to_json()
        with store.writing() as session:
            commands.add_calibration(session, engine, version, len(rows), fitted)
