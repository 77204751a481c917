"""
Computes sentence embeddings of texts: similar meanings give similar vectors.

The packaged encoder, all-MiniLM-L6-v2, was trained for this. An embedding is the mean of the word vectors, scaled to
length one, so the dot product is the cosine similarity.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from emoclf.hub.uris import DEFAULT_ENCODER
from emoclf.text.cleaning import clean_lightly

MAX_LENGTH = 64  # token ids; very few tweets have more
BATCH = 64  # texts


class SentenceEncoder:
    """Turns texts into embeddings of length one."""

    def __init__(self, network: Any, tokenizer: Any) -> None:
        self.network, self.tokenizer = network, tokenizer

    @classmethod
    def open(cls, uri: str = DEFAULT_ENCODER) -> "SentenceEncoder":
        """Load an encoder; raise ModelError if it is missing."""
        from emoclf.backends.on_torch.network import from_base
        from emoclf.hub.devices import best_device

        network, tokenizer = from_base(uri, 1)
        return cls(network.to(best_device()).eval(), tokenizer)

    @property
    def width(self) -> int:
        """The number of dimensions of an embedding."""
        return int(self.network.encoder.config.hidden_size)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the embeddings of texts, float32 of shape (n, width), in order."""
        import torch

        from emoclf.backends import batching
        from emoclf.backends.on_torch.network import mean_pooling
        from emoclf.hub.devices import autocast

        pieces = batching.tokenise(self.tokenizer, [clean_lightly(text) for text in texts], MAX_LENGTH)
        device = next(self.network.parameters()).device
        found = np.zeros((len(pieces), self.width), dtype=np.float32)
        for rows in batching.batches_by_length([len(piece) for piece in pieces], BATCH):
            ids, mask = (part.to(device) for part in batching.pad([pieces[i] for i in rows], self._padding))
            with torch.inference_mode(), autocast(device):
                words = self.network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            vectors = mean_pooling(words.float(), mask)
            found[rows] = torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()
        return found

    @property
    def _padding(self) -> int:
        return int(self.tokenizer.pad_token_id)
