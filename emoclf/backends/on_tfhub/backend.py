"""
The TensorFlow backend: implements `emoclf.backends.protocol.Backend` with encoders of TensorFlow Hub.
"""

from contextlib import suppress

import numpy as np

from emoclf.backends import batching
from emoclf.backends.batching import TokenIds
from emoclf.backends.on_tfhub.network import HubNetwork, from_base, from_folder, size, write
from emoclf.backends.on_tfhub.optimizer_loop import HubOptimizerLoop
from emoclf.backends.settings import FitSettings
from emoclf.hub.tensorflow_library import tf

EVERY_VARIANT = False  # with all of them, training on two cores would take over a quarter of an hour

__all__ = ["EVERY_VARIANT", "from_base", "from_folder", "optimizer_loop", "predict", "prepare", "size", "write"]


def prepare(settings: FitSettings) -> None:
    """Set the random seed and the number of threads."""
    tf.random.set_seed(settings.seed)
    if settings.threads:
        with suppress(RuntimeError):  # possible only before the first computation of the process
            tf.config.threading.set_intra_op_parallelism_threads(settings.threads)


def predict(network: HubNetwork, token_ids: TokenIds, padding: int) -> np.ndarray:
    """Return the probabilities of a batch, float32 of shape (n, n_labels)."""
    return np.asarray(network.predict(*(part.astype(np.int32) for part in batching.padded(token_ids, padding))).numpy())


def optimizer_loop(
    network: HubNetwork, padding: int, labels: np.ndarray, total: int, settings: FitSettings
) -> HubOptimizerLoop:
    """Return an optimizer loop of `total` batches for tweets with these labels (n, n_labels)."""
    return HubOptimizerLoop(network, padding, labels, total, settings)
