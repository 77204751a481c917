"""
Agreeing: what the originals, the LLM and BERT say of the same tweets, and the tweets on which two of them differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from db import queries
from db.store import Store
from db.values import QueueItem
from emoclf.agreement import SILENT, Agreement, agreements, differs
from emoclf.labels import EMOTIONS
from jobs.doubts import Calibrations

SOURCES = ("original", "Qwen", "BERT")
PAIRS = tuple(combinations(SOURCES, 2))
Pair = tuple[str, str]


@dataclass(frozen=True)
class Said:
    """What each source says of the tweets of a split, the most doubtful first; row i of every array is tweet i."""

    ids: np.ndarray  # shape (n,)
    labels: Mapping[str, np.ndarray]  # by source, shape (n, 11): 0 or 1, `SILENT` where it has not spoken

    def agreements(self, pair: Pair) -> list[Agreement]:
        """How far two sources agree on each emotion, in `EMOTIONS` order."""
        return agreements(self.labels[pair[0]], self.labels[pair[1]])

    def differing(self, pair: Pair, emotion: str) -> list[int]:
        """The rows of the tweets on which two sources differ about an emotion."""
        j = EMOTIONS.names.index(emotion)
        found = differs(self.labels[pair[0]][:, j], self.labels[pair[1]][:, j])
        return [int(row) for row in np.flatnonzero(found)]


@dataclass(frozen=True)
class Difference:
    """A tweet on which sources differ, with the labels that each gives it."""

    key: str
    text: str
    labels: Mapping[str, frozenset[str]]  # by source


def said(store: Store, calibrations: Calibrations, split: str) -> Said:
    """What the sources say of the tweets of a split."""
    ids, doubts, rows = [], [], []
    with store.reading() as session:
        for items in queries.all_items(session, split):
            ids += [item.tweet_id for item in items]
            doubts += [item.doubt for item in items]
            rows.append(_rows(items, calibrations))
    order = np.argsort(-np.array(doubts), kind="stable")
    everything = np.concatenate([np.zeros((0, len(SOURCES), len(EMOTIONS)), dtype=np.int8), *rows])[order]
    labels = {source: everything[:, i] for i, source in enumerate(SOURCES)}
    return Said(np.array(ids, dtype=int)[order], labels)


def differences(store: Store, said: Said, pair: Pair, emotion: str, limit: int) -> list[Difference]:
    """The most doubtful tweets on which two sources differ about an emotion, at most `limit` of them."""
    rows = said.differing(pair, emotion)[:limit]
    with store.reading() as session:
        items = {item.tweet_id: item for item in queries.queue_items(session, said.ids[rows].tolist())}
    found = [(row, items[int(said.ids[row])]) for row in rows if int(said.ids[row]) in items]
    return [
        Difference(item.key, item.text, {s: EMOTIONS.decode(said.labels[s][[row]])[0] for s in pair})
        for row, item in found
    ]


def _rows(items: Iterable[QueueItem], calibrations: Calibrations) -> np.ndarray:
    """Shape (n, 3, 11): what the sources say of each tweet."""
    chosen = [
        (
            item.original,
            calibrations.of(item.suggestion)[1] if item.suggestion else None,
            item.prediction.labels if item.prediction else None,
        )
        for item in items
    ]
    encoded = EMOTIONS.encode([labels or () for three in chosen for labels in three]).astype(np.int8)
    encoded[[labels is None for three in chosen for labels in three]] = SILENT
    return encoded.reshape(-1, len(SOURCES), len(EMOTIONS))
