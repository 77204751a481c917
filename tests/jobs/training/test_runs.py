"""Tests of training runs: their data, held-out tweets, records, and comparisons on the same tweets."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db import summaries
from db.jobs import request_early_stop
from db.predictions import unpredicted, unseen_labels
from db.runs import get_run, list_runs, run_data
from db.store import Store
from db.tweets import add_tweets, labelled_tweets
from emoclf.backends.settings import TrainingSettings
from emoclf.errors import EmoclfError, ModelError, NotFoundError, TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, drain
from emoclf.tweets import Tweet
from jobs import runner
from jobs.paths import run_folder
from jobs.review import review_card
from jobs.training import predict, run_management, train
from jobs.training.comparison import comparison, comparisons, evaluate
from tests.support.decisions import decide
from tests.support.models import DEV, TRAIN
from tests.support.tweet_files import record, write

TWIN_OF_DEV = "t0"  # this train tweet is made a twin of a dev tweet


@pytest.fixture
def trained(toys: Store, settings: TrainingSettings) -> tuple[Store, int]:
    return toys, drain(train.train(toys, settings))["run"]


def keys_of(store: Store, run_id: int, *roles: str) -> set[str]:
    with store.reading() as session:
        return {tweet.key for tweet in run_data(session, run_id, roles)}


def test_dev_tweets_and_their_twins_are_never_trained_on(trained: tuple[Store, int]) -> None:
    store, run_id = trained
    trained_on = keys_of(store, run_id, "train", "slice")
    assert trained_on == {f"t{n}" for n in range(TRAIN)} - {TWIN_OF_DEV}
    assert keys_of(store, run_id, "dev") == {f"d{n}" for n in range(DEV)}


def test_a_run_records_everything_needed_to_repeat_it(toys: Store, settings: TrainingSettings) -> None:
    first, second = (drain(train.train(toys, settings)) for _ in range(2))
    review_card.save_events(toys, "ana", [decide("e1", 2, "fear")])
    third = drain(train.train(toys, settings))
    with toys.reading() as session:
        runs = {answer["run"]: get_run(session, answer["run"]) for answer in (first, second, third)}
    one, same, other = runs.values()
    assert TrainingSettings(**one.settings) == settings.complete(TRAIN)
    assert (one.seed, one.labels, len(one.thresholds)) == (settings.seed, "approved", 11)
    assert one.data_hash == same.data_hash != other.data_hash
    assert one.metrics == same.metrics
    assert one.metrics["n"] == DEV
    assert run_folder(toys, one.folder).is_dir()


def test_training_on_originals_ignores_decisions_and_on_reviewed_uses_decided_tweets_only(
    toys: Store, settings: TrainingSettings
) -> None:
    review_card.save_events(toys, "ana", [decide("e1", 2, "fear")])
    with toys.reading() as session:
        before = {t.tweet_id: t.labels for t in labelled_tweets(session, ["train"], "original")}
    run_id = drain(train.train(toys, settings, labels="original"))["run"]
    with toys.reading() as session:
        seen = {t.tweet_id: t.labels for t in run_data(session, run_id, ("train", "slice"))}
    assert all(before[tweet_id] == labels for tweet_id, labels in seen.items())
    with pytest.raises(TooLittleDataError, match="1 training tweets"):
        drain(train.train(toys, settings, labels="reviewed"))


def test_a_training_that_is_stopped_leaves_no_run_and_no_folder(toys: Store, settings: TrainingSettings) -> None:
    work = train.train(toys, settings)
    next(work), next(work)
    work.close()
    with toys.reading() as session:
        assert list_runs(session) == []
    assert not any(run_folder(toys, "").iterdir())


def test_a_training_that_is_stopped_early_leaves_a_run_with_the_best_model(
    toys: Store, settings: TrainingSettings
) -> None:
    def ask(progress: Progress) -> None:
        if progress.message.startswith("fold 2"):
            with toys.writing() as session:
                request_early_stop(session, job_id)

    job_id = runner.queue_job(toys, "train", {"base": settings.base, "epochs": 2, "folds": 3})
    run_id = runner.execute(toys, job_id, ask)["run"]
    with toys.reading() as session:
        run, predicted = get_run(session, run_id), set(unseen_labels(session, run_id))
        trained_on = {tweet.tweet_id for tweet in run_data(session, run_id, ("train",))}
    assert [(one["fold"], one["epoch"]) for one in run.history] == [(1, 1), (1, 2), (2, 1)]
    assert len(trained_on) / 2 < len(predicted & trained_on) < len(trained_on)
    assert run_management.load(toys, run).thresholds.tolist() == list(run.thresholds)


def test_a_training_predicts_all_its_tweets_out_of_fold_and_predict_reports_them_as_done(
    trained: tuple[Store, int],
) -> None:
    store, run_id = trained
    with store.reading() as session:
        assert {t.tweet_id for t in _data(store, run_id)} < set(unseen_labels(session, run_id))
    answers = [drain(predict.predict(store, run_id)) for _ in range(2)]
    assert [(one["predicted"], one["already"]) for one in answers] == [(1, TRAIN + DEV - 1), (0, TRAIN + DEV)]
    with store.reading() as session:
        assert unpredicted(session, run_id) == []


def test_folds_of_a_finished_training_are_not_trained_again(trained: tuple[Store, int], settings: Any) -> None:
    store, run_id = trained
    answer = drain(predict.predict_out_of_fold(store, settings.folds, run_id))
    assert (answer["predicted"], answer["already"]) == (0, TRAIN - 1)


def test_out_of_fold_predictions_resume_after_the_last_finished_fold(trained: tuple[Store, int]) -> None:
    store, run_id = trained
    work = predict.predict_out_of_fold(store, 2, run_id)
    while not next(work).message.startswith("fold 2"):
        pass
    work.close()
    messages: list[str] = []
    answer = drain(predict.predict_out_of_fold(store, 2, run_id), lambda step: messages.append(step.message))
    assert {message.partition(",")[0] for message in messages} == {"fold 2 of 2", "ordering the queue"}
    assert (answer["predicted"], answer["already"]) == (TRAIN - 1, 0)


def _data(store: Store, run_id: int) -> list[Any]:
    with store.reading() as session:
        return run_data(session, run_id, ("train", "slice"))


def test_a_run_is_compared_with_the_one_before_on_the_same_tweets(toys: Store, settings: TrainingSettings) -> None:
    first = drain(train.train(toys, settings))["run"]
    with toys.writing() as session:
        add_tweets(session, [Tweet("later", "wow the cat ate it", frozenset({"surprise"}), "dev")])
    second = drain(train.train(toys, settings))["run"]
    compared = comparison(toys, second)
    assert compared.before is not None
    assert (compared.before.id, compared.scores.n) == (first, DEV)
    assert set(compared.changes) == {*EMOTIONS.names, "macro"}
    assert {change.verdict for change in compared.changes.values()} == {"no evidence of change"}
    assert comparison(toys, first).before is None


def test_correcting_dev_moves_the_score_against_approved_labels_only(trained: tuple[Store, int]) -> None:
    store, run_id = trained
    with store.reading() as session:
        dev = labelled_tweets(session, ["dev"], "original")
        predicted = unseen_labels(session, run_id)
    agree = [decide(f"e{t.tweet_id}", t.tweet_id, *predicted[t.tweet_id]) for t in dev]
    before = comparison(store, run_id).scores
    review_card.save_events(store, "ana", agree)
    assert comparison(store, run_id).scores == before
    assert comparison(store, run_id, target="approved").scores.jaccard == 1
    assert comparison(store, run_id).reviewed == DEV


def test_without_a_reviewed_dev_tweet_there_is_one_comparison(trained: tuple[Store, int]) -> None:
    compared = comparisons(*trained)
    assert (compared.approved, compared.relabelled, compared.parts()) == (None, {}, (0.0, 0.0))
    assert compared.in_words().startswith("No dev tweet was reviewed")


def test_the_effect_of_corrected_dev_labels_is_separated_from_that_of_the_model(
    toys: Store, settings: TrainingSettings
) -> None:
    first = drain(train.train(toys, settings))["run"]
    second = drain(train.train(toys, replace(settings, epochs=6)))["run"]
    with toys.reading() as session:
        dev = labelled_tweets(session, ["dev"], "original")
        predicted = unseen_labels(session, second)
    review_card.save_events(
        toys, "ana", [decide(f"e{t.tweet_id}", t.tweet_id, *predicted[t.tweet_id]) for t in dev[:20]]
    )
    compared = comparisons(toys, second, first)
    assert compared.original == comparison(toys, second, first)
    assert compared.approved == comparison(toys, second, first, "approved")
    assert compared.approved is not None
    for name in (*EMOTIONS.names, "macro"):
        way = compared.approved.changes[name].after - compared.original.changes[name].before
        assert sum(compared.parts(name)) == pytest.approx(way)
    assert compared.relabelled["macro"].before == compared.original.changes["macro"].before
    assert compared.in_words().startswith("20 of 33 dev tweets were reviewed. Macro-F1 changes by ")
    assert "on approved labels (" in compared.in_words("joy")
    assert (
        "from replacing the original dev labels by the approved ones, with the same run"
        in comparisons(toys, first).in_words()
    )


def test_evaluating_a_file_uses_the_runs_thresholds_and_stores_nothing(
    trained: tuple[Store, int], tmp_path: Path
) -> None:
    store, run_id = trained
    with store.reading() as session:
        dev = labelled_tweets(session, ["dev"], "original")
        metrics = get_run(session, run_id).metrics
        before = summaries.sizes(session)
    path = write(tmp_path / "a.csv", *(record(t.text, " ".join(t.labels), t.key) for t in dev))
    found = drain(evaluate(store, run_id, path))
    assert any("Under 30 positive tweets" in words for words in found.pop("words"))
    assert found == {"run": run_id, "rejected": 0, "trained_on": 0, **metrics}
    with store.reading() as session:
        assert summaries.sizes(session) == before


def test_a_run_with_deleted_files_gives_a_clear_error(trained: tuple[Store, int]) -> None:
    store, run_id = trained
    with store.reading() as session:
        folder = run_folder(store, get_run(session, run_id).folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors|weights"):
        drain(predict.predict(store, run_id))


def test_impossible_comparisons_and_predictions_give_a_clear_error(toys: Store) -> None:
    with pytest.raises(NotFoundError, match="there is no run yet"):
        drain(predict.predict(toys))
    with pytest.raises(EmoclfError, match="at least 2 folds, not 1"):
        drain(predict.predict_out_of_fold(toys, 1))
    with pytest.raises(NotFoundError, match="there is no run 5"):
        comparison(toys, 5)
