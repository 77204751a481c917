"""
Exports a trained classifier as a SavedModel that takes raw texts and returns a probability per emotion.

Serving it requires TensorFlow and tensorflow_text, but not emoclf.
"""

import json
from pathlib import Path
from typing import Any

from emoclf.backends.on_tfhub.encoder import INPUTS, Encoder
from emoclf.backends.on_tfhub.network import HubNetwork
from emoclf.backends.on_tfhub.preprocessing import Preprocessing, truncated
from emoclf.backends.on_torch.network import EmotionNetwork
from emoclf.export.tfhub_cleaning import TextVariant
from emoclf.files.folders import atomic_folder
from emoclf.hub.tensorflow_library import check_path, save, tf
from emoclf.training.classifier import Classifier

EMOTIONS_FILE = "emotions.json"  # the emotions in the order of the probabilities, and their thresholds


def export_classifier(classifier: Classifier, folder: Path) -> None:
    """Write a classifier, of torch or TensorFlow, atomically into `folder`.

    Its signature `serving_default` takes `texts` (n,) and returns `probabilities` (n, n_labels).

    Raises
    ------
    ModelError : if its encoder is not a BERT, its text variant cannot be served, TensorFlow could not read the folder,
        or the disk is full
    """
    check_path(folder)
    served, names = _served(classifier), classifier.label_set.names
    thresholds = dict(zip(names, map(float, classifier.thresholds), strict=True))
    with atomic_folder(folder, classifier.backend.size(classifier.network)) as unfinished:
        save(served, unfinished, signatures={"serving_default": served.answer})
        content = {"emotions": list(names), "thresholds": thresholds}
        (unfinished / EMOTIONS_FILE).write_text(json.dumps(content, indent=2), encoding="utf-8")


def _served(classifier: Classifier) -> Any:
    variant, longest = TextVariant(classifier.text_variant), classifier.max_length
    if isinstance(classifier.network, EmotionNetwork):
        preprocessing: Any = Preprocessing(classifier.tokenizer, longest)
        network = _from_torch(classifier.network)
    else:
        preprocessing, network = classifier.tokenizer.model, classifier.network

    def answer(texts: Any) -> dict[str, Any]:
        packed = preprocessing(variant(texts))
        ids, mask = truncated(packed[INPUTS[0]], packed[INPUTS[1]], longest)
        return {"probabilities": network.probabilities(ids, mask)}

    served = tf.train.Checkpoint(kernel=network.kernel, bias=network.bias)
    served.preprocessing = preprocessing if not isinstance(preprocessing, Preprocessing) else preprocessing.saved()
    served.encoder = network.encoder.saved() if isinstance(network.encoder, Encoder) else network.encoder
    served.tables = [variant.numbers, variant.words]
    served.answer = tf.function(answer, [tf.TensorSpec([None], tf.string, "texts")], autograph=False)
    return served


def _from_torch(network: EmotionNetwork) -> HubNetwork:
    weights = {name: value.detach().float().cpu().numpy() for name, value in network.encoder.state_dict().items()}
    kernel, bias = (part.detach().float().cpu().numpy() for part in network.classifier.parameters())
    return HubNetwork(Encoder(network.encoder.config, weights), tf.Variable(kernel.T), tf.Variable(bias))
