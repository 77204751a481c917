"""
The trained classifier: a BERT encoder with one probability per emotion, with predict, save and load.

A saved classifier is a folder of safetensors and JSON, or of a SavedModel and JSON for TensorFlow (no pickle). It is
also a checkpoint: `dir:FOLDER` names it as the encoder of a further training.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.backends import batching, choice
from emoclf.backends.batching import TokenIds
from emoclf.backends.on_torch import backend as on_torch
from emoclf.backends.on_torch.network import WEIGHTS, clear_errors
from emoclf.backends.protocol import Backend
from emoclf.errors import ModelError
from emoclf.files.folders import atomic_folder
from emoclf.hub.handles import is_saved_model
from emoclf.labels import EMOTIONS, LabelSet
from emoclf.progress import Progress, Work
from emoclf.text.cleaning import TEXT_VARIANTS

CARD = "classifier.json"


@dataclass
class Classifier:
    """A trained network with everything needed to use it."""

    network: Any  # of the backend's type
    tokenizer: Any
    base: str  # the URI of the encoder that training started from
    thresholds: np.ndarray  # shape (n_labels,): an emotion is predicted from this probability upwards
    max_length: int  # word pieces
    label_set: LabelSet = EMOTIONS
    text_variant: str = "cleaned"  # the text variant that it reads, see `emoclf.text.cleaning.TEXT_VARIANTS`
    settings: dict[str, Any] = field(default_factory=dict)  # of the training, JSON values
    backend: Backend = on_torch  # computes the network

    def tokenise(self, texts: Sequence[str]) -> TokenIds:
        """Return the token ids of raw texts."""
        return batching.tokenise(
            self.tokenizer, [TEXT_VARIANTS[self.text_variant](text) for text in texts], self.max_length
        )

    def probabilities(self, texts: Sequence[str], batch_size: int = 32) -> Work[np.ndarray]:
        """Return probabilities of raw texts, float32 of shape (n, n_labels), in order.

        Yields after each batch; the batches are sorted from long texts to short ones.
        """
        return self.probabilities_of(self.tokenise(texts), batch_size)

    def probabilities_of(self, token_ids: TokenIds, batch_size: int = 32) -> Work[np.ndarray]:
        """Return probabilities as `probabilities` does, for token ids from `tokenise`."""
        found = np.zeros((len(token_ids), len(self.label_set)), dtype=np.float32)
        done = 0
        for rows in batching.batches_by_length([len(ids) for ids in token_ids], batch_size):
            batch = [token_ids[i] for i in rows]
            found[rows] = self.backend.predict(self.network, batch, self.tokenizer.pad_token_id)
            done += len(rows)
            yield Progress(done, len(token_ids), f"{done} of {len(token_ids)} tweets")
        return found

    def labels(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the emotions at or above their thresholds, int8 of shape (n, n_labels)."""
        return (probabilities >= self.thresholds).astype(np.int8)

    def save(self, folder: Path) -> None:
        """Save the classifier to `folder` atomically; an existing folder is replaced.

        Raises
        ------
        ModelError : if the disk is full or not writable
        """
        with atomic_folder(Path(folder), self.backend.size(self.network)) as unfinished:
            self._write(unfinished)

    def _write(self, folder: Path) -> None:
        self.backend.write(self.network, self.tokenizer, self.label_set.names, folder)
        card = {
            "labels": list(self.label_set.names),
            "thresholds": [float(threshold) for threshold in self.thresholds],
            "base": self.base,
            "max_length": self.max_length,
            "view": self.text_variant,
            "settings": self.settings,
        }
        (folder / CARD).write_text(json.dumps(card, indent=2), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Classifier":
        """Load a classifier that `save` wrote.

        Raises
        ------
        ModelError : if the folder is missing, has no weights, or contains a damaged file
        """
        card = _read_card(Path(folder))
        label_set = LabelSet(tuple(card["labels"]))
        backend = choice.backend_of_folder(Path(folder))
        network, tokenizer = backend.from_folder(Path(folder), len(label_set))
        return cls(
            network=network,
            tokenizer=tokenizer,
            base=card["base"],
            thresholds=np.array(card["thresholds"]),
            max_length=card["max_length"],
            label_set=label_set,
            text_variant=_text_variant_of(card),
            settings=card["settings"],
            backend=backend,
        )


def _read_card(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ModelError(f"there is no classifier in {folder}; train one")
    for name in (CARD, WEIGHTS):
        if not (folder / name).is_file() and not (name == WEIGHTS and is_saved_model(folder)):
            raise ModelError(f"{folder} has no {name}, so it is not a saved classifier; train one again")
    with clear_errors(str(folder / CARD)):
        card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if missing := {"labels", "thresholds", "base", "max_length", "settings"} - card.keys():
            raise ValueError(f"missing {', '.join(sorted(missing))}")
        if len(card["labels"]) != len(card["thresholds"]):
            raise ValueError(f"{len(card['labels'])} labels, {len(card['thresholds'])} thresholds")
    return card


def _text_variant_of(card: dict[str, Any]) -> str:
    """Return the text variant that a classifier reads; early versions had only cleaned texts, later ones several
    variants.

    Raises
    ------
    ModelError : if it reads more than one, which is no longer supported
    """
    if len(card.get("views", [])) > 1:
        raise ModelError(
            f"this classifier reads {len(card['views'])} text variants of each tweet, which this version no longer "
            "does; train it again"
        )
    return str(card.get("view") or card.get("views", ["cleaned"])[0])
