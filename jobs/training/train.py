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
from emoclf.training.cross_validation import TrainingResult, check_enough, fine_tune
from emoclf.training.fitting import never
from emoclf.training.fold_results import FoldMemory
from jobs.doubts import ranking
from jobs.paths import folds_folder, new_run_folder, run_folder
from jobs.training import run_warnings
from jobs.training.calibration import calibrate_run
from jobs.training.data import NOTHING_MORE, Data, More, as_texts, read_data, summary
from jobs.training.first_stage import beginning, first_stage
from jobs.version import code_version


def run(store: Store, job: Job) -> Work[dict[str, Any]]:
    """The job: the fields of TrainingSettings, `labels`, `name`, `auxiliary` and `then_predict`.

    `auxiliary` is "auto" for a first stage on the auxiliary corpora, if there are any, or "none"; the default is "auto"
    for the default base model. With `then_predict` all tweets are predicted afterwards, except by a degenerate run.
    This is a job of its own, so that stopping it does not lose the training. `synthetic` and `repeated` are the fields
    of `More`; `then_train` has the settings of a training to start after this one.
    """
    settings = dict(job.settings)
    labels, name = settings.pop("labels", "approved"), settings.pop("name", None)
    then_predict, auxiliary = settings.pop("then_predict", False), settings.pop("auxiliary", None)
    more = More(settings.pop("synthetic", "none"), settings.pop("repeated", 0))
    then_train = settings.pop("then_train", None)
    chosen = TrainingSettings(**settings)
    has_first_stage = auxiliary == "auto" or (auxiliary is None and chosen.has_first_stage)
    result = yield from train(store, chosen, labels, name, has_first_stage, partial(_wrap_up, store, job.id), more)
    after = ("train", then_train) if then_train else ("predict", {"run": result["run"], "out_of_fold": None})
    if then_train or (then_predict and not _is_degenerate(store, result["run"])):
        with store.writing() as session:
            result["next_job"] = add_job(session, *after)
    return result


def train(
    store: Store,
    settings: TrainingSettings,
    labels: str = "approved",
    name: str | None = None,
    has_first_stage: bool = False,
    wrap_up: Callable[[], bool] = never,
    more: More = NOTHING_MORE,
) -> Work[dict[str, Any]]:
    """Train a classifier and record the run.

    Parameters
    ----------
    labels : "approved", "original" or "reviewed"; dev is always scored on its original labels
    wrap_up : called regularly; True stops the training early and keeps the model so far
    more : extra examples besides the real train tweets
    has_first_stage : start from an encoder trained on the auxiliary corpora, if there are any, and keep it

    Raises
    ------
    TooLittleDataError : if there are no train tweets, or an emotion has no example
    ModelError : if the base model is missing
    """
    data, folder = read_data(store, labels, more, settings.seed), new_run_folder(store)
    settings = settings.complete(len(data.train) + len(data.extra))
    if has_first_stage:
        check_enough(as_texts(data.train).labels)  # fail before the long first stage
        settings = replace(settings, first_stage=(yield from first_stage(store, settings.base)))
    yield Progress(0, 0, f"reading {len(data.train):,} train tweets")
    texts, beginning_with = as_texts(data.train).with_extra(as_texts(data.extra)), beginning(store, settings)
    memory = FoldMemory(folds_folder(store), texts, beginning_with)
    trained = yield from fine_tune(texts, beginning_with, wrap_up, memory)
    settings = replace(settings, learning_rate=trained.classifier.settings["learning_rate"])
    trained.classifier.base, trained.classifier.settings = settings.base, asdict(settings)
    dev = yield from _probabilities(trained.classifier, data.dev)
    scores = _score(trained.classifier, data.dev, dev)
    trained.classifier.save(run_folder(store, folder))
    run_id = _record(store, _Finished(data, more, labels, name, settings, folder, trained, dev, scores))
    memory.forget()
    calibrate_run(store, run_id)
    ranking.refresh(store)
    with store.reading() as session:
        run = get_run(session, run_id)
    stop = run_warnings.stopped(run)
    told = {"stopped_early": asdict(stop) if stop else None, "words": run_warnings.in_words(run)}
    return {"run": run_id, "seconds": round(trained.seconds, 1), **summary(scores), **told}


def _is_degenerate(store: Store, run_id: int) -> bool:
    with store.reading() as session:
        return bool(run_warnings.warnings(get_run(session, run_id)))


def _wrap_up(store: Store, job_id: int) -> bool:
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
    more: More
    labels: str  # as chosen for the train tweets
    name: str | None  # None: named after the base model and the labels
    settings: TrainingSettings  # with the learning rate that was used
    folder: str
    result: TrainingResult
    dev: np.ndarray  # probabilities for the dev tweets, shape (n, 11)
    scores: Scores | None  # on dev; None without dev tweets


def _record(store: Store, finished: _Finished) -> int:
    settings, trained = finished.settings, finished.result
    beside = besides(finished.data, finished.more)
    in_words = f"{short_name(settings.base)}, {finished.labels} labels{_beside_in_words(beside)}"
    roles, predictions = _roles(finished.data), _predictions(finished)
    with store.writing() as session:
        run_id = add_run(
            session,
            roles,
            name=finished.name or in_words,
            base=settings.base,
            labels=finished.labels,
            settings=asdict(settings) | beside,
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


def besides(data: Data, more: More) -> dict[str, Any]:
    """The entry on extra examples in a run's record; empty if there were none.

    `told_apart` is the AUROC of real versus synthetic tweets, see `emoclf.synthetic.realism_test`.
    """
    if more == NOTHING_MORE:
        return {}
    written = data.synthetic
    found: dict[str, Any] = {"synthetic": {"use": more.synthetic, "tweets": len(written), "repeated": more.repeated}}
    if written:
        encoder, shown = SentenceEncoder.open(), {label for tweet in written for label in tweet.labels}
        real = [tweet.text for tweet in data.train if tweet.labels & shown][: len(written) * 5]
        vectors = encoder.encode(real), encoder.encode([tweet.text for tweet in written])
        found["synthetic"]["told_apart"] = real_vs_synthetic_auroc(*vectors)
    return found


def _beside_in_words(beside: dict[str, Any]) -> str:
    if not beside:
        return ""
    found = beside["synthetic"]
    repeated = f", {found['repeated']:,} tweets repeated" if found["repeated"] else ""
    return (f", {found['tweets']:,} synthetic tweets" if found["use"] != "none" else "") + repeated
