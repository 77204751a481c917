"""
The network in TensorFlow: a TensorFlow Hub encoder, mean pooling over the words, and one sigmoid per emotion.

It is saved as a SavedModel with `encoder`, `kernel`, `bias` and `predict`, with its preprocessing in a subfolder, and
is itself an encoder for further training.
"""

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from emoclf.backends.on_tfhub.encoder import INPUTS
from emoclf.backends.on_tfhub.preprocessing import WordPieces
from emoclf.errors import ModelError
from emoclf.hub import graph_check, handles
from emoclf.hub.handles import PREPROCESSING
from emoclf.hub.tensorflow_library import check_path, save, tf

DROPOUT = 0.1  # before the head, as in BERT
MEMORY_FACTOR = 4  # weights, gradients, and two moments of each
WORDS = "word_embeddings"  # part of the name of the word-piece embeddings variable
IDS = tf.TensorSpec([None, None], tf.int32)


class HubNetwork:
    """Maps word-piece ids to one logit per emotion."""

    def __init__(self, encoder: Any, kernel: Any, bias: Any) -> None:
        """`encoder` as loaded from a SavedModel; `kernel` (width, n_labels) and `bias` (n_labels,) are variables."""
        self.encoder, self.kernel, self.bias = encoder, kernel, bias
        self.predict = tf.function(self.probabilities, input_signature=[IDS, IDS], autograph=False)

    def probabilities(self, ids: Any, mask: Any) -> Any:
        """Return probabilities (n, n_labels) for ids and mask, both (n, length)."""
        return tf.sigmoid(self.logits(ids, mask, training=False))

    def logits(self, ids: Any, mask: Any, training: bool) -> Any:
        """Return logits (n, n_labels) for ids and mask, both (n, length)."""
        inputs = dict(zip(INPUTS, (ids, mask, tf.zeros_like(ids)), strict=True))
        vectors = self.encoder(inputs, training=training)["sequence_output"]
        weights = tf.cast(mask, tf.float32)[:, :, None]
        mean = tf.reduce_sum(vectors * weights, axis=1) / tf.reduce_sum(weights, axis=1)
        return tf.matmul(tf.nn.dropout(mean, DROPOUT) if training else mean, self.kernel) + self.bias

    def weights(self) -> list[Any]:
        """Return every variable that training may change."""
        return [*self.encoder.trainable_variables, self.kernel, self.bias]


def size(network: HubNetwork) -> int:
    """Return the size of a network's weights in bytes."""
    return sum(int(np.prod(weight.shape)) * weight.dtype.size for weight in network.weights())


def from_base(uri: str, n_labels: int) -> tuple[HubNetwork, WordPieces]:
    """Return a network with the encoder of `uri` and an untrained head, and the encoder's preprocessing.

    Raises
    ------
    ModelError : if it is missing, is too large for this machine, or cannot be used
    """
    found = handles.find(uri)
    _check_memory(found.encoder, uri)
    encoder = _load(found.encoder)
    encoder = encoder.encoder if hasattr(encoder, "kernel") else encoder  # continue from a trained classifier's encoder
    bound = 1 / np.sqrt(width := _width(encoder, uri))
    head = tf.random.uniform([width, n_labels], -bound, bound), tf.random.uniform([n_labels], -bound, bound)
    network = HubNetwork(encoder, *(tf.Variable(part, name="head") for part in head))
    return network, _preprocessing(found.preprocessing, network)


def from_folder(folder: Path, n_labels: int) -> tuple[HubNetwork, WordPieces]:
    """Return the network and preprocessing that `write` wrote; raise ModelError if they are damaged."""
    saved = _load(folder)
    with clear_errors(folder):
        network = HubNetwork(saved.encoder, saved.kernel, saved.bias)
        if network.bias.shape[0] != n_labels:
            raise ValueError(f"{network.bias.shape[0]} outputs, {n_labels} labels")
    return network, _preprocessing(folder / PREPROCESSING, network)


def write(network: HubNetwork, tokenizer: WordPieces, names: Sequence[str], folder: Path) -> None:
    """Write the network and its preprocessing into `folder`."""
    saved = tf.train.Checkpoint(encoder=network.encoder, kernel=network.kernel, bias=network.bias)
    saved.predict = network.predict
    save(saved, folder)
    shutil.copytree(tokenizer.folder, folder / PREPROCESSING)


@contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn the various errors of a damaged SavedModel into one ModelError about its folder."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # TensorFlow raises its own kinds, protobuf's, and built-in ones
        reason = textwrap.shorten(str(error), 200) or type(error).__name__
        raise ModelError(
            f"the SavedModel in {folder} cannot be loaded ({reason}); delete the folder and download or export it again"
        ) from error


def _load(folder: Path) -> Any:
    check_path(folder)
    with clear_errors(folder):
        graph_check.check(folder)
        return tf.saved_model.load(str(folder))


def _preprocessing(folder: Path, network: HubNetwork) -> WordPieces:
    known = [int(weight.shape[0]) for weight in network.weights() if WORDS in weight.name]
    loaded = WordPieces(_load(folder), folder, *known[:1])
    with clear_errors(folder):
        loaded(["a"])
    return loaded


def _width(encoder: Any, uri: str) -> int:
    """Return the width of an encoder's word vectors; raise ModelError if it has none, or cannot be trained."""
    ids = tf.ones([1, 2], tf.int32)
    try:
        outputs = encoder(dict.fromkeys(INPUTS, ids), training=False)
        names = sorted(outputs)
    except Exception as error:  # a SavedModel can fail in any way
        raise ModelError(
            f"{uri} is not a BERT encoder: it does not take {', '.join(INPUTS)} ({type(error).__name__}); BERT "
            "encoders of TensorFlow Hub do so from version 3 on"
        ) from error
    if "sequence_output" not in names:
        raise ModelError(f"{uri} is not a BERT encoder: it gives {', '.join(map(str, names))}, and no sequence_output")
    if not getattr(encoder, "trainable_variables", None):
        raise ModelError(f"{uri} has no trainable variables, so it cannot be fine-tuned; pass another encoder")
    return int(outputs["sequence_output"].shape[-1])


def _check_memory(folder: Path, uri: str) -> None:
    needed = MEMORY_FACTOR * sum(path.stat().st_size for path in (folder / "variables").glob("variables.data-*"))
    free = psutil.virtual_memory().available
    if needed > free:
        raise ModelError(
            f"training from {uri} takes about {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free; close "
            "other programs, or pass a smaller encoder"
        )
