"""
Measures how far originals, LLM and BERT agree per emotion, and lists the tweets on which two of them differ.

An LLM's labels depend on calibrations fitted on the original labels of train tweets, so on these tweets it would agree
with the originals too well. Here the labels of a train tweet come from a calibration that was fitted on neither the
tweet nor its twins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from db.queue_items import all_items, queue_items
from db.store import Store
from db.values import QueueItem
from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import is_yes_no
from emoclf.metrics import calibration
from emoclf.metrics.calibration import Calibration
from emoclf.metrics.source_agreement import NO_VALUE, SourceAgreement, agreements, differs
from emoclf.review.seeded_draws import seeded_sample
from jobs.doubts.ranking import Calibrations

SOURCES = ("original", "LLM", "BERT")
FOLDS, FITTED_ON = 5, 5_000  # number of folds; maximum number of tweets used to fit one calibration
PAIRS = tuple(combinations(SOURCES, 2))
Pair = tuple[str, str]


@dataclass(frozen=True)
class SourceLabels:
    """The labels of each source for the tweets of a split, most doubtful first; row i of every array is tweet i."""

    ids: np.ndarray  # shape (n,)
    labels: Mapping[str, np.ndarray]  # by source, shape (n, 11): 0 or 1, `NO_VALUE` if there are none

    def agreements(self, pair: Pair) -> list[SourceAgreement]:
        """The agreement of two sources for each emotion, in `EMOTIONS` order."""
        return agreements(self.labels[pair[0]], self.labels[pair[1]])

    def differing(self, pair: Pair, emotion: str) -> list[int]:
        """The rows of the tweets on which two sources differ about an emotion."""
        j = EMOTIONS.names.index(emotion)
        found = differs(self.labels[pair[0]][:, j], self.labels[pair[1]][:, j])
        return [int(row) for row in np.flatnonzero(found)]


@dataclass(frozen=True)
class DifferingTweet:
    """A tweet on which sources differ, with each source's labels."""

    key: str
    text: str
    labels: Mapping[str, frozenset[str]]  # by source


def source_labels(store: Store, calibrations: Calibrations, split: str) -> SourceLabels:
    """Read the labels of each source for the tweets of a split."""
    ids: list[int] = []
    doubts, rows, fitted_on = [], [], _FittedOn({})
    with store.reading() as session:
        for items in all_items(session, split):
            fitted_on.add(items, calibrations, first=len(ids))
            ids += [item.tweet_id for item in items]
            doubts += [item.doubt for item in items]
            rows.append(_rows(items, calibrations))
    everything = np.concatenate([np.zeros((0, len(SOURCES), len(EMOTIONS)), dtype=np.int8), *rows])
    fitted_on.label(everything)
    order = np.argsort(-np.array(doubts), kind="stable")
    everything = everything[order]
    labels = {source: everything[:, i] for i, source in enumerate(SOURCES)}
    return SourceLabels(np.array(ids, dtype=int)[order], labels)


def differences(store: Store, known: SourceLabels, pair: Pair, emotion: str, limit: int) -> list[DifferingTweet]:
    """The most doubtful tweets on which two sources differ about an emotion, at most `limit`."""
    rows = known.differing(pair, emotion)[:limit]
    with store.reading() as session:
        items = {item.tweet_id: item for item in queue_items(session, known.ids[rows].tolist())}
    found = [(row, items[int(known.ids[row])]) for row in rows if int(known.ids[row]) in items]
    return [
        DifferingTweet(item.key, item.text, {s: EMOTIONS.decode(known.labels[s][[row]])[0] for s in pair})
        for row, item in found
    ]


@dataclass
class _FittedOn:
    """The tweets that calibrations were fitted on, by engine and prompt version."""

    rows: dict[tuple[str, str], list[tuple[int, Sequence[float], str]]]  # row of the tweet, probabilities, twin group

    def add(self, items: Sequence[QueueItem], calibrations: Calibrations, first: int) -> None:
        """Collect the tweets that a calibration was fitted on; the first tweet has the row `first`."""
        for row, item in enumerate(items, first):
            one = item.suggestion
            if one is None or item.original is None or item.split != "train" or is_yes_no(one.prompt_version):
                continue
            if (key := (one.engine, one.prompt_version)) in calibrations.fitted:
                self.rows.setdefault(key, []).append((row, one.probabilities, item.twin_group))

    def label(self, everything: np.ndarray) -> None:
        """Replace the LLM labels of these tweets with cross-fitted ones, in place; shape (n, 3, 11)."""
        for found in self.rows.values():
            rows, raw, groups = zip(*found, strict=True)
            originals = everything[list(rows), SOURCES.index("original")].astype(int)
            everything[list(rows), SOURCES.index("LLM")] = _unfitted(np.array(raw), originals, groups)


def _unfitted(raw: np.ndarray, originals: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Labels (n, 11) from calibrations fitted on the other folds; twin groups are assigned to folds at random."""
    fold_of_group = {group: i % FOLDS for i, group in enumerate(seeded_sample(set(groups), "fold", len(groups)))}
    fold_of = np.array([fold_of_group[group] for group in groups])
    return calibration.cross_fitted(raw, originals, fold_of, _fit)[1]


def _fit(raw: np.ndarray, originals: np.ndarray) -> Calibration:
    """As `fit_jointly`, on a limited number of tweets, so that the page does not wait long."""
    step = 1 + len(raw) // FITTED_ON
    return calibration.fit_jointly(raw[::step], originals[::step])


def _rows(items: Iterable[QueueItem], calibrations: Calibrations) -> np.ndarray:
    """The labels of the three sources for each tweet, shape (n, 3, 11)."""
    chosen = [
        (
            item.original,
            calibrations.of(item.suggestion)[1] if item.suggestion else None,
            item.prediction.labels if item.prediction else None,
        )
        for item in items
    ]
    encoded = EMOTIONS.encode([labels or () for three in chosen for labels in three]).astype(np.int8)
    encoded[[labels is None for three in chosen for labels in three]] = NO_VALUE
    return encoded.reshape(-1, len(SOURCES), len(EMOTIONS))
