"""Tests of a run's calibration: fitted on out-of-fold predictions, evaluated on others, stored beside raw values."""

from pathlib import Path

import numpy as np
import pytest

from commands.output import in_words
from db.predictions import add_predictions, unseen_probabilities
from db.runs import get_run
from db.store import Store
from db.tweets import add_tweets
from db.values import Predicted
from emoclf.labels import EMOTIONS
from emoclf.metrics import calibration
from emoclf.metrics.calibration import Calibration
from emoclf.tweets import Tweet
from jobs import runner
from jobs.doubts import ranking
from jobs.training import calibration as calibrating
from jobs.training.calibration import calibrate_run
from tests.support.models import tiny_bert, toy_tweets
from tests.support.runs import add_run

pytestmark = pytest.mark.usefixtures("one_thread")

N = 1500


def overconfident(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels (n, 11) and probabilities that are right in their order and twice too loud in their odds."""
    random = np.random.default_rng(seed)
    odds = random.normal(-1.5, 1.5, (N, len(EMOTIONS)))
    labels = (random.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    return labels, 1 / (1 + np.exp(-(2 * odds + 1)))


@pytest.fixture
def overconfident_run(store: Store) -> tuple[Store, int]:
    """A store with a run that was too loud on every train tweet, out of fold."""
    labels, probabilities = overconfident()
    chosen = EMOTIONS.decode(labels)
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"tweet number {i}", on) for i, on in enumerate(chosen)])
    run_id = add_run(store, tweets=[(i + 1, "train", on) for i, on in enumerate(chosen)])
    with store.writing() as session:
        rows = [(i + 1, row.tolist(), frozenset[str]()) for i, row in enumerate(probabilities)]
        add_predictions(session, run_id, rows, out_of_fold=True)
    return store, run_id


def test_overconfident_probabilities_are_reduced(overconfident_run: tuple[Store, int]) -> None:
    answer = calibrate_run(*overconfident_run)
    assert answer["ece_after"] < answer["ece_before"] / 2
    assert list(answer["calibration"]) == list(EMOTIONS.names)
    assert 0 < answer["ece_floor"] < answer["ece_before"]
    assert answer["brier_after"] < answer["brier_before"]
    assert all(one["ece_after"] < one["ece_before"] for one in answer["calibration"].values())


def test_the_calibration_is_stored_with_the_run_and_raw_predictions_stay_unchanged(
    overconfident_run: tuple[Store, int],
) -> None:
    store, run_id = overconfident_run
    answer = calibrate_run(store, run_id)
    with store.reading() as session:
        kept, raw = get_run(session, run_id).calibration, unseen_probabilities(session, run_id)
    assert kept is not None
    assert (kept["n"], kept["ece_before"], kept["ece_after"]) == (N, answer["ece_before"], answer["ece_after"])
    _, probabilities = overconfident()
    assert np.allclose([raw[i + 1] for i in range(N)], probabilities, atol=1e-6)
    unseen_labels, unseen = overconfident(seed=1)
    honest = Calibration.from_json(kept).apply(unseen)
    errors = calibrating.calibration_errors(unseen_labels, unseen, honest)
    assert errors["ece_after"] < errors["ece_before"] / 2


def test_no_tweet_is_calibrated_with_a_fit_on_itself() -> None:
    labels, probabilities = overconfident()
    fold_of = np.arange(N) % 4
    first, _ = calibration.cross_fitted(probabilities, labels, fold_of)
    labels[fold_of == 0] = 1 - labels[fold_of == 0]
    second, _ = calibration.cross_fitted(probabilities, labels, fold_of)
    assert np.array_equal(first[fold_of == 0], second[fold_of == 0])
    assert not np.allclose(first[fold_of == 1], second[fold_of == 1])


def test_a_few_predictions_are_not_enough(filled: Store) -> None:
    run_id = add_run(filled, tweets=[(1, "train", frozenset({"joy"}))])
    with filled.writing() as session:
        add_predictions(session, run_id, [(1, [0.5] * 11, frozenset())], out_of_fold=True)
    assert calibrate_run(filled, run_id) == {"ece_before": None, "ece_after": None, "calibration": {}}
    with filled.reading() as session:
        assert get_run(session, run_id).calibration is None


def test_predicting_out_of_fold_answers_with_the_errors_before_and_after(store: Store, tmp_path: Path) -> None:
    tweets = toy_tweets(120)
    with store.writing() as session:
        rows = zip(tweets.texts, EMOTIONS.decode(tweets.labels), strict=True)
        add_tweets(session, [Tweet(f"k{i}", text, on) for i, (text, on) in enumerate(rows)])
    settings = {"base": tiny_bert(tmp_path / "base"), "epochs": 1, "labels": "approved", "name": None}
    run_id = runner.execute(store, runner.queue_job(store, "train", settings))["run"]
    answer = runner.execute(store, runner.queue_job(store, "predict", {"run": run_id, "out_of_fold": 2}))
    assert 0 <= answer["ece_after"] <= 1
    assert 0 <= answer["ece_before"] <= 1
    assert set(answer["calibration"]) == set(EMOTIONS.names)
    words = in_words(answer)
    assert f"ece before: {answer['ece_before']:.3f}" in words
    assert f"  trust         {answer['calibration']['trust']['ece_before']:.3f} before" in words


def test_doubt_is_taken_from_calibrated_probabilities_where_a_run_has_them(
    overconfident_run: tuple[Store, int],
) -> None:
    store, run_id = overconfident_run
    _, probabilities = overconfident()
    prediction = Predicted(run_id, True, probabilities[0].tolist(), frozenset())
    assert np.array_equal(ranking.load_calibrations(store).of_prediction(prediction), probabilities[0])
    calibrate_run(store, run_id)
    with store.reading() as session:
        kept = get_run(session, run_id).calibration
    assert kept is not None
    honest = ranking.load_calibrations(store).of_prediction(prediction)
    assert np.allclose(honest, Calibration.from_json(kept).apply(probabilities[0]))
    assert not np.allclose(honest, probabilities[0])
