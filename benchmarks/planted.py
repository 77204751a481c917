"""
Planted errors: E-c train tweets with labels made wrong on purpose, and what BERT says of each after learning from them.

Three kinds. Flipped: label cells turned over at random, each for itself. Swapped:
two tweets that resemble each other (TF-IDF) trade their labels, so that every
row is one that people gave, to a tweet of much the same words; it is harder.
Misplaced: one tweet in five gets the labels of another, whatever it says.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks import ec
from emoclf import splits
from emoclf.text import VIEWS
from emoclf.tweets import LabelledTexts

CELLS = 0.05  # of label cells that are made wrong
MISPLACED = 0.2  # of tweets that get another one's labels
NEIGHBOURS = 10  # among which a partner to swap with is looked for
QUICK = 1200  # tweets


@dataclass(frozen=True)
class Planted:
    """Tweets with wrong labels among them."""

    tweets: LabelledTexts  # their labels are the corrupted ones
    truth: np.ndarray  # the labels as they came, shape (n, 11)
    probabilities: np.ndarray  # BERT's, out of fold, trained on the corrupted labels

    @property
    def wrong(self) -> np.ndarray:
        """Whether a cell was made wrong, shape (n, 11)."""
        return self.tweets.labels != self.truth


def flip(tweets: LabelledTexts, random: np.random.Generator) -> np.ndarray:
    """The labels with `CELLS` of the cells turned over, chosen at random."""
    return np.where(random.random(tweets.labels.shape) < CELLS, 1 - tweets.labels, tweets.labels).astype(np.int8)


def swap(tweets: LabelledTexts, random: np.random.Generator) -> np.ndarray:
    """The labels after pairs of similar tweets, no twins, have traded theirs, until `CELLS` of the cells are wrong."""
    near, labels = _neighbours(tweets.texts), tweets.labels.copy()
    waiting, wrong = np.ones(len(tweets), dtype=bool), 0
    for row in random.permutation(len(tweets)):
        if wrong >= CELLS * labels.size:
            break
        differs = (tweets.labels[near[row]] != tweets.labels[row]).any(axis=1)
        strangers = np.array([tweets.groups[other] != tweets.groups[row] for other in near[row]])
        partners = near[row][differs & strangers & waiting[near[row]]]
        if waiting[row] and len(partners):
            labels[[row, partners[0]]] = labels[[partners[0], row]]
            waiting[[row, partners[0]]] = False
            wrong += 2 * int((tweets.labels[row] != tweets.labels[partners[0]]).sum())
    return labels


def misplace(tweets: LabelledTexts, random: np.random.Generator) -> np.ndarray:
    """The labels after `MISPLACED` of the tweets have each got those of another that has others."""
    labels = tweets.labels.copy()
    for row in random.permutation(len(labels))[: round(MISPLACED * len(labels))]:
        others = np.flatnonzero((tweets.labels != tweets.labels[row]).any(axis=1))
        labels[row] = tweets.labels[random.choice(others)]
    return labels


KINDS: dict[str, Callable[[LabelledTexts, np.random.Generator], np.ndarray]] = {
    "flipped at random": flip,
    "swapped between similar tweets": swap,
    "misplaced": misplace,
}


def plant(kind: str, quick: bool, seed: int = 0) -> Planted:
    """E-c train with errors of a kind; quick: fewer tweets, and a bag of words in BERT's place."""
    tweets = ec.train_without_twins_of_dev()
    if quick:
        tweets = tweets.take(np.arange(QUICK))
    corrupted = replace(tweets, labels=KINDS[kind](tweets, np.random.default_rng(seed)))
    found = bag_of_words(corrupted) if quick else ec.out_of_fold(corrupted)
    return Planted(corrupted, tweets.labels, found)


def bag_of_words(tweets: LabelledTexts) -> np.ndarray:
    """Out-of-fold probabilities of a logistic regression on words: a minute's stand-in for BERT."""
    from sklearn.linear_model import LogisticRegression

    words, found = _words(tweets.texts), np.zeros(tweets.labels.shape)
    fold_of = splits.folds(tweets.labels, tweets.groups, 4, seed=0)
    for fold in range(4):
        held_out = fold_of == fold
        for j, labels in enumerate(tweets.labels.T):
            model = LogisticRegression(C=10, solver="liblinear").fit(words[~held_out], labels[~held_out])
            found[held_out, j] = model.predict_proba(words[held_out])[:, 1]
    return found


def _neighbours(texts: list[str]) -> np.ndarray:
    """The rows of the `NEIGHBOURS` most similar texts of each, the nearest first, shape (n, NEIGHBOURS)."""
    from sklearn.neighbors import NearestNeighbors

    words = _words(texts)
    near = NearestNeighbors(n_neighbors=NEIGHBOURS + 1, metric="cosine").fit(words).kneighbors(words)[1]
    return np.array([[other for other in row if other != i][:NEIGHBOURS] for i, row in enumerate(near)])


def _words(texts: list[str]) -> Any:
    """TF-IDF of words and pairs of words, a sparse matrix."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, preprocessor=VIEWS["cleaned"]).fit_transform(texts)
