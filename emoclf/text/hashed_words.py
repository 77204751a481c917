"""
Represents texts by their words, hashed into a fixed number of columns: texts with the same words are alike.

This finds near-duplicates without a model, in milliseconds; it knows nothing about meaning.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from emoclf.text.cleaning import clean

WIDTH = 512  # columns; two words share one of them now and then


def hashed_words(texts: Sequence[str], width: int = WIDTH) -> np.ndarray:
    """Return a vector of length one for each text, float32 of shape (n, width); zero for a text without words.

    A word counts less the more of the texts have it.

    >>> vectors = hashed_words(["late bus again", "again late #bus", "a quiet evening"])
    >>> (vectors @ vectors.T).round(2).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    found = np.zeros((len(texts), width), dtype=np.float32)
    for row, text in zip(found, texts, strict=True):
        row[[zlib.crc32(word.encode()) % width for word in clean(text).split()]] = 1
    found *= np.log((1 + len(texts)) / (1 + found.sum(axis=0))) + 1
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), dtype=np.float32)
