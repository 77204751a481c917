"""
The torch backend: implements `emoclf.backends.protocol.Backend` with encoders of transformers.
"""

import numpy as np
import torch

from emoclf.backends import batching
from emoclf.backends.batching import TokenIds
from emoclf.backends.on_torch.network import EmotionNetwork, from_base, from_folder, size, write
from emoclf.backends.on_torch.optimizer_loop import OptimizerLoop
from emoclf.backends.settings import FitSettings
from emoclf.hub.devices import autocast, best_device

EVERY_VARIANT = True  # each step reads all of them

__all__ = ["EVERY_VARIANT", "from_base", "from_folder", "optimizer_loop", "predict", "prepare", "size", "write"]


def prepare(settings: FitSettings) -> None:
    """Set the random seed and the number of threads."""
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)


def predict(network: EmotionNetwork, token_ids: TokenIds, padding: int) -> np.ndarray:
    """Return the probabilities of a batch, float32 of shape (n, n_labels)."""
    device = best_device()
    network.to(device).eval()
    ids, mask = batching.pad(token_ids, padding)
    with torch.inference_mode(), autocast(device):
        logits = network(ids.to(device), mask.to(device))
    return np.asarray(torch.sigmoid(logits.float()).cpu().numpy())


def optimizer_loop(
    network: EmotionNetwork, padding: int, labels: np.ndarray, total: int, settings: FitSettings
) -> OptimizerLoop:
    """Return an optimizer loop of `total` batches for tweets with these labels (n, n_labels)."""
    loop = OptimizerLoop(network, padding, total, settings)
    loop.loss = loop.loss_for(labels)
    return loop
