"""
Batches of tweets of like length, so that little of the work goes into padding.

A tweet has 25 word pieces on average; padding each to the longest possible one
costs about three times the time.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from emoclf.text.cleaning import VIEWS

# Tweets are sorted by length within a stretch of this many batches: long enough for little
# padding, short enough that batches are different in every epoch.
STRETCH = 16


TokenIds = list[list[int]]  # word-piece ids, text by text


def views(tokenizer: Any, texts: Sequence[str], names: Sequence[str], max_length: int) -> list[TokenIds]:
    """The word pieces of each text in each of these views of `emoclf.text.cleaning.VIEWS`."""
    return [tokenise(tokenizer, [VIEWS[name](text) for text in texts], max_length) for name in names]


def longest(views: Sequence[TokenIds]) -> list[int]:
    """The length of each text in the longest of its views.

    >>> longest([[[1], [2, 3]], [[4, 5, 6], [7]]])
    [3, 2]
    """
    return [max(map(len, token_ids)) for token_ids in zip(*views, strict=True)]


def tokenise(tokenizer: Any, texts: Sequence[str], max_length: int) -> TokenIds:
    """The word pieces of each text as ids, special tokens included, at most `max_length` of them.

    What looks like a special token in a text, such as `[SEP]`, is text.
    """
    if not texts:
        return []
    read = tokenizer(list(texts), truncation=True, max_length=max_length, split_special_tokens=True)
    token_ids: TokenIds = read["input_ids"]
    return token_ids


def in_order_of_length(lengths: Sequence[int], batch_size: int) -> list[np.ndarray]:
    """Row numbers batch by batch, the longest first: a batch that does not fit in memory fails at once.

    >>> [batch.tolist() for batch in in_order_of_length([3, 9, 5], 2)]
    [[1, 2], [0]]
    """
    order = np.argsort(-np.asarray(lengths), kind="stable")
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def shuffled(lengths: Sequence[int], batch_size: int, random: np.random.Generator) -> list[np.ndarray]:
    """Row numbers batch by batch: random batches in random order, yet like lengths together."""
    order = random.permutation(len(lengths))
    size = np.asarray(lengths)
    batches = []
    for start in range(0, len(order), STRETCH * batch_size):
        stretch = order[start : start + STRETCH * batch_size]
        stretch = stretch[np.argsort(size[stretch], kind="stable")]
        batches += [stretch[at : at + batch_size] for at in range(0, len(stretch), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


def one_variant(views: Sequence[TokenIds], rows: np.ndarray, random: np.random.Generator) -> TokenIds:
    """Of each text at `rows` one of its views, by chance: the other one comes up in another epoch."""
    return [views[view][row] for view, row in zip(random.integers(len(views), size=len(rows)), rows, strict=True)]


def padded(token_ids: Sequence[Sequence[int]], padding: int) -> tuple[np.ndarray, np.ndarray]:
    """Ids and attention mask of one batch, both int64 (n, longest); `padding` is the id that fills.

    >>> [part.tolist() for part in padded([[5, 6], [7]], 0)]
    [[[5, 6], [7, 0]], [[1, 1], [1, 0]]]
    """
    longest = max(map(len, token_ids))
    ids = np.array([[*row, *[padding] * (longest - len(row))] for row in token_ids])
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in token_ids])
    return ids, mask


def pad(token_ids: Sequence[Sequence[int]], padding: int) -> tuple[torch.Tensor, torch.Tensor]:
    """As `padded`, for torch."""
    ids, mask = padded(token_ids, padding)
    return torch.from_numpy(ids), torch.from_numpy(mask)
