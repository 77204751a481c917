"""
The vocabulary in use: during a training the encoder has vectors only for the word pieces that occur.

Of the 30,000 pieces of BERT a few thousand tweets use a third; the rest would cost
a quarter of each step (clearing their gradients, and the optimiser's pass over
them) to stay where they are. What is learnt is the same; the vectors of
pieces that do not occur stay exactly as they were, without weight decay.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn


class VocabularyInUse:
    """Puts a small table of vectors in place of an encoder's own, until `put_back`."""

    def __init__(self, encoder: Any, pieces: Sequence[Sequence[int]], padding: int) -> None:
        """`pieces` are the ids of all texts that the encoder will read; `padding` is an id that stays the same."""
        self.encoder, self.whole = encoder, encoder.get_input_embeddings()
        self.ids = np.union1d(np.arange(padding + 1), np.fromiter((i for row in pieces for i in row), dtype=np.int64))
        rows = self.whole.weight.detach()[torch.from_numpy(self.ids).to(self.whole.weight.device)]
        small = nn.Embedding(len(rows), rows.shape[1], padding_idx=self.whole.padding_idx, _weight=rows)
        encoder.set_input_embeddings(small)

    def translate(self, pieces: Sequence[Sequence[int]]) -> list[list[int]]:
        """The ids in the small table of pieces given by their own ids."""
        return [np.searchsorted(self.ids, row).tolist() for row in pieces]

    def put_back(self) -> None:
        """Give the encoder its whole table again, with what was learnt."""
        learnt = self.encoder.get_input_embeddings().weight.detach()
        with torch.no_grad():
            self.whole.weight[torch.from_numpy(self.ids).to(learnt.device)] = learnt
        self.encoder.set_input_embeddings(self.whole)
