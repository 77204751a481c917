"""
Detects texts that repeat a known text: exactly, nearly, or in other words.

Three tests run, the cheapest first: equality except for hashtags, mentions, links and punctuation; overlap of shingles
(`emoclf.synthetic.minhash`); and cosine similarity of embeddings (`emoclf.synthetic.embeddings`). Every known text is
compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.synthetic.minhash import PLACES, overlaps, signature, signatures
from emoclf.text.twins import twin_key

NEAR = 0.5  # overlap of shingles from which two texts are near duplicates
SAME_MEANING = 0.75  # cosine similarity of the same meaning; 4 % of real tweets have such a neighbour


@dataclass(frozen=True)
class Repeated:
    """A repeated known text: its row, the test that found it, and the similarity."""

    row: int
    test: str  # duplicate, near duplicate or same meaning
    closeness: float


class KnownTexts:
    """The texts that a new one must not repeat; grows as texts are added."""

    def __init__(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """`vectors` are the embeddings of the texts (see `emoclf.synthetic.embeddings`), shape (n, width)."""
        if len(texts) != len(vectors):
            raise ValueError(f"{len(texts)} texts, {len(vectors)} vectors")
        self.n = len(texts)
        self._rows = {twin_key(text): row for row, text in reversed(list(enumerate(texts)))}
        self._signatures, self._vectors = signatures(texts), np.asarray(vectors, dtype=np.float32)

    def repeated(self, text: str, vector: np.ndarray) -> Repeated | None:
        """Return the known text that this one repeats; None if it is new."""
        if (row := self._rows.get(twin_key(text))) is not None:
            return Repeated(row, "duplicate", 1.0)
        if not self.n:
            return None
        overlap = overlaps(self._signatures[: self.n], signature(text))
        if (row := int(overlap.argmax())) is not None and overlap[row] >= NEAR:
            return Repeated(row, "near duplicate", float(overlap[row]))
        row, closeness = self.nearest(vector, self.n)
        return Repeated(row, "same meaning", closeness) if closeness >= SAME_MEANING else None

    def nearest(self, vector: np.ndarray, first: int) -> tuple[int, float]:
        """Return the most similar of the `first` texts and its cosine similarity; `first` is at least 1."""
        cosines = self._vectors[:first] @ vector
        row = int(cosines.argmax())
        return row, float(cosines[row])

    def add(self, text: str, vector: np.ndarray) -> None:
        """Add a text to the known ones."""
        if self.n == len(self._vectors):  # double the capacity, so that adding many texts stays fast
            room = max(64, self.n)
            self._signatures = np.concatenate([self._signatures, np.zeros((room, PLACES), dtype=np.uint32)])
            width = len(vector)
            self._vectors = np.concatenate([self._vectors.reshape(-1, width), np.zeros((room, width), np.float32)])
        self._signatures[self.n], self._vectors[self.n] = signature(text), vector
        self._rows.setdefault(twin_key(text), self.n)
        self.n += 1
