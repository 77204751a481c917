"""
The backend for TensorFlow: implements `emoclf.backends.protocol.Backend` with encoders of TensorFlow Hub.
"""

from contextlib import suppress

import numpy as np

from emoclf.backends import batching
from emoclf.backends.batching import Pieces
from emoclf.backends.on_tfhub.network import HubNetwork, from_base, from_folder, size, write
from emoclf.backends.on_tfhub.optimizer_loop import HubDescent
from emoclf.backends.settings import FitSettings
from emoclf.hub.tensorflow_library import tf

EVERY_VIEW = False  # reading all of them would take a training on two cores past a quarter of an hour

__all__ = ["EVERY_VIEW", "descent", "from_base", "from_folder", "prepare", "size", "speak", "write"]


def prepare(settings: FitSettings) -> None:
    """Set where chance begins, and how many threads compute."""
    tf.random.set_seed(settings.seed)
    if settings.threads:
        with suppress(RuntimeError):  # it can be told only before it has computed anything in this process
            tf.config.threading.set_intra_op_parallelism_threads(settings.threads)


def speak(network: HubNetwork, pieces: Pieces, padding: int) -> np.ndarray:
    """Probabilities of a batch, float32 of shape (n, n_labels)."""
    return np.asarray(network.predict(*(part.astype(np.int32) for part in batching.padded(pieces, padding))).numpy())


def descent(network: HubNetwork, padding: int, labels: np.ndarray, total: int, settings: FitSettings) -> HubDescent:
    """A training of `total` batches on tweets with these labels (n, n_labels)."""
    return HubDescent(network, padding, labels, total, settings)
