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
from emoclf.training.fold_results import FoldMemory
from emoclf.tweets import LabelledTexts

NOBODY = LabelledTexts([], np.zeros((0, len(EMOTIONS)), dtype=np.int8), [])

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
    earlier: float  # seconds of finished folds and epochs before the training was interrupted and resumed
    ended_with: Classifier | None  # the model of the current fold if an early stop was requested


def fine_tune(
    data: LabelledTexts,
    settings: TrainingSettings,
    wrap_up: Callable[[], bool] = never,
    memory: FoldMemory | None = None,
) -> Work[TrainingResult]:
    """Train a classifier on `data`, which must contain train tweets only; to stop training, stop iterating.

    Parameters
    ----------
    wrap_up : called after every epoch; True stops early with the best model so far: the classifier itself if its
        training has begun, or else the model of the current fold
    memory : stores finished folds and epochs, so that the same training can resume after an interruption

    Raises
    ------
    TooLittleDataError : before any training, naming what is missing
    ModelError : if the encoder cannot be loaded
    EmoclfError : if the loss is not finite
    """
    started, settings = time.monotonic(), settings.complete(len(data))
    folds = yield from predict_out_of_fold(data, settings, wrap_up, memory)
    classifier, history, earlier = folds.ended_with, folds.history, folds.earlier
    if classifier is None:
        step = partial(_as_part, settings=settings, fold=0, before=history, n=len(data), resumed=earlier > 0)
        checkpoint = memory.checkpoint(None) if memory else None
        fitted = yield from mapped(fit(data, NOBODY, settings, wrap_up, checkpoint), step)
        classifier, history = fitted.classifier, history + _of_fold(0, fitted.history)
        earlier += fitted.earlier
    seen = ~np.isnan(folds.probabilities).any(axis=1)
    classifier.thresholds = thresholds.fit(data.labels[seen], folds.probabilities[seen])
    return TrainingResult(classifier, history, earlier + time.monotonic() - started, folds.probabilities)


def predict_out_of_fold(
    data: LabelledTexts,
    settings: TrainingSettings,
    wrap_up: Callable[[], bool] = never,
    memory: FoldMemory | None = None,
) -> Work[OutOfFold]:
    """Train `settings.folds` models, each on all tweets except its fold, and predict that fold with it.

    Parameters and errors as in `fine_tune`.
    """
    check_enough(data.labels)
    settings = settings.complete(len(data))
    fold_of = splits.folds(data.labels, data.groups, settings.folds, settings.seed)
    found, history, earlier = np.full(data.labels.shape, np.nan, dtype=np.float32), History(), 0.0
    for fold in range(settings.folds):
        rows = np.flatnonzero((fold_of == fold) & ~data.is_extra)
        if memory and (known := memory.recall(fold)):
            found[rows], history = known[0], history + known[1]
            earlier += sum(entry["seconds"] for entry in known[1])
            continue
        train, own = data.take(np.flatnonzero(fold_of != fold)), replace(settings, seed=settings.seed + fold + 1)
        step = partial(_as_part, settings=settings, fold=fold + 1, before=history, n=len(data), resumed=earlier > 0)
        checkpoint = memory.checkpoint(fold) if memory else None
        fitted = yield from mapped(fit(train, data.take(rows), own, wrap_up, checkpoint), step)
        of_fold = _of_fold(fold + 1, fitted.history)
        found[rows], history, earlier = fitted.held_out, history + of_fold, earlier + fitted.earlier
        if wrap_up():
            return OutOfFold(found, history, earlier, fitted.classifier)
        if memory:
            memory.keep(fold, fitted.held_out, of_fold)
    return OutOfFold(found, history, earlier, None)


def check_enough(labels: np.ndarray, label_set: LabelSet = EMOTIONS) -> None:
    """Raise TooLittleDataError if there are too few tweets, or an emotion has no positive example."""
    counts = dict(zip(label_set.names, labels.sum(axis=0, dtype=int).tolist(), strict=True))
    if missing := label_support.problem(len(labels), counts):
        raise TooLittleDataError(missing)


def _of_fold(fold: int, history: History) -> History:
    return [{"fold": fold, **entry} for entry in history]


def _as_part(step: Progress, settings: TrainingSettings, fold: int, before: History, n: int, resumed: bool) -> Progress:
    """Convert a step of one model to a step of the whole training; its detail is the history of all models so far.

    A resumed training reports its earlier history as soon as it begins.
    """
    of_folds, total = settings.fold_steps(n), settings.steps(n)
    earlier = of_folds * ((fold or settings.folds + 1) - 1)
    part = of_folds if fold else total - of_folds * settings.folds
    name = f"fold {fold} of {settings.folds}" if fold else "on all tweets"
    own = step.detail["history"] if step.detail else []
    detail = {"history": before + _of_fold(fold, own)} if step.detail or (resumed and not step.done) else None
    return Progress(earlier + round(part * step.fraction), total, f"{name}, {step.message}", detail)
