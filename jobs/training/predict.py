"""
Predicts every tweet with a run's classifier, or out of fold with models that saw neither the tweet nor its twins.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from db import summaries
from db.chunking import chunks
from db.predictions import add_predictions, unpredicted, unseen_labels
from db.runs import get_run, run_data
from db.store import Store
from db.values import Job, Run
from emoclf.backends.settings import RECIPE, TrainingSettings
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, Work, mapped
from emoclf.training.cross_validation import predict_out_of_fold as out_of_fold
from emoclf.training.fold_results import FoldResults
from jobs.doubts import ranking
from jobs.paths import folds_folder
from jobs.settings.training import PredictSettings
from jobs.training import run_management
from jobs.training.calibration import calibrate_run
from jobs.training.data import TRAINING_ROLES, as_texts
from jobs.training.first_stage import beginning

BATCH = 512  # tweets per transaction


def run(store: Store, job: Job, settings: PredictSettings) -> Work[dict[str, Any]]:
    """The job; it resumes where it stopped."""
    run_id, k = settings.run, settings.out_of_fold
    return (yield from (predict(store, run_id) if k is None else predict_out_of_fold(store, k, run_id)))


def predict(store: Store, run_id: int | None = None) -> Work[dict[str, Any]]:
    """Predict every tweet that a run (by default the active model) has not predicted; resumes where it stopped.

    Training already stores predictions for dev and, out of fold, for train, so only other tweets are left.
    """
    with store.reading() as session:
        record = get_run(session, run_id)
        waiting = unpredicted(session, record.id)
        seen = {tweet.twin_group for tweet in run_data(session, record.id, TRAINING_ROLES)}
        already = sum(summaries.sizes(session).values()) - len(waiting)
    classifier = run_management.load(store, record)
    started, done = time.monotonic(), 0
    for chunk in chunks(waiting, BATCH):
        step = partial(_shifted, done=done, total=len(waiting))
        probabilities = yield from mapped(classifier.probabilities([text for _, text, _ in chunk]), step)
        for unseen in (True, False):
            rows = [i for i, (_, _, group) in enumerate(chunk) if (group not in seen) == unseen]
            _store(store, record, [chunk[i][0] for i in rows], probabilities[rows], unseen)
        done += len(chunk)
    return (yield from _finish(store, record, done, already, started))


def predict_out_of_fold(store: Store, k: int, run_id: int | None = None) -> Work[dict[str, Any]]:
    """Train `k` models with a run's settings and data, each to predict its held-out fold; resumes after each epoch.

    Training already stores such predictions; with the same number of folds, nothing is trained again.

    Raises
    ------
    SettingError : if `k` is below 2
    """
    PredictSettings(run_id, k)  # raises if `k` is invalid
    with store.reading() as session:
        record = get_run(session, run_id)
        tweets = run_data(session, record.id, TRAINING_ROLES)
        known = set(unseen_labels(session, record.id))
    started, done, settings = time.monotonic(), 0, TrainingSettings.from_record(record.settings)
    if record.settings.get("folds") != k or not known.issuperset(tweet.tweet_id for tweet in tweets):
        data, settings = as_texts(tweets), beginning(store, replace(settings, folds=k, recipe=RECIPE))
        fold_results = FoldResults(folds_folder(store), data, settings)
        predicted = yield from out_of_fold(data, settings, fold_results=fold_results)
        _store(store, record, [tweet.tweet_id for tweet in tweets], predicted.probabilities, True)
        fold_results.delete()
        done = len(tweets)
    calibrated = calibrate_run(store, record.id)
    return {**(yield from _finish(store, record, done, len(tweets) - done, started)), **calibrated}


def _shifted(step: Progress, done: int, total: int) -> Progress:
    return Progress(done + step.done, total, "predicting")


def _store(store: Store, record: Run, ids: Sequence[int], probabilities: np.ndarray, out_of_fold: bool) -> None:
    chosen = EMOTIONS.decode((probabilities >= np.array(record.thresholds)).astype(np.int8))
    with store.writing(durable=False) as session:
        rows = zip(ids, probabilities.tolist(), chosen, strict=True)
        add_predictions(session, record.id, rows, out_of_fold)


def _finish(store: Store, record: Run, done: int, already: int, started: float) -> Work[dict[str, Any]]:
    """Update the queue and summarize: `predicted` tweets in this job, `already` predicted before."""
    seconds = time.monotonic() - started
    yield Progress(1, 1, "ordering the queue")
    ranking.refresh(store)
    return {
        "run": record.id,
        "predicted": done,
        "already": already,
        "tweets_per_second": round(done / seconds, 1) if done else 0.0,
    }
