"""
Vectors: texts as points in a space in which those that mean the same lie close together.

The packaged encoder, all-MiniLM-L6-v2, was trained for just this: the mean of
its word vectors, scaled to length one, so that a product is a cosine.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from emoclf.hub.uris import DEFAULT_ENCODER
from emoclf.text.cleaning import clean_lightly

MAX_LENGTH = 64  # word pieces; hardly a tweet has more
BATCH = 64  # texts


class SentenceEncoder:
    """Turns texts into vectors of length one."""

    def __init__(self, network: Any, tokenizer: Any) -> None:
        self.network, self.tokenizer = network, tokenizer

    @classmethod
    def open(cls, uri: str = DEFAULT_ENCODER) -> "SentenceEncoder":
        """Load an encoder; ModelError if it is not there."""
        from emoclf.backends.on_torch.network import from_base
        from emoclf.hub.devices import best_device

        network, tokenizer = from_base(uri, 1)
        return cls(network.to(best_device()).eval(), tokenizer)

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self.network.encoder.config.hidden_size)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of texts, float32 of shape (n, width), in the order given."""
        import torch

        from emoclf.backends import batching
        from emoclf.backends.on_torch.network import mean_of_words
        from emoclf.hub.devices import autocast

        pieces = batching.tokenise(self.tokenizer, [clean_lightly(text) for text in texts], MAX_LENGTH)
        device = next(self.network.parameters()).device
        found = np.zeros((len(pieces), self.width), dtype=np.float32)
        for rows in batching.in_order_of_length([len(piece) for piece in pieces], BATCH):
            ids, mask = (part.to(device) for part in batching.pad([pieces[i] for i in rows], self._padding))
            with torch.inference_mode(), autocast(device):
                words = self.network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            vectors = mean_of_words(words.float(), mask)
            found[rows] = torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()
        return found

    @property
    def _padding(self) -> int:
        return int(self.tokenizer.pad_token_id)
