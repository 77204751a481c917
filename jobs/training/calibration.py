"""
Fits the calibration of a run, and measures its calibration error before and after.

Stored predictions stay uncalibrated; the calibration is stored with the run. It is fitted on train tweets that the
predicting model never saw.
"""

from typing import Any

import numpy as np

from db.predictions import unseen_probabilities
from db.runs import get_run, run_data, set_calibration
from db.store import Store
from emoclf.labels import EMOTIONS
from emoclf.metrics import calibration
from emoclf.metrics.reliability import brier_score, calibration_floor, expected_calibration_error
from emoclf.training.splits import folds
from jobs.training.data import TRAINING_ROLES, as_texts

FOLDS = 5  # for cross-fitting the figures
MIN_TWEETS = 50  # with fewer, the fit is mostly noise


def calibrate_run(store: Store, run_id: int) -> dict[str, Any]:
    """Fit and store the calibration of a run on its out-of-fold predictions for its training tweets.

    Returns
    -------
    dict : `ece_before` and `ece_after`, the mean expected calibration error over emotions, and `calibration`, the same
        for each emotion; None and {} with fewer than `MIN_TWEETS` such predictions. "After" is cross-fitted: each
        tweet's probability is calibrated by a fit on other tweets.
    """
    with store.reading() as session:
        record = get_run(session, run_id)
        predicted = unseen_probabilities(session, run_id)
        tweets = [t for t in run_data(session, run_id, TRAINING_ROLES) if t.tweet_id in predicted]
    if len(tweets) < MIN_TWEETS:
        return {"ece_before": None, "ece_after": None, "calibration": {}}
    data, raw = as_texts(tweets), np.array([predicted[tweet.tweet_id] for tweet in tweets])
    calibrated, _ = calibration.cross_fitted(raw, data.labels, folds(data.labels, data.groups, FOLDS, record.seed))
    errors = calibration_errors(data.labels, raw, calibrated)
    with store.writing() as session:
        fitted = calibration.fit(raw, data.labels).to_json()
        set_calibration(session, run_id, {**fitted, "n": len(tweets), **errors})
    return errors


def calibration_errors(targets: np.ndarray, before: np.ndarray, after: np.ndarray) -> dict[str, Any]:
    """The expected calibration error before and after, overall and per emotion; arrays of shape (n, 11).

    Overall also the Brier score, and the error that a perfectly calibrated model would show (the floor).
    """
    per_emotion = {
        name: {
            "ece_before": round(expected_calibration_error(targets[:, j], before[:, j]), 4),
            "ece_after": round(expected_calibration_error(targets[:, j], after[:, j]), 4),
        }
        for j, name in enumerate(EMOTIONS.names)
    }
    return {
        "ece_before": round(expected_calibration_error(targets, before), 4),
        "ece_after": round(expected_calibration_error(targets, after), 4),
        "ece_floor": round(calibration_floor(after), 4),
        "brier_before": round(brier_score(targets, before), 4),
        "brier_after": round(brier_score(targets, after), 4),
        "calibration": per_emotion,
    }
