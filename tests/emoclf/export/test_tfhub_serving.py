"""Tests of the exported TensorFlow Hub classifier: it maps raw texts to probabilities without emoclf."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from emoclf.backends.settings import TrainingSettings
from emoclf.errors import ModelError
from emoclf.export.tfhub_cleaning import TextVariant
from emoclf.export.tfhub_encoder import export_base
from emoclf.export.tfhub_serving import export_classifier
from emoclf.hub.tensorflow_library import tf
from emoclf.labels import EMOTIONS
from emoclf.progress import drain
from emoclf.text.cleaning import TEXT_VARIANTS
from emoclf.training.classifier import Classifier
from emoclf.training.fitting import untrained
from tests.support.models import tiny_bert, toy_tweets

pytestmark = pytest.mark.usefixtures("one_thread")
# Invented, one for each thing that reading a text lightly changes.
TEXTS = [
    "@ana I’m SO happy 😂 &amp; it's 2 good!!! #BestDay https://t.co/abc",
    "so happy😂😂👍🏽 again 😂 😂 cake",
    "adore <3 :) :):) x :-) :D no:d http://x.y www.a.b",
    "1️⃣ 👨‍👩‍👧‍👦 ❤️❤ ✌🏾 © 🇩🇪🇫🇷 ❤︎",
    r"the cat\n\nate &amp;lt;3 &lt;3 &#39;a&quot; cake ",
    "",
    "  \u00a0 ",
    "the cat [SEP] ate [MASK] a [cake] [CLS]",
    "we saw it again and again the cat ate a cake and the train is late and we saw it today and a cake is late",
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    """Settings of a torch BERT that reads at most 16 pieces."""
    return TrainingSettings(base=tiny_bert(tmp_path_factory.mktemp("torch")), max_length=16)


@pytest.mark.parametrize("name", ["light", "written"])
def test_a_text_variant_in_tensorflow_equals_the_one_in_python(name: str) -> None:
    variant = TextVariant(name)
    found = tf.function(lambda texts: variant(texts), [tf.TensorSpec([None], tf.string)])(tf.constant(TEXTS))
    assert [text.decode() for text in found.numpy()] == [TEXT_VARIANTS[name](text) for text in TEXTS]


@pytest.mark.parametrize("library", ["torch", "TensorFlow"])
def test_a_served_run_gives_the_probabilities_of_its_classifier(
    library: str, settings: TrainingSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "emoclf.backends.on_torch.backend.autocast", lambda device: torch.autocast("cpu", enabled=False)
    )
    if library == "TensorFlow":
        export_base(settings.base, tmp_path / "bert")
        settings = replace(settings, base=f"dir:{tmp_path / 'bert'}")
    classifier = untrained(settings)
    classifier.thresholds = np.linspace(0.1, 0.6, 11)
    export_classifier(classifier, tmp_path / "served")
    texts = [*TEXTS, *toy_tweets(30).texts]
    served = tf.saved_model.load(str(tmp_path / "served")).signatures["serving_default"]
    found = served(texts=tf.constant(texts))["probabilities"].numpy()
    assert found.shape == (len(texts), 11)
    assert np.allclose(found, drain(classifier.probabilities(texts)), atol=1e-5)
    content = json.loads((tmp_path / "served" / "emotions.json").read_text())
    assert content["emotions"] == list(EMOTIONS.names)
    assert content["thresholds"]["trust"] == pytest.approx(0.6)
    Classifier.save(classifier, tmp_path / "run")  # exporting leaves the classifier as it was
    assert np.array_equal(
        drain(Classifier.load(tmp_path / "run").probabilities(texts)), drain(classifier.probabilities(texts))
    )


def test_a_classifier_with_an_unsupported_text_variant_is_refused(settings: TrainingSettings, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match="the text variant 'cleaned' cannot be served; train one that reads the variant 'light'"
    ):
        export_classifier(untrained(replace(settings, views=("cleaned",))), tmp_path / "served")
    assert not (tmp_path / "served").exists()
