"""
Trains a classifier: one model per fold for out-of-fold predictions, then one model on all tweets.

Each fold's model holds out a part of the tweets, with twins together, so every tweet gets a prediction from a model
that has seen neither it nor its twins. These predictions choose the thresholds and are used in the review. The
classifier itself learns from every tweet. The dev and test tweets are not used.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from emoclf.backends.settings import TrainingSettings
from emoclf.errors import TooLittleDataError
from emoclf.labels import EMOTIONS, LabelSet
from emoclf.metrics import label_support, thresholds
from emoclf.progress import Progress, Work, mapped
from emoclf.training import splits
from emoclf.training.classifier import Classifier
from emoclf.training.fitting import fit, never
from emoclf.training.fold_results import FoldResults
from emoclf.tweets import LabelledTexts

NO_TWEETS = LabelledTexts([], np.zeros((0, len(EMOTIONS)), dtype=np.int8), [])

History = list[dict[str, Any]]


@dataclass(frozen=True)
class TrainingResult:
    """A trained classifier, with its history and out-of-fold predictions."""

    classifier: Classifier
    history: History  # per epoch of each model: as `Fitted.history`, and `fold`, from 1; 0 is the classifier itself
    seconds: float  # including those before an interruption
    out_of_fold: np.ndarray  # probabilities, shape (n, n_labels); NaN for folds skipped by an early stop


@dataclass(frozen=True)
class OutOfFold:
    """The out-of-fold predictions of the folds' models."""

    probabilities: np.ndarray  # shape (n, n_labels); NaN for folds skipped by an early stop
    history: History
    earlier_seconds: float  # seconds of finished folds and epochs before the training was interrupted and resumed
    stopped_classifier: Classifier | None  # the model of the current fold if an early stop was requested


def fine_tune(
    data: LabelledTexts,
    settings: TrainingSettings,
    stop_early: Callable[[], bool] = never,
    fold_results: FoldResults | None = None,
) -> Work[TrainingResult]:
    """Train a classifier on `data`, which must contain train tweets only; to stop training, stop iterating.

    Parameters
    ----------
    stop_early : called after every epoch; True stops early with the best model so far: the classifier itself if its
        training has begun, or else the model of the current fold
    fold_results : stores finished folds and epochs, so that the same training can resume after an interruption

    Raises
    ------
    TooLittleDataError : before any training, naming what is missing
    ModelError : if the encoder cannot be loaded
    EmoclfError : if the loss is not finite
    """
    started, settings = time.monotonic(), settings.complete(len(data))
    folds = yield from predict_out_of_fold(data, settings, stop_early, fold_results)
    classifier, history, earlier_seconds = folds.stopped_classifier, folds.history, folds.earlier_seconds
    if classifier is None:
        step = partial(
            _total_progress, settings=settings, fold=0, before=history, n=len(data), resumed=earlier_seconds > 0
        )
        checkpoint = fold_results.checkpoint(None) if fold_results else None
        fitted = yield from mapped(fit(data, NO_TWEETS, settings, stop_early, checkpoint), step)
        classifier, history = fitted.classifier, history + _with_fold(0, fitted.history)
        earlier_seconds += fitted.earlier_seconds
    predicted = ~np.isnan(folds.probabilities).any(axis=1)
    classifier.thresholds = thresholds.fit(data.labels[predicted], folds.probabilities[predicted])
    return TrainingResult(classifier, history, earlier_seconds + time.monotonic() - started, folds.probabilities)


def predict_out_of_fold(
    data: LabelledTexts,
    settings: TrainingSettings,
    stop_early: Callable[[], bool] = never,
    fold_results: FoldResults | None = None,
) -> Work[OutOfFold]:
    """Train `settings.folds` models, each on all tweets except its fold, and predict that fold with it.

    Parameters and errors as in `fine_tune`.
    """
    check_support(data.labels)
    settings = settings.complete(len(data))
    fold_of = splits.folds(data.labels, data.groups, settings.folds, settings.seed)
    found, history, earlier_seconds = np.full(data.labels.shape, np.nan, dtype=np.float32), History(), 0.0
    for fold in range(settings.folds):
        rows = np.flatnonzero((fold_of == fold) & ~data.is_extra)
        if fold_results and (finished := fold_results.load(fold)):
            found[rows], history = finished[0], history + finished[1]
            earlier_seconds += sum(entry["seconds"] for entry in finished[1])
            continue
        train = data.take(np.flatnonzero(fold_of != fold))
        fold_settings = replace(settings, seed=settings.seed + fold + 1)
        step = partial(
            _total_progress, settings=settings, fold=fold + 1, before=history, n=len(data), resumed=earlier_seconds > 0
        )
        checkpoint = fold_results.checkpoint(fold) if fold_results else None
        fitted = yield from mapped(fit(train, data.take(rows), fold_settings, stop_early, checkpoint), step)
        fold_history = _with_fold(fold + 1, fitted.history)
        found[rows], history, earlier_seconds = (
            fitted.held_out,
            history + fold_history,
            earlier_seconds + fitted.earlier_seconds,
        )
        if stop_early():
            return OutOfFold(found, history, earlier_seconds, fitted.classifier)
        if fold_results:
            fold_results.save(fold, fitted.held_out, fold_history)
    return OutOfFold(found, history, earlier_seconds, None)


def check_support(labels: np.ndarray, label_set: LabelSet = EMOTIONS) -> None:
    """Raise TooLittleDataError if there are too few tweets, or an emotion has no positive example."""
    counts = dict(zip(label_set.names, labels.sum(axis=0, dtype=int).tolist(), strict=True))
    if missing := label_support.problem(len(labels), counts):
        raise TooLittleDataError(missing)


def _with_fold(fold: int, history: History) -> History:
    return [{"fold": fold, **entry} for entry in history]


def _total_progress(
    step: Progress, settings: TrainingSettings, fold: int, before: History, n: int, resumed: bool
) -> Progress:
    """Convert the progress of one model to that of the whole training; its detail is the history of all models so far.

    A resumed training reports its earlier history as soon as it begins.

    Parameters
    ----------
    fold : the fold of the model, from 1; 0: the model on all tweets
    before : the history of the earlier models
    n : the number of tweets of the whole training
    """
    fold_steps, total = settings.fold_steps(n), settings.steps(n)
    steps_before = fold_steps * ((fold or settings.folds + 1) - 1)
    steps = fold_steps if fold else total - fold_steps * settings.folds
    name = f"fold {fold} of {settings.folds}" if fold else "on all tweets"
    current = step.detail["history"] if step.detail else []
    detail = {"history": before + _with_fold(fold, current)} if step.detail or (resumed and not step.done) else None
    return Progress(steps_before + round(steps * step.fraction), total, f"{name}, {step.message}", detail)
