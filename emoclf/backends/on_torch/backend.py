"""
The backend for torch: what `emoclf.backends.choice` asks for, done by the network and its descent.
"""

import numpy as np
import torch

from emoclf.backends import batching
from emoclf.backends.batching import Pieces
from emoclf.backends.on_torch.network import EmotionNetwork, from_base, from_folder, size, write
from emoclf.backends.on_torch.optimizer_loop import Descent
from emoclf.backends.settings import FitSettings
from emoclf.hub.devices import autocast, best_device

EVERY_VIEW = True  # is read at each step

__all__ = ["EVERY_VIEW", "descent", "from_base", "from_folder", "prepare", "size", "speak", "write"]


def prepare(settings: FitSettings) -> None:
    """Set where chance begins, and how many threads compute."""
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)


def speak(network: EmotionNetwork, pieces: Pieces, padding: int) -> np.ndarray:
    """Probabilities of a batch, float32 of shape (n, n_labels)."""
    device = best_device()
    network.to(device).eval()
    ids, mask = batching.pad(pieces, padding)
    with torch.inference_mode(), autocast(device):
        logits = network(ids.to(device), mask.to(device))
    return np.asarray(torch.sigmoid(logits.float()).cpu().numpy())


def descent(network: EmotionNetwork, padding: int, labels: np.ndarray, total: int, settings: FitSettings) -> Descent:
    """A training of `total` batches on tweets with these labels (n, n_labels)."""
    begun = Descent(network, padding, total, settings)
    begun.loss = begun.loss_for(labels)
    return begun
