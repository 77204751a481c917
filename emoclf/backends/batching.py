"""
Tokenizes tweets and groups them into batches of similar length, to minimise padding.

A tweet has 25 word pieces on average; padding each to the maximum length would take about three times as long.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from emoclf.text.cleaning import TEXT_VARIANTS

# Tweets are sorted by length within chunks of this many batches: large enough for little padding, small enough for
# different batches in every epoch.
CHUNK_BATCHES = 16


TokenIds = list[list[int]]  # word-piece ids, one list per text


def tokenise_variants(tokenizer: Any, texts: Sequence[str], names: Sequence[str], max_length: int) -> list[TokenIds]:
    """Return the token ids of each text in each of these text variants (see `emoclf.text.cleaning.TEXT_VARIANTS`)."""
    return [tokenise(tokenizer, [TEXT_VARIANTS[name](text) for text in texts], max_length) for name in names]


def longest_lengths(variants: Sequence[TokenIds]) -> list[int]:
    """Return the length of each text in its longest text variant.

    >>> longest_lengths([[[1], [2, 3]], [[4, 5, 6], [7]]])
    [3, 2]
    """
    return [max(map(len, token_ids)) for token_ids in zip(*variants, strict=True)]


def tokenise(tokenizer: Any, texts: Sequence[str], max_length: int) -> TokenIds:
    """Return the token ids of each text, including special tokens, at most `max_length` of them.

    Special tokens spelled out in a text, such as `[SEP]`, are treated as text.
    """
    if not texts:
        return []
    encoded = tokenizer(list(texts), truncation=True, max_length=max_length, split_special_tokens=True)
    token_ids: TokenIds = encoded["input_ids"]
    return token_ids


def batches_by_length(lengths: Sequence[int], batch_size: int) -> list[np.ndarray]:
    """Return row numbers in batches, the longest texts first, so that a batch too large for memory fails at once.

    >>> [batch.tolist() for batch in batches_by_length([3, 9, 5], 2)]
    [[1, 2], [0]]
    """
    order = np.argsort(-np.asarray(lengths), kind="stable")
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def random_batches(lengths: Sequence[int], batch_size: int, random: np.random.Generator) -> list[np.ndarray]:
    """Return row numbers in random batches of similar lengths, in random order."""
    order = random.permutation(len(lengths))
    size = np.asarray(lengths)
    batches = []
    for start in range(0, len(order), CHUNK_BATCHES * batch_size):
        chunk = order[start : start + CHUNK_BATCHES * batch_size]
        chunk = chunk[np.argsort(size[chunk], kind="stable")]
        batches += [chunk[first : first + batch_size] for first in range(0, len(chunk), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


def random_variant(variants: Sequence[TokenIds], rows: np.ndarray, random: np.random.Generator) -> TokenIds:
    """Return one random variant of each text at `rows`; other epochs use the others."""
    return [
        variants[variant][row]
        for variant, row in zip(random.integers(len(variants), size=len(rows)), rows, strict=True)
    ]


def padded(token_ids: Sequence[Sequence[int]], padding: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids and attention mask of one batch, both int64 (n, longest); `padding` is the padding id.

    >>> [part.tolist() for part in padded([[5, 6], [7]], 0)]
    [[[5, 6], [7, 0]], [[1, 1], [1, 0]]]
    """
    width = max(map(len, token_ids))
    ids = np.array([[*row, *[padding] * (width - len(row))] for row in token_ids])
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in token_ids])
    return ids, mask


def pad(token_ids: Sequence[Sequence[int]], padding: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return `padded` as torch tensors."""
    ids, mask = padded(token_ids, padding)
    return torch.from_numpy(ids), torch.from_numpy(mask)
