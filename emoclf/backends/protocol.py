"""
The protocol of a backend: what a library that computes a classifier's network has to offer.

What a training is hardly depends on the library: batches, folds, class weights,
schedule, thresholds and progress are the same for all. Only how many views of
a text a step reads is a backend's own.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from emoclf.backends.batching import TokenIds
from emoclf.backends.settings import FitSettings


class OptimizerLoop(Protocol):
    """A network under training, with its optimiser; the network is trained in place."""

    done: int  # batches
    total: int  # batches there will be
    rate: float  # the encoder's highest learning rate

    def learn(self, token_ids: TokenIds, targets: np.ndarray) -> float:
        """One step on one or several views of n texts, view after view, with targets (n, n_labels); its loss.

        What the views make the network say differently is added to the loss.

        Raises
        ------
        EmoclfError : if the loss is no number any more, or memory runs out
        """

    def state(self) -> dict[str, np.ndarray]:
        """All that `load_state` needs, by name."""

    def load_state(self, state: Mapping[str, np.ndarray], done: int) -> None:
        """Go on as after `done` batches; ValueError if the state is another network's."""


class Backend(Protocol):
    """A module with these functions; networks and tokenizers are its own."""

    EVERY_VARIANT: bool  # whether a step reads every view of a text, or one by chance

    def prepare(self, settings: FitSettings) -> None:
        """Set where chance begins, and how many threads compute."""

    def from_base(self, uri: str, n_labels: int) -> tuple[Any, Any]:
        """A network with an untrained head, and its tokenizer; ModelError where there is none to use."""

    def from_folder(self, folder: Path, n_labels: int) -> tuple[Any, Any]:
        """The network and tokenizer that `write` wrote; ModelError where they are missing or damaged."""

    def write(self, network: Any, tokenizer: Any, names: Sequence[str], folder: Path) -> None:
        """Write all that `from_folder` needs into an empty folder; `names` are those of the emotions."""

    def size(self, network: Any) -> int:
        """How many bytes the weights take."""

    def predict(self, network: Any, token_ids: TokenIds, padding: int) -> np.ndarray:
        """Probabilities of a batch, float32 of shape (n, n_labels)."""

    def optimizer_loop(
        self, network: Any, padding: int, labels: np.ndarray, total: int, settings: FitSettings
    ) -> OptimizerLoop:
        """A training of `total` batches on tweets with these labels (n, n_labels); `padding` fills short texts."""
