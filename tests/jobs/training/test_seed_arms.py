"""Tests of comparisons over several seeds, by simulation and on runs without training."""

from typing import Any

import numpy as np
import pytest

from db.predictions import add_predictions
from db.store import Store
from db.tweets import add_tweets
from emoclf.labels import EMOTIONS
from emoclf.metrics.scores import compare
from emoclf.metrics.seed_arms import compare_arms
from emoclf.tweets import Tweet
from jobs.settings.training import ExtraTweets, TrainSettings, in_sequence
from jobs.training.seed_arms import arms
from tests.support.command_line import answer
from tests.support.runs import add_run

SEEDS, TWEETS = 3, 300


def an_arm(chance: np.random.Generator, targets: np.ndarray, errors: float) -> list[np.ndarray]:
    """Models of one arm: a seed moves how often each errs on each emotion, by far more than the tweets do."""
    of_seed = np.clip(errors + chance.normal(0, 0.04, (SEEDS, 1, targets.shape[1])), 0.01, 0.6)
    return [np.where(chance.random(targets.shape) < one, 1 - targets, targets) for one in of_seed]


@pytest.mark.simulation
def test_arms_that_differ_by_their_seeds_alone_raise_a_false_alarm_about_one_time_in_twenty() -> None:
    chance = np.random.default_rng(0)
    macro, of_any, one_model = 0, 0, 0
    for _ in range(60):
        targets = (chance.random((TWEETS, len(EMOTIONS))) < 0.25).astype(np.int8)
        before, after = (an_arm(chance, targets, 0.15) for _ in range(2))
        changes = compare_arms(targets, before, after)
        macro += changes["macro"].verdict != "no evidence of change"
        of_any += any(one.verdict != "no evidence of change" for name, one in changes.items() if name != "macro")
        one_model += any(one.low > 0 or one.high < 0 for one in compare(targets, before[0], after[0]).values())
    assert macro <= 8
    assert of_any <= 8
    assert one_model >= 40  # of one model each the intervals over tweets see differences that are the seeds'


def test_arms_with_a_large_difference_are_distinguished() -> None:
    chance = np.random.default_rng(1)
    targets = (chance.random((TWEETS, len(EMOTIONS))) < 0.25).astype(np.int8)
    changes = compare_arms(targets, an_arm(chance, targets, 0.3), an_arm(chance, targets, 0.05))
    assert changes["macro"].verdict == "better"
    assert changes["macro"].low > 0.05


def test_the_interval_of_the_arms_contains_the_true_difference() -> None:
    chance, held = np.random.default_rng(2), []
    of_seed = [np.clip(errors + chance.normal(0, 0.04, 100_000), 0.01, 0.6) for errors in (0.2, 0.12)]
    before, after = (np.mean(2 * 0.25 * (1 - e) / (0.25 * (2 - e) + 0.75 * e)) for e in of_seed)
    truth = after - before
    for _ in range(80):
        targets = (chance.random((TWEETS, len(EMOTIONS))) < 0.25).astype(np.int8)
        macro = compare_arms(targets, an_arm(chance, targets, 0.2), an_arm(chance, targets, 0.12))["macro"]
        held.append(macro.low <= truth <= macro.high)
    assert np.mean(held) >= 0.9


def test_one_model_is_no_arm() -> None:
    one = np.ones((4, len(EMOTIONS)), dtype=int)
    with pytest.raises(ValueError, match="1 and 2 models"):
        compare_arms(one, [one], [one, one])


@pytest.fixture
def dev(store: Store) -> list[int]:
    """The ids of sixty dev tweets, each with one emotion."""
    labels = [frozenset({EMOTIONS.names[n % len(EMOTIONS)]}) for n in range(66)]
    with store.writing() as session:
        add_tweets(session, [Tweet(f"d{n}", f"tweet {n}", one, "dev") for n, one in enumerate(labels)])
    return list(range(1, 67))


def trained(store: Store, dev: list[int], seed: int, right: float, **more: Any) -> int:
    """A run with a seed that gets about so many dev tweets right."""
    chance = np.random.default_rng(seed)
    settings = {"seed": seed, "epochs": 2, "folds": 3} | more.pop("settings", {})
    run_id = add_run(store, seed=seed, settings=settings, **more)
    rows = []
    for n in dev:
        own = EMOTIONS.names[(n - 1) % len(EMOTIONS)]
        rows.append((n, [0.5] * len(EMOTIONS), frozenset({own if chance.random() < right else "joy"})))
    with store.writing() as session:
        add_predictions(session, run_id, rows, out_of_fold=True)
    return run_id


def test_an_arm_is_the_runs_that_differ_in_nothing_but_their_seed(store: Store, dev: list[int]) -> None:
    old = [trained(store, dev, seed, 0.4, data_hash="old") for seed in (13, 14)]
    stopped = [{"fold": 1, "epoch": 1, "loss": 1.0}]
    trained(store, dev, 15, 0.4, data_hash="old", history=stopped)
    trained(store, dev, 16, 0.4, data_hash="old", settings={"epochs": 3})
    new = [trained(store, dev, seed, 0.95, data_hash="new") for seed in (13, 14, 15)]
    found = arms(store, new[2], old[0])
    assert found is not None
    assert [run.id for run in found.before] == old
    assert [run.id for run in found.after] == new
    assert (
        found.in_words()[0]
        == "Means over seeds are compared: runs 1 and 2 (seeds 13 and 14) and runs 5, 6 and 7 (seeds 13, 14 and 15)."
    )
    assert found.in_words()[-1] == "The labels of the later runs helped."
    assert arms(store, new[0], new[1]) is None  # one and the same arm
    assert arms(store, new[0], 4) is None  # a single seed


def test_arms_with_other_settings_or_the_same_labels_are_not_attributed_to_labels(store: Store, dev: list[int]) -> None:
    plain = [trained(store, dev, seed, 0.4, data_hash="one") for seed in (1, 2)]
    longer = [trained(store, dev, seed, 0.9, data_hash="two", settings={"epochs": 9}) for seed in (1, 2)]
    same = [trained(store, dev, seed, 0.9, data_hash="one", settings={"epochs": 9}) for seed in (1, 2)]
    for later in (longer, same):
        found = arms(store, later[0], plain[0])
        assert found is not None
        assert found.in_words()[-1].startswith("The two groups of runs also differ in epochs")


def test_the_command_line_names_the_arms_and_without_them_says_that_two_models_differ(
    store: Store, dev: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, right, data in ((1, 0.4, "old"), (1, 0.9, "new"), (2, 0.4, "old"), (2, 0.9, "new")):
        trained(store, dev, seed, right, data_hash=data)
        if seed == 1 and data == "new":
            alone = answer(capsys, "runs", "compare", "2", "1")
            assert alone["by_seeds"] is None
            assert any(
                "compares these two fitted models. It does not show that other labels helped" in one
                for one in alone["words"]
            )
    compared = answer(capsys, "runs", "compare", "2", "1")
    assert (compared["by_seeds"]["before"], compared["by_seeds"]["after"]) == ([1, 3], [2, 4])
    assert any("runs 1 and 3 (seeds 1 and 2)" in words for words in compared["words"])


def test_several_seeds_are_trained_one_after_the_other_and_predict_after_the_last() -> None:
    training = TrainSettings(seed=5, then_predict=True)
    chain = trainings(in_sequence(training, [ExtraTweets()], seeds=3))
    assert [(one.seed, one.then_predict) for one in chain] == [(5, False), (6, False), (7, True)]
    pair = trainings(in_sequence(training, [ExtraTweets(repeated=4), ExtraTweets("all")], seeds=2))
    found = [(one.seed, one.synthetic, one.repeated) for one in pair]
    assert found == [(5, "none", 4), (5, "all", 0), (6, "none", 4), (6, "all", 0)]


def trainings(first: TrainSettings | None) -> list[TrainSettings]:
    """A training and those that follow it."""
    found = []
    while first:
        found.append(first)
        first = first.then_train
    return found
