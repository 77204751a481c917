"""Tests of the classifier: probabilities, thresholds, and saving that is complete or fails."""

import errno
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from emoclf.backends import batching
from emoclf.backends.on_torch import network
from emoclf.backends.on_torch.network import WEIGHTS
from emoclf.errors import ModelError
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, drain
from emoclf.training.classifier import CARD, Classifier
from tests.support.models import tiny_bert

pytestmark = pytest.mark.training

TEXTS = ["happy", "the train is late again and we saw it today . my cat ate a cake !", "@ana", "Wow 😂 #SoHappy", "?"]


@pytest.fixture
def classifier(tmp_path: Path) -> Classifier:
    torch.manual_seed(1)
    uri = tiny_bert(tmp_path / "base")
    net, tokenizer = network.from_base(uri, len(EMOTIONS))
    return Classifier(net, tokenizer, uri, np.linspace(0.3, 0.7, 11), max_length=32, settings={"epochs": 3})


def test_every_tweet_gets_eleven_probabilities(classifier: Classifier) -> None:
    found = drain(classifier.probabilities(TEXTS))
    assert found.shape == (5, 11)
    assert found.dtype == np.float32
    assert ((found > 0) & (found < 1)).all()


def test_no_tweets_give_no_probabilities(classifier: Classifier) -> None:
    assert drain(classifier.probabilities([])).shape == (0, 11)


def test_predictions_do_not_depend_on_padding_or_batch(classifier: Classifier) -> None:
    together = drain(classifier.probabilities(TEXTS))
    alone = np.vstack([drain(classifier.probabilities([text])) for text in TEXTS])
    assert np.abs(together - alone).max() < 5e-3  # bfloat16 has three digits


def test_padding_is_invisible_to_the_network(classifier: Classifier) -> None:
    short, long = classifier.tokenise(TEXTS[:2])
    ids, mask = batching.pad([short, long], 0)
    classifier.network.eval()
    with torch.inference_mode():
        padded = classifier.network(ids, mask)[0]
        alone = classifier.network(*batching.pad([short], 0))[0]
    assert torch.allclose(padded, alone, atol=1e-5)


def test_progress_ends_at_all_tweets(classifier: Classifier) -> None:
    steps: list[Progress] = []
    drain(classifier.probabilities(TEXTS, batch_size=2), steps.append)
    assert [(step.done, step.total) for step in steps] == [(2, 5), (4, 5), (5, 5)]


def test_an_emotion_is_on_from_its_own_threshold_upwards(classifier: Classifier) -> None:
    classifier.thresholds = np.array([0.5, 0.2] + [0.9] * 9)
    probabilities = np.full((1, 11), 0.5, dtype=np.float32)
    found = classifier.labels(probabilities)
    assert found.dtype == np.int8
    assert found.tolist() == [[1, 1] + [0] * 9]


def test_a_loaded_classifier_equals_the_saved_one(classifier: Classifier, tmp_path: Path) -> None:
    before = drain(classifier.probabilities(TEXTS))
    classifier.save(tmp_path / "runs" / "1")
    loaded = Classifier.load(tmp_path / "runs" / "1")
    assert np.array_equal(drain(loaded.probabilities(TEXTS)), before)
    assert np.array_equal(loaded.thresholds, classifier.thresholds)
    assert (loaded.base, loaded.max_length, loaded.settings) == (classifier.base, 32, {"epochs": 3})
    assert loaded.label_set == EMOTIONS


def test_a_saved_classifier_holds_no_pickle(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "1")
    assert {path.suffix for path in (tmp_path / "1").iterdir()} <= {".json", ".safetensors", ".txt"}


def test_a_saved_classifier_can_be_trained_further(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "1")
    again, _ = network.from_base(f"dir:{tmp_path / '1'}", len(EMOTIONS))
    words = "encoder.embeddings.word_embeddings.weight"
    assert torch.equal(again.state_dict()[words], classifier.network.state_dict()[words])


def test_saving_again_replaces_the_folder_and_leaves_nothing_beside_it(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "runs" / "1")
    classifier.thresholds = np.full(11, 0.25)
    classifier.save(tmp_path / "runs" / "1")
    assert Classifier.load(tmp_path / "runs" / "1").thresholds.tolist() == [0.25] * 11
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["1"]


def test_a_save_that_fails_leaves_the_old_classifier(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier.save(tmp_path / "runs" / "1")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(classifier.tokenizer, "save_pretrained", full_disk)
    classifier.thresholds = np.full(11, 0.25)
    with pytest.raises(ModelError, match=r"in .*runs \(.*No space left on device\): about 0 MB .* [\d,]+ MB are free"):
        classifier.save(tmp_path / "runs" / "1")
    assert Classifier.load(tmp_path / "runs" / "1").thresholds[0] == pytest.approx(0.3)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["1"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no classifier .*absent"):
        Classifier.load(tmp_path / "absent")


def test_a_classifier_reads_texts_in_its_text_variant(classifier: Classifier) -> None:
    classifier.text_variant = "light"
    light = drain(classifier.probabilities(TEXTS))
    classifier.text_variant = "cleaned"
    assert not np.allclose(light, drain(classifier.probabilities(TEXTS)), atol=5e-3)
    assert drain(classifier.probabilities([])).shape == (0, 11)


def test_a_special_token_that_a_tweet_spells_out_is_read_as_text(classifier: Classifier) -> None:
    pieces = classifier.tokenise(["happy [SEP] cake [MASK] [CLS]", "[PAD]"])
    special = set(classifier.tokenizer.all_special_ids) - {classifier.tokenizer.unk_token_id}
    assert [[piece for piece in text if piece in special] for text in pieces] == [
        [classifier.tokenizer.cls_token_id, classifier.tokenizer.sep_token_id]
    ] * 2


def test_a_classifier_of_an_earlier_version_reads_cleaned_texts(classifier: Classifier, tmp_path: Path) -> None:
    classifier.text_variant = "light"
    classifier.save(tmp_path / "1")
    assert Classifier.load(tmp_path / "1").text_variant == "light"
    card = json.loads((tmp_path / "1" / CARD).read_text())
    del card["view"]
    (tmp_path / "1" / CARD).write_text(json.dumps(card))
    assert Classifier.load(tmp_path / "1").text_variant == "cleaned"


def test_a_classifier_that_averaged_two_text_variants_is_refused(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "1")
    card = json.loads((tmp_path / "1" / CARD).read_text())
    del card["view"]
    (tmp_path / "1" / CARD).write_text(json.dumps(card | {"views": ["written", "cleaned"]}))
    with pytest.raises(ModelError, match=r"reads 2 text variants of each tweet, .* train it again"):
        Classifier.load(tmp_path / "1")
    (tmp_path / "1" / CARD).write_text(json.dumps(card | {"views": ["written"]}))
    assert Classifier.load(tmp_path / "1").text_variant == "written"


@pytest.mark.parametrize("name", [WEIGHTS, CARD])
def test_a_folder_without_one_of_its_files_is_no_classifier(classifier: Classifier, tmp_path: Path, name: str) -> None:
    classifier.save(tmp_path / "1")
    (tmp_path / "1" / name).unlink()
    with pytest.raises(ModelError, match=f"has no {name}"):
        Classifier.load(tmp_path / "1")


@pytest.mark.parametrize("name", [WEIGHTS, CARD, "config.json", "tokenizer.json"])
def test_a_truncated_file_gives_a_clear_error(classifier: Classifier, tmp_path: Path, name: str) -> None:
    classifier.save(tmp_path / "1")
    damaged = tmp_path / "1" / name
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        Classifier.load(tmp_path / "1")
    assert "\n" not in str(error.value)


def test_weights_of_another_network_give_a_clear_error(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "1")
    config = tmp_path / "1" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"num_hidden_layers": 3}))
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        Classifier.load(tmp_path / "1")
    assert "\n" not in str(error.value)
    assert "layer.2" in str(error.value)


def test_a_card_without_a_threshold_per_label_is_refused(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "1")
    card = json.loads((tmp_path / "1" / CARD).read_text())
    (tmp_path / "1" / CARD).write_text(json.dumps(card | {"thresholds": [0.5]}))
    with pytest.raises(ModelError, match="11 labels, 1 thresholds"):
        Classifier.load(tmp_path / "1")
