"""
The `Backend` and `OptimizerLoop` protocols, which the torch and TensorFlow backends implement.

Training is almost the same for all backends: batches, folds, class weights, schedule, thresholds and progress are
shared. Only the number of text variants per step depends on the backend.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from emoclf.backends.batching import TokenIds
from emoclf.backends.settings import FitSettings


class OptimizerLoop(Protocol):
    """The optimizer loop of one training run; the network is trained in place."""

    done: int  # batches so far
    total: int  # batches of the whole run
    rate: float  # the encoder's highest learning rate

    def train_batch(self, token_ids: TokenIds, targets: np.ndarray) -> float:
        """Run one step on the variants of n texts, variant after variant, with targets (n, n_labels); return the loss.

        The disagreement between the variants' predictions is added to the loss.

        Raises
        ------
        EmoclfError : if the loss is not finite, or memory runs out
        """

    def state(self) -> dict[str, np.ndarray]:
        """Return everything that `load_state` needs, by name."""

    def load_state(self, state: Mapping[str, np.ndarray], done: int) -> None:
        """Resume after `done` batches; raise ValueError if the state belongs to another network."""


class Backend(Protocol):
    """A module with these functions; the types of networks and tokenizers are its own."""

    EVERY_VARIANT: bool  # whether a step reads every text variant, or a random one

    def prepare(self, settings: FitSettings) -> None:
        """Set the random seed and the number of threads."""

    def from_base(self, uri: str, n_labels: int) -> tuple[Any, Any]:
        """Return a network with an untrained head, and its tokenizer; raise ModelError if there is none."""

    def from_folder(self, folder: Path, n_labels: int) -> tuple[Any, Any]:
        """Return the network and tokenizer that `write` wrote; raise ModelError if they are missing or damaged."""

    def write(self, network: Any, tokenizer: Any, names: Sequence[str], folder: Path) -> None:
        """Write everything that `from_folder` needs into an empty folder; `names` are the names of the emotions."""

    def size(self, network: Any) -> int:
        """Return the size of the weights in bytes."""

    def predict(self, network: Any, token_ids: TokenIds, padding: int) -> np.ndarray:
        """Return the probabilities of a batch, float32 of shape (n, n_labels)."""

    def optimizer_loop(
        self, network: Any, padding: int, labels: np.ndarray, total: int, settings: FitSettings
    ) -> OptimizerLoop:
        """Return an optimizer loop of `total` batches for tweets with these labels (n, n_labels); `padding` is the
        padding id.
        """
