"""
Fine-tunes BERT on the approved labels, scores it on dev, and records the run with its data.

Dev and test tweets and their twins are never trained on. The run, with its predictions for dev and, out of fold, for
train, appears in the store only when it is finished and its files are complete.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from db.jobs import add_job, early_stop_requested
from db.predictions import add_predictions
from db.runs import add_run, get_run
from db.store import Store
from db.values import Job, Labelled
from emoclf.backends.settings import TrainingSettings
from emoclf.hub.uris import short_name
from emoclf.labels import EMOTIONS
from emoclf.metrics.scores import Scores, score
from emoclf.progress import Progress, Work, mapped
from emoclf.synthetic.embeddings import SentenceEncoder
from emoclf.synthetic.realism_test import real_vs_synthetic_auroc
from emoclf.training.classifier import Classifier
from emoclf.training.cross_validation import TrainingResult, check_support, fine_tune
from emoclf.training.fitting import never
from emoclf.training.fold_results import FoldResults
from jobs.doubts import ranking
from jobs.paths import folds_folder, new_run_folder, run_folder
from jobs.settings.conversion import to_json
from jobs.settings.training import ExtraTweets, PredictSettings, TrainSettings
from jobs.training import run_warnings
from jobs.training.calibration import calibrate_run
from jobs.training.data import NO_EXTRA, Data, as_texts, read_data, summary
from jobs.training.first_stage import beginning, first_stage
from jobs.version import code_version


def run(store: Store, job: Job, settings: TrainSettings) -> Work[dict[str, Any]]:
    """The job. What follows the training is a job of its own, so that stopping it does not lose the training."""
    result = yield from train(
        store,
        settings.training,
        settings.labels,
        settings.name,
        settings.wants_first_stage,
        partial(_stops_early, store, job.id),
        settings.extra,
    )
    after: tuple[str, TrainSettings | PredictSettings] | None = None
    if settings.then_train:
        after = "train", settings.then_train
    elif settings.then_predict and not _is_degenerate(store, result["run"]):
        after = "predict", PredictSettings(result["run"])
    if after:
        kind, wanted = after
        with store.writing() as session:
            result["next_job"] = add_job(session, kind, to_json(wanted))
    return result


def train(
    store: Store,
    settings: TrainingSettings,
    labels: str = "approved",
    name: str | None = None,
    has_first_stage: bool = False,
    stops_early: Callable[[], bool] = never,
    extra: ExtraTweets = NO_EXTRA,
) -> Work[dict[str, Any]]:
    """Train a classifier and record the run.

    Parameters
    ----------
    labels : "approved", "original" or "reviewed"; dev is always scored on its original labels
    stops_early : called regularly; True stops the training early and keeps the model so far
    extra : examples in addition to the real train tweets
    has_first_stage : start from an encoder trained on the auxiliary corpora, if there are any, and keep it

    Raises
    ------
    TooLittleDataError : if there are no train tweets, or an emotion has no example
    ModelError : if the base model is missing
    """
    data, folder = read_data(store, labels, extra, settings.seed), new_run_folder(store)
    settings = settings.complete(len(data.train) + len(data.extra))
    if has_first_stage:
        check_support(as_texts(data.train).labels)  # fail before the long first stage
        settings = replace(settings, first_stage=(yield from first_stage(store, settings.base)))
    yield Progress(0, 0, f"reading {len(data.train):,} train tweets")
    texts, beginning_with = as_texts(data.train).with_extra(as_texts(data.extra)), beginning(store, settings)
    fold_results = FoldResults(folds_folder(store), texts, beginning_with)
    trained = yield from fine_tune(texts, beginning_with, stops_early, fold_results)
    settings = replace(settings, learning_rate=trained.classifier.settings["learning_rate"])
    trained.classifier.base, trained.classifier.settings = settings.base, asdict(settings)
    dev = yield from _probabilities(trained.classifier, data.dev)
    scores = _score(trained.classifier, data.dev, dev)
    trained.classifier.save(run_folder(store, folder))
    run_id = _record(store, _Finished(data, extra, labels, name, settings, folder, trained, dev, scores))
    fold_results.delete()
    calibrate_run(store, run_id)
    ranking.refresh(store)
    with store.reading() as session:
        run = get_run(session, run_id)
    stop = run_warnings.stopped(run)
    warnings = {"stopped_early": asdict(stop) if stop else None, "words": run_warnings.in_words(run)}
    return {"run": run_id, "seconds": round(trained.seconds, 1), **summary(scores), **warnings}


def _is_degenerate(store: Store, run_id: int) -> bool:
    with store.reading() as session:
        return bool(run_warnings.warnings(get_run(session, run_id)))


def _stops_early(store: Store, job_id: int) -> bool:
    with store.reading() as session:
        return early_stop_requested(session, job_id)


def _probabilities(classifier: Classifier, tweets: list[Labelled]) -> Work[np.ndarray]:
    if not tweets:
        return np.zeros((0, len(EMOTIONS)), dtype=np.float32)
    scoring = classifier.probabilities([tweet.text for tweet in tweets])
    return (yield from mapped(scoring, lambda step: Progress(1, 1, f"scoring dev, {step.message}")))


def _score(classifier: Classifier, dev: list[Labelled], probabilities: np.ndarray) -> Scores | None:
    if not dev:
        return None
    texts = as_texts(dev)
    return score(texts.labels, classifier.labels(probabilities), groups=texts.groups)


@dataclass(frozen=True)
class _Finished:
    """A finished training with what the store records about it."""

    data: Data
    extra: ExtraTweets
    labels: str  # as chosen for the train tweets
    name: str | None  # None: made from the base model, the labels and the extra examples
    settings: TrainingSettings  # with the learning rate that was used
    folder: str
    result: TrainingResult
    dev: np.ndarray  # probabilities for the dev tweets, shape (n, 11)
    scores: Scores | None  # on dev; None without dev tweets


def _record(store: Store, finished: _Finished) -> int:
    settings, trained = finished.settings, finished.result
    extra_record = record_of_extra(finished.data, finished.extra)
    in_words = f"{short_name(settings.base)}, {finished.labels} labels{_extra_in_words(extra_record)}"
    roles, predictions = _roles(finished.data), _predictions(finished)
    with store.writing() as session:
        run_id = add_run(
            session,
            roles,
            name=finished.name or in_words,
            base=settings.base,
            labels=finished.labels,
            settings=asdict(settings) | extra_record,
            seed=settings.seed,
            code_version=code_version(),
            data_hash=finished.data.hash,
            folder=finished.folder,
            thresholds=trained.classifier.thresholds.tolist(),
            history=trained.history,
            metrics=summary(finished.scores),
            seconds=trained.seconds,
        )
        add_predictions(session, run_id, predictions, out_of_fold=True)
    return run_id


def _roles(data: Data) -> list[tuple[int, str, frozenset[str]]]:
    """The tweets of a run, each with its role and the labels it had."""
    by_role = {"train": data.train, "dev": data.dev, "synthetic": data.synthetic}
    return [(t.tweet_id, role, t.labels) for role, tweets in by_role.items() for t in tweets]


def _predictions(finished: _Finished) -> list[tuple[int, list[float], frozenset[str]]]:
    """The (tweet id, probabilities, labels) of the dev tweets and, out of fold, of the train tweets."""
    data, out_of_fold = finished.data, finished.result.out_of_fold
    known = np.flatnonzero(~np.isnan(out_of_fold).any(axis=1))
    tweets = [*(data.train[i] for i in known), *data.dev]
    probabilities = np.concatenate([out_of_fold[known], finished.dev])
    chosen = EMOTIONS.decode(finished.result.classifier.labels(probabilities))
    return [(t.tweet_id, p.tolist(), on) for t, p, on in zip(tweets, probabilities, chosen, strict=True)]


def record_of_extra(data: Data, extra: ExtraTweets) -> dict[str, Any]:
    """The entry on extra examples in a run's record; empty if there were none.

    `told_apart` is the AUROC of real versus synthetic tweets, see `emoclf.synthetic.realism_test`.
    """
    if extra == NO_EXTRA:
        return {}
    written = data.synthetic
    found: dict[str, Any] = {"synthetic": {"use": extra.synthetic, "tweets": len(written), "repeated": extra.repeated}}
    if written:
        encoder, shown = SentenceEncoder.open(), {label for tweet in written for label in tweet.labels}
        real = [tweet.text for tweet in data.train if tweet.labels & shown][: len(written) * 5]
        embeddings = encoder.encode(real), encoder.encode([tweet.text for tweet in written])
        found["synthetic"]["told_apart"] = real_vs_synthetic_auroc(*embeddings)
    return found


def _extra_in_words(record: dict[str, Any]) -> str:
    if not record:
        return ""
    found = record["synthetic"]
    repeated = f", {found['repeated']:,} tweets repeated" if found["repeated"] else ""
    return (f", {found['tweets']:,} synthetic tweets" if found["use"] != "none" else "") + repeated
