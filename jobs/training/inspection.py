"""
Inspecting: what a run said of tweets it never trained on, beside their labels, and what moved between two runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from db import inspections
from db.store import Store
from db.tweets import labelled_tweets
from emoclf.labels import EMOTIONS
from emoclf.metrics.calibration import Calibration
from emoclf.metrics.reliability import brier_score, calibration_floor, expected_calibration_error


@dataclass(frozen=True)
class UnseenPredictions:
    """What a run said of tweets it never trained on; row i of every array is tweet i."""

    ids: list[int]
    keys: list[str]
    texts: list[str]
    targets: np.ndarray  # shape (n, 11), 0 or 1
    probabilities: np.ndarray  # shape (n, 11)
    predicted: np.ndarray  # shape (n, 11): at or over the run's thresholds

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Moved:
    """A tweet that two runs see differently, with the emotion whose probability moved most."""

    key: str
    text: str
    split: str
    emotion: str
    before: float
    after: float
    is_labelled: bool  # whether the labels say the emotion


def unseen_predictions(store: Store, run_id: int, split: str, target: str = "original") -> UnseenPredictions:
    """What a run said of the dev tweets, or, out of fold, of the train tweets.

    Parameters
    ----------
    target : "original" or "approved" labels of dev; train tweets have the labels that the run learnt
    """
    with store.reading() as session:
        said = inspections.spoken(session, run_id, split)
        if split == "train":
            labels = inspections.learnt(session, run_id)
        else:
            labels = {tweet.tweet_id: tweet.labels for tweet in labelled_tweets(session, [split], target)}
    n = len(EMOTIONS)
    return UnseenPredictions(
        ids=[one.tweet_id for one in said],
        keys=[one.key for one in said],
        texts=[one.text for one in said],
        targets=EMOTIONS.encode([labels.get(one.tweet_id, one.original) for one in said]),
        probabilities=np.array([one.probabilities for one in said], dtype=np.float32).reshape(-1, n),
        predicted=EMOTIONS.encode([one.labels for one in said]),
    )


def moved(before: UnseenPredictions, after: UnseenPredictions, split: str, limit: int = 50) -> list[Moved]:
    """The tweets that both runs spoke on, the one whose prediction changed most first."""
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
    """How far probabilities can be taken at their word; shares in [0, 1]."""

    error: float  # expected calibration error
    floor: float  # of a perfectly calibrated model with such probabilities, on as many tweets
    brier: float


def calibration_figures(
    fitted: Mapping[str, Any] | None, said: UnseenPredictions, columns: Sequence[int]
) -> tuple[CalibrationFigures, CalibrationFigures | None]:
    """The figures of some emotions as the classifier speaks, and calibrated; None without `fitted`.

    Parameters
    ----------
    fitted : the run's calibration, from its out-of-fold predictions of train tweets
    """
    cells = list(columns)
    before = _figures(said.targets[:, cells], said.probabilities[:, cells])
    if not fitted:
        return before, None
    calibrated = Calibration.from_json(fitted).apply(said.probabilities)
    return before, _figures(said.targets[:, cells], calibrated[:, cells])


def _figures(targets: np.ndarray, probabilities: np.ndarray) -> CalibrationFigures:
    error, floor = expected_calibration_error(targets, probabilities), calibration_floor(probabilities)
    return CalibrationFigures(error, floor, brier_score(targets, probabilities))
