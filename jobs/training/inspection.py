"""
Reads a run's predictions on tweets it never trained on, with calibration figures and the largest changes between runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from db import inspections
from db.store import Store
from db.tweets import scored_tweets
from emoclf.labels import EMOTIONS
from emoclf.metrics.calibration import Calibration
from emoclf.metrics.reliability import brier_score, calibration_floor, expected_calibration_error


@dataclass(frozen=True)
class UnseenPredictions:
    """A run's predictions for tweets it never trained on; row i of every array is tweet i."""

    ids: list[int]
    keys: list[str]
    texts: list[str]
    targets: np.ndarray  # shape (n, 11), 0 or 1
    probabilities: np.ndarray  # shape (n, 11)
    predicted: np.ndarray  # shape (n, 11): at or above the run's thresholds

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Moved:
    """A tweet that two runs predict differently, with the emotion whose probability changed most."""

    key: str
    text: str
    split: str
    emotion: str
    before: float
    after: float
    is_labelled: bool  # whether the tweet has the emotion


def unseen_predictions(store: Store, run_id: int, split: str, target: str = "original") -> UnseenPredictions:
    """A run's predictions for the dev tweets, or its out-of-fold predictions for the train tweets.

    Parameters
    ----------
    target : "original" or "approved" labels of dev; train tweets have the labels that the run learned from. Tweets
        without labels are left out
    """
    with store.reading() as session:
        predictions = inspections.predicted_tweets(session, run_id, split)
        is_train = split == "train"
        labels = {t.tweet_id: t.labels for t in scored_tweets(session, split, "original" if is_train else target)}
        labels |= inspections.training_labels(session, run_id) if is_train else {}
    predictions = [one for one in predictions if one.tweet_id in labels]
    n = len(EMOTIONS)
    return UnseenPredictions(
        ids=[one.tweet_id for one in predictions],
        keys=[one.key for one in predictions],
        texts=[one.text for one in predictions],
        targets=EMOTIONS.encode([labels[one.tweet_id] for one in predictions]),
        probabilities=np.array([one.probabilities for one in predictions], dtype=np.float32).reshape(-1, n),
        predicted=EMOTIONS.encode([one.labels for one in predictions]),
    )


def moved(before: UnseenPredictions, after: UnseenPredictions, split: str, limit: int = 50) -> list[Moved]:
    """The tweets predicted by both runs, largest change first."""
    position = {tweet_id: i for i, tweet_id in enumerate(before.ids)}
    rows = [i for i, tweet_id in enumerate(after.ids) if tweet_id in position]
    if not rows:
        return []
    old = before.probabilities[[position[after.ids[i]] for i in rows]]
    new = after.probabilities[rows]
    distance = np.abs(new - old)
    order = np.argsort(-distance.max(axis=1), kind="stable")[:limit]
    return [_moved(after, split, rows[k], int(distance[k].argmax()), old[k], new[k]) for k in order]


def _moved(after: UnseenPredictions, split: str, row: int, j: int, old: np.ndarray, new: np.ndarray) -> Moved:
    labelled = bool(after.targets[row, j])
    name = EMOTIONS.names[j]
    return Moved(after.keys[row], after.texts[row], split, name, float(old[j]), float(new[j]), labelled)


@dataclass(frozen=True)
class CalibrationFigures:
    """The calibration quality of probabilities; values in [0, 1]."""

    error: float  # expected calibration error
    floor: float  # expected error of a perfectly calibrated model with these probabilities and sample size
    brier: float


def calibration_figures(
    fitted: Mapping[str, Any] | None, predictions: UnseenPredictions, columns: Sequence[int]
) -> tuple[CalibrationFigures, CalibrationFigures | None]:
    """The figures of some emotions, uncalibrated and calibrated; the latter is None without `fitted`.

    Parameters
    ----------
    fitted : the run's calibration, fitted on its out-of-fold predictions of train tweets
    """
    cells = list(columns)
    before = _figures(predictions.targets[:, cells], predictions.probabilities[:, cells])
    if not fitted:
        return before, None
    calibrated = Calibration.from_json(fitted).apply(predictions.probabilities)
    return before, _figures(predictions.targets[:, cells], calibrated[:, cells])


def _figures(targets: np.ndarray, probabilities: np.ndarray) -> CalibrationFigures:
    error, floor = expected_calibration_error(targets, probabilities), calibration_floor(probabilities)
    return CalibrationFigures(error, floor, brier_score(targets, probabilities))
