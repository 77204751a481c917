"""
Doubts: fits calibrations and writes each tweet's doubt into the review queue, from all that the sources say by now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from db import commands, queries, records
from db.store import Store
from db.values import Predicted, QueueItem, Standing, Suggested
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
    read = []
    with store.reading() as session:
        for items in queries.all_items(session):
            read.append(_known(items, calibrations))  # of a large store only this is kept
    if read:
        _write(store, Known.joined(read))


@dataclass(frozen=True)
class Known:
    """What is known of tweets, a row or an entry for each."""

    ids: np.ndarray
    original: np.ndarray  # labels, shape (n, 11)
    suggested: np.ndarray  # an LLM's calibrated probabilities, shape (n, 11); NaN where none has spoken
    predicted: np.ndarray  # BERT's, likewise
    is_train: np.ndarray  # whether its labels may be learnt from
    characters: np.ndarray
    groups: list[str]  # of twins
    said: list[tuple[frozenset[str] | None, frozenset[str] | None]]  # the labels of both, None where it has not spoken

    @classmethod
    def joined(cls, parts: Sequence["Known"]) -> "Known":
        """Those of several parts, one behind the other."""
        arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS}
        groups = [group for part in parts for group in part.groups]
        return cls(**arrays, groups=groups, said=[said for part in parts for said in part.said])


ARRAYS = ("ids", "original", "suggested", "predicted", "is_train", "characters")


def _known(items: Sequence[QueueItem], calibrations: Calibrations) -> Known:
    suggestions = [calibrations.of(item.suggestion) if item.suggestion else (UNKNOWN, None) for item in items]
    predicted = [calibrations.of_prediction(item.prediction) if item.prediction else UNKNOWN for item in items]
    labels = [item.prediction.labels if item.prediction else None for item in items]
    return Known(
        np.array([item.tweet_id for item in items]),
        EMOTIONS.encode([item.original for item in items]),
        np.array([probabilities for probabilities, _ in suggestions], dtype=np.float32),
        np.array(predicted, dtype=np.float32),
        np.array([item.split == "train" and item.origin == "imported" for item in items]),
        np.array([len(item.text) for item in items]),
        [item.twin_group for item in items],
        list(zip((said for _, said in suggestions), labels, strict=True)),
    )


def _write(store: Store, known: Known) -> None:
    """Each tweet's doubt goes into the queue, with the emotion of its most doubtful label, and all that follows."""
    cells = doubt(known.original, [known.suggested, known.predicted], known.groups, known.is_train)
    rows = zip(
        known.ids.tolist(),
        of_tweets(cells).tolist(),
        cells.argmax(axis=1).tolist(),
        expected_gain(cells, known.original, known.characters).tolist(),
        known.said,
        strict=True,
    )
    standings = (Standing(i, p, EMOTIONS.names[j] if p > 0 else None, gain, *said) for i, p, j, gain, said in rows)
    for chunk in commands.chunks(standings):
        with store.writing() as session:
            commands.set_standings(session, chunk)


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
