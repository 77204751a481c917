"""Tests of TensorFlow Hub encoders as base models: export, training, saving, and results equal to torch."""

import shutil
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from emoclf.backends import checkpoints
from emoclf.backends.on_tfhub import network
from emoclf.backends.on_tfhub.encoder import INPUTS, Encoder
from emoclf.backends.on_tfhub.network import HubNetwork
from emoclf.backends.on_tfhub.optimizer_loop import HubOptimizerLoop, decays
from emoclf.backends.settings import TrainingSettings
from emoclf.errors import EmoclfError, ModelError
from emoclf.export.tfhub_encoder import export_base
from emoclf.hub.tensorflow_library import tf
from emoclf.hub.uris import digest_of_weights
from emoclf.metrics.scores import score
from emoclf.progress import Progress, drain
from emoclf.text.cleaning import TEXT_VARIANTS
from emoclf.training.classifier import Classifier
from emoclf.training.cross_validation import NO_TWEETS, fine_tune
from emoclf.training.fitting import Fitting, fit, untrained
from tests.support.models import tiny_bert, toy_tweets

pytestmark = pytest.mark.usefixtures("one_thread")
SHAPES = {
    "layer/attention/query/kernel": (8, 2, 4),
    "layer/attention/query/bias": (2, 4),  # one per attention head, as published encoders keep them
    "layer/output/layer_norm/gamma": (8,),
    "encoder/layer/0/output/LayerNorm/weight": (8,),
    "head": (8, 11),
}
TEXTS = ["happy", "the train is late again and we saw it today . my cat ate a cake !", "", "Wow 😂 #SoHappy Café", "?"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny torch BERT."""
    return Path(tiny_bert(tmp_path_factory.mktemp("torch")).removeprefix("dir:"))


@pytest.fixture(scope="module")
def hub(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same BERT in TensorFlow Hub's format."""
    folder = tmp_path_factory.mktemp("tfhub") / "bert"
    export_base(f"dir:{bert}", folder)
    return folder


@pytest.fixture
def settings(hub: Path) -> TrainingSettings:
    """Settings of a very short training."""
    return TrainingSettings(
        base=f"dir:{hub}", epochs=1, folds=2, learning_rate=4e-3, head_multiplier=2.0, max_length=32, threads=1
    )


def test_an_exported_encoder_gives_the_numbers_of_torch(bert: Path, hub: Path) -> None:
    from transformers import AutoModel

    ids = torch.randint(5, 30, (3, 9), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 4:] = 0
    with torch.inference_mode():
        wanted = AutoModel.from_pretrained(bert).eval()(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    parts = (ids.numpy(), mask.numpy(), np.zeros_like(ids))
    given = dict(zip(INPUTS, (tf.constant(part, tf.int32) for part in parts), strict=True))
    found = tf.saved_model.load(str(hub))(given, training=False)
    assert sorted(found) == ["default", "encoder_outputs", "pooled_output", "sequence_output"]
    assert np.allclose(found["pooled_output"], wanted.pooler_output, atol=1e-5)
    assert np.allclose(found["default"], wanted.pooler_output, atol=1e-5)
    seen = mask.numpy() == 1
    for exported, published in zip(found["encoder_outputs"], wanted.hidden_states[1:], strict=True):
        assert np.allclose(exported.numpy()[seen], published.numpy()[seen], atol=1e-5)
    assert np.array_equal(found["sequence_output"], found["encoder_outputs"][-1])


def test_the_keras_layer_of_tensorflow_hub_loads_an_export_and_trains_all_of_it(hub: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports the deprecated pkg_resources
        import tensorflow_hub
    layer = tensorflow_hub.KerasLayer(str(hub), trainable=True)
    words = tensorflow_hub.KerasLayer(str(hub / "preprocessing"))
    assert layer(words(tf.constant(TEXTS)))["pooled_output"].shape == (5, 32)
    assert len(layer.trainable_weights) == 39


def test_biases_and_layer_norms_do_not_decay_whatever_their_shape() -> None:
    named = {name: tf.Variable(tf.ones(shape), name=name) for name, shape in SHAPES.items()}
    assert [name for name, weight in named.items() if decays(weight)] == ["layer/attention/query/kernel", "head"]


def test_exported_preprocessing_gives_the_same_token_ids(bert: Path, hub: Path) -> None:
    from transformers import AutoTokenizer

    texts = [
        *TEXTS,
        *toy_tweets(20).texts,
        "HAPPY, happy!happy unknownword",
        "wow…ﬁ cake™ ½",
        "ÀT\u00adE\ta ｃake\ufffd",
    ]
    published = AutoTokenizer.from_pretrained(bert)(texts)["input_ids"]
    loaded = tf.saved_model.load(str(hub / "preprocessing"))
    packed = {name: value.numpy() for name, value in loaded(tf.constant(texts)).items()}
    assert all(value.shape == (len(texts), 64) for value in packed.values())
    assert [row[mask == 1].tolist() for row, mask in zip(*list(map(packed.get, INPUTS[:2])), strict=True)] == published
    short = loaded.bert_pack_inputs(loaded.tokenize(tf.constant(texts)), 6)
    assert short["input_word_ids"].shape == (len(texts), 6)


def alike(bert: Path, settings: TrainingSettings) -> tuple[Classifier, Classifier]:
    """An untrained TensorFlow classifier and the equal torch classifier."""
    exported, published = untrained(settings), untrained(replace(settings, base=f"dir:{bert}"))
    exported.network.kernel.assign(published.network.classifier.weight.detach().numpy().T)
    exported.network.bias.assign(published.network.classifier.bias.detach().numpy())
    return exported, published


def test_a_torch_network_and_its_export_give_the_same_probabilities(bert: Path, settings: TrainingSettings) -> None:
    exported, published = alike(bert, settings)
    texts = [*TEXTS, *toy_tweets(20).texts]
    assert exported.tokenise(texts) == published.tokenise(texts)
    difference = drain(exported.probabilities(texts)) - drain(published.probabilities(texts))
    assert np.abs(difference).max() < 5e-3  # torch may use bfloat16, which has three digits


def test_a_training_step_reads_one_random_text_variant_of_each_tweet(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, lengths = HubOptimizerLoop.train_batch, []

    def noted(self: HubOptimizerLoop, token_ids: Any, targets: np.ndarray) -> float:
        assert len(token_ids) == len(targets)
        lengths.extend(map(len, token_ids))
        return learn(self, token_ids, targets)

    monkeypatch.setattr(HubOptimizerLoop, "train_batch", noted)
    tweets = toy_tweets(60)
    hashed = replace(tweets, texts=["happy #cake"] * 60)  # cleaning takes the hash sign away
    drain(fit(hashed, NO_TWEETS, settings))
    assert set(lengths) == {4, 5}


def test_a_step_on_two_text_variants_has_the_same_loss_in_both_libraries(
    bert: Path, settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits = HubNetwork.logits
    monkeypatch.setattr(HubNetwork, "logits", lambda self, ids, mask, training: logits(self, ids, mask, training=False))
    monkeypatch.setattr("emoclf.backends.on_torch.dropout.dropout", lambda values, probability: values)
    exported, published = alike(bert, settings)
    tweets, losses = toy_tweets(12), []
    for classifier in (exported, published):
        token_ids = classifier.tokenise([*tweets.texts, *(f"wow {text}" for text in tweets.texts)])
        loop = classifier.backend.optimizer_loop(classifier.network, 0, tweets.labels, 10, settings)
        losses.append([loop.train_batch(token_ids, tweets.labels), loop.train_batch(token_ids[:12], tweets.labels)])
    assert losses[0] == pytest.approx(losses[1], abs=1e-2)  # torch may use bfloat16


def test_training_changes_the_encoder_but_not_the_word_embeddings(settings: TrainingSettings, tmp_path: Path) -> None:
    before = {weight.name: weight.numpy() for weight in untrained(settings).network.encoder.trainable_variables}
    result = drain(fit(toy_tweets(440), NO_TWEETS, replace(settings, epochs=20)))
    unseen = toy_tweets(110, seed=1)
    probabilities = drain(result.classifier.probabilities(unseen.texts))
    assert score(unseen.labels, result.classifier.labels(probabilities)).macro_f1 > 0.8
    after = {weight.name: weight.numpy() for weight in result.classifier.network.encoder.trainable_variables}
    still = {name for name in before if np.array_equal(before[name], after[name])}
    assert len(before) == 39
    assert {name.split("/")[0] for name in still} == {"embeddings", "pooler"}
    assert not [name for name in still if "layer" in name.lower()]
    assert any("word_embeddings" in name for name in still)
    _comes_back_the_same(result.classifier, probabilities, unseen.texts, tmp_path)


def _comes_back_the_same(trained: Classifier, predicted: np.ndarray, texts: list[str], folder: Path) -> None:
    trained.save(folder / "run")
    loaded = Classifier.load(folder / "run")
    assert np.array_equal(drain(loaded.probabilities(texts)), predicted)
    assert np.array_equal(loaded.thresholds, trained.thresholds)
    suffixes = {path.suffix.partition("-")[0] for path in (folder / "run").rglob("*") if path.is_file()}
    assert suffixes <= {".pb", ".json", ".index", ".data"}  # no pickle, no code
    again = untrained(TrainingSettings(base=f"dir:{folder / 'run'}"))
    for exported, published in zip(
        again.network.encoder.trainable_variables, trained.network.encoder.variables, strict=True
    ):
        assert np.array_equal(exported, published)


def test_a_training_resumes_after_its_last_finished_epoch_with_weights_and_optimizer_state(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    tweets, longer, file = toy_tweets(60), replace(settings, epochs=3), tmp_path / "checkpoint"
    work = fit(tweets, tweets, longer, checkpoint=file)
    while not next(work).message.startswith("epoch 3"):
        pass
    work.close()
    kept, record = checkpoints.read(file) or ({}, {})
    taken_up = Fitting(untrained(longer), tweets, tweets, longer)
    assert taken_up.use_checkpoint(file) == sum(entry["seconds"] for entry in record["history"])
    state = taken_up.loop.state()
    assert all(np.array_equal(state[name], value) for name, value in kept.items())
    assert {name.partition(" ")[0] for name, value in kept.items() if value.any()} == {"weight", "first", "second"}
    steps: list[Progress] = []
    again = drain(fit(tweets, tweets, longer, checkpoint=file), steps.append)
    assert [step.message[:7] for step in steps if "epoch" in step.message] == ["epoch 3"] * (len(steps) - 1)
    assert [entry["epoch"] for entry in again.history] == [1, 2, 3]
    assert again.history[:2] == record["history"]


def test_published_handles_are_trained_from_offline_from_a_cache_filled_by_hand(
    settings: TrainingSettings, hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    shutil.copytree(hub, tmp_path / "d760773f85f64fc84ae0b47310f7cfe3bcec4868", ignore=lambda *_: ["preprocessing"])
    shutil.copytree(hub / "preprocessing", tmp_path / "602d30248ff7929470db09f7385fc895e9ceb4c0")
    uri = "tfhub:https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4"
    assert digest_of_weights(uri) == digest_of_weights(settings.base)
    classifier = untrained(replace(settings, base=uri))
    assert drain(classifier.probabilities(TEXTS)).shape == (5, 11)
    assert TEXT_VARIANTS[classifier.text_variant](TEXTS[3]) == "Wow face with tears of joy #SoHappy Café"


@pytest.mark.parametrize(
    "file", ["saved_model.pb", "variables/variables.data-00000-of-00001", "variables/variables.index"]
)
def test_a_truncated_file_gives_a_clear_error(hub: Path, tmp_path: Path, file: str) -> None:
    shutil.copytree(hub, tmp_path / "damaged")
    path = tmp_path / "damaged" / file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(
        ModelError, match=r"the SavedModel in .*damaged cannot be loaded \(.*delete the folder"
    ) as error:
        network.from_base(f"dir:{tmp_path / 'damaged'}", 11)
    assert "\n" not in str(error.value)


def _saved(folder: Path, hub: Path, call: Any, **attributes: Any) -> str:
    """A SavedModel that computes `call`, with the preprocessing of `hub`."""
    saved = tf.train.Checkpoint(**attributes)
    ids = tf.TensorSpec([None, None], tf.int32)
    saved.__call__ = tf.function(call, autograph=False)
    for training in (True, False):
        saved.__call__.get_concrete_function(dict.fromkeys(INPUTS, ids), training=training)
    tf.saved_model.save(saved, str(folder))
    shutil.copytree(hub / "preprocessing", folder / "preprocessing")
    return f"dir:{folder}"


def test_an_encoder_with_wrong_inputs_or_outputs_or_nothing_to_train_gives_a_clear_error(
    hub: Path, tmp_path: Path
) -> None:
    def vectors(inputs: Any, training: bool) -> Any:
        return tf.zeros([1, 2, 8])

    other = _saved(tmp_path / "other", hub, lambda inputs, training: {"pooled_output": vectors(inputs, training)})
    with pytest.raises(ModelError, match=r"it gives pooled_output, and no sequence_output"):
        network.from_base(other, 11)
    frozen = _saved(tmp_path / "frozen", hub, lambda inputs, training: {"sequence_output": vectors(inputs, training)})
    with pytest.raises(ModelError, match="no trainable variables, so it cannot be fine-tuned"):
        network.from_base(frozen, 11)
    words = f"tfhub:{hub / 'preprocessing'}#{hub / 'preprocessing'}"
    with pytest.raises(ModelError, match="does not take input_word_ids, input_mask, input_type_ids"):
        network.from_base(words, 11)


def test_the_preprocessing_of_another_encoder_gives_a_clear_error(
    hub: Path, settings: TrainingSettings, tmp_path: Path
) -> None:
    def words(texts: Any) -> Any:
        shape = [tf.shape(texts)[0], 8]
        return {INPUTS[0]: tf.fill(shape, 30_521), INPUTS[1]: tf.ones(shape, tf.int32), INPUTS[2]: tf.zeros(shape)}

    other = tf.train.Checkpoint()
    other.__call__ = tf.function(words, [tf.TensorSpec([None], tf.string)], autograph=False)
    tf.saved_model.save(other, str(tmp_path / "other"))
    uri = f"tfhub:{hub}#{tmp_path / 'other'}"
    with pytest.raises(
        ModelError, match=r"another encoder: it gives word piece 30,521, and the encoder knows 35; name"
    ):
        drain(fine_tune(toy_tweets(60), replace(settings, base=uri)))


def test_a_folder_name_that_tensorflow_cannot_read_gives_a_clear_error(hub: Path, tmp_path: Path) -> None:
    shutil.copytree(hub, tmp_path / "bert [2]")
    with pytest.raises(ModelError, match=r"square brackets in .*bert \[2\] as a pattern; rename the folder"):
        network.from_base(f"dir:{tmp_path / 'bert [2]'}", 11)


def test_an_encoder_without_gradients_is_refused(hub: Path, settings: TrainingSettings, tmp_path: Path) -> None:
    apart = tf.Variable(tf.ones([3]))
    detached = _saved(
        tmp_path / "detached",
        hub,
        lambda inputs, training: {"sequence_output": tf.ones([tf.shape(inputs[INPUTS[0]])[0], 1, 8])},
        variables=[apart],
        trainable_variables=[apart],
    )
    with pytest.raises(EmoclfError, match="no gradient reaches the encoder") as error:
        drain(fine_tune(toy_tweets(60), replace(settings, base=detached)))
    assert "\n" not in str(error.value)


def test_an_encoder_too_large_for_memory_gives_a_clear_error(
    hub: Path, settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    scarce = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: scarce)
    with pytest.raises(ModelError, match=r"takes about 0\.0 GB of memory, and 0\.0 GB are free; close other programs"):
        drain(fine_tune(toy_tweets(60), settings))


def test_running_out_of_memory_in_training_gives_a_clear_error(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")

    monkeypatch.setattr("emoclf.backends.on_tfhub.optimizer_loop.HubOptimizerLoop._one_step", no_memory)
    with pytest.raises(EmoclfError, match="memory ran out on a batch of 31 tweets; lower batch_size or max_length"):
        drain(fine_tune(toy_tweets(60), settings))


def test_a_model_other_than_bert_is_not_exported(bert: Path, hub: Path, tmp_path: Path) -> None:
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(bert)
    config.hidden_act = "relu"
    with pytest.raises(ModelError, match="whose hidden_act is gelu can be exported, and this one's is relu"):
        Encoder(config, {})
    with pytest.raises(ModelError, match="is in TensorFlow Hub's format already; copy its folder"):
        export_base(f"dir:{hub}", tmp_path / "again")
