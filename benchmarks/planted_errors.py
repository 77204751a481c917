"""
Plants label errors in E-c train tweets and returns a model's out-of-fold predictions after training on them.

There are three kinds of errors. Flipped: random label cells are inverted independently. Swapped: two similar tweets
(TF-IDF) exchange their labels, so every row is a real annotation of a tweet with similar words, which is harder to
detect. Misplaced: one tweet in five gets the labels of an arbitrary other tweet.

BERT takes minutes per epoch on a small machine, so benchmarks that compare many plantings use a stand-in: logistic
regressions on frozen embeddings of the packaged encoder, out of fold, with twins in one fold. It is weaker than BERT,
and is fitted in the same way to the labels with their errors.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks import ec
from emoclf.metrics.calibration import log_odds, ridge_logistic, sigmoid
from emoclf.text.cleaning import TEXT_VARIANTS
from emoclf.training import splits
from emoclf.tweets import LabelledTexts

CELLS = 0.05  # of label cells that are made wrong
MISPLACED = 0.2  # of tweets that get another one's labels
NEIGHBOURS = 10  # candidates for a swap
QUICK = 600  # tweets
FOLDS = 4
RIDGE = 300.0  # ridge on the weights, chosen by the log loss of the original labels


@dataclass(frozen=True)
class PlantedErrors:
    """Tweets with planted wrong labels."""

    tweets: LabelledTexts  # with the corrupted labels
    truth: np.ndarray  # the labels before corruption, shape (n, 11)
    probabilities: np.ndarray  # out of fold, of a model that learned from the corrupted labels

    @property
    def wrong(self) -> np.ndarray:
        """Whether a cell was made wrong, shape (n, 11)."""
        return self.tweets.labels != self.truth


def flip(tweets: LabelledTexts, random: np.random.Generator, share: float = CELLS) -> np.ndarray:
    """Return the labels with a random share of the cells flipped."""
    return np.where(random.random(tweets.labels.shape) < share, 1 - tweets.labels, tweets.labels).astype(np.int8)


def swap(tweets: LabelledTexts, random: np.random.Generator) -> np.ndarray:
    """Swap the labels of similar tweets that are not twins, until `CELLS` of the cells are wrong."""
    neighbours, labels = _neighbours(tweets.texts), tweets.labels.copy()
    is_unswapped, wrong = np.ones(len(tweets), dtype=bool), 0
    for row in random.permutation(len(tweets)):
        if wrong >= CELLS * labels.size:
            break
        differs = (tweets.labels[neighbours[row]] != tweets.labels[row]).any(axis=1)
        foreign_requests = np.array([tweets.groups[other] != tweets.groups[row] for other in neighbours[row]])
        partners = neighbours[row][differs & foreign_requests & is_unswapped[neighbours[row]]]
        if is_unswapped[row] and len(partners):
            labels[[row, partners[0]]] = labels[[partners[0], row]]
            is_unswapped[[row, partners[0]]] = False
            wrong += 2 * int((tweets.labels[row] != tweets.labels[partners[0]]).sum())
    return labels


def misplace(tweets: LabelledTexts, random: np.random.Generator, share: float = MISPLACED) -> np.ndarray:
    """Return the labels after a share of the tweets each got those of another tweet with different ones."""
    labels = tweets.labels.copy()
    for row in random.permutation(len(labels))[: round(share * len(labels))]:
        others = np.flatnonzero((tweets.labels != tweets.labels[row]).any(axis=1))
        labels[row] = tweets.labels[random.choice(others)]
    return labels


KINDS: dict[str, Callable[[LabelledTexts, np.random.Generator], np.ndarray]] = {
    "flipped at random": flip,
    "swapped between similar tweets": swap,
    "misplaced": misplace,
}


def plant(kind: str, quick: bool, seed: int = 0, bert: bool = False) -> PlantedErrors:
    """Return E-c train with errors of a kind, and predictions of the stand-in or BERT; quick: fewer tweets."""
    tweets = ec.train_without_twins_of_dev()
    if quick:
        tweets = tweets.take(np.arange(QUICK))
    corrupted = replace(tweets, labels=KINDS[kind](tweets, np.random.default_rng(seed)))
    if bert:
        return PlantedErrors(corrupted, tweets.labels, ec.out_of_fold(corrupted))
    fold_of = splits.folds(corrupted.labels, corrupted.groups, FOLDS, seed=0)
    return PlantedErrors(
        corrupted, tweets.labels, predict_from_embeddings(embeddings(tweets, "train"), corrupted.labels, fold_of)
    )


def embeddings(tweets: LabelledTexts, name: str) -> np.ndarray:
    """Return the packaged encoder's embeddings of the tweets, scaled to unit variance, shape (n, 384); cached in a
    file.
    """
    from emoclf.synthetic.embeddings import SentenceEncoder

    file = ec.CACHE / f"vectors-{name}-{len(tweets)}.npy"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, SentenceEncoder.open().encode(tweets.texts))
    found = np.load(file).astype(float)
    return np.asarray(found * np.sqrt(found.shape[1]))


def predict_from_embeddings(x: np.ndarray, labels: np.ndarray, fold_of: np.ndarray) -> np.ndarray:
    """Return out-of-fold probabilities (n, n_labels) of logistic regressions on embeddings, all labels at once."""
    found = np.zeros(labels.shape)
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        found[held_out] = sigmoid(regress(x[~held_out], labels[~held_out])(x[held_out]))
    return found


def regress(x: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Fit a logistic regression per label with ridge `RIDGE`; return the function from embeddings to log-odds."""
    from scipy.optimize import minimize

    design, shape = np.column_stack([x, np.ones(len(x))]), (x.shape[1] + 1, labels.shape[1])
    ridge = np.full((shape[0], 1), RIDGE)
    ridge[-1] = 0

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(shape)
        odds = design @ weights
        cross_entropy = np.logaddexp(0, odds) - labels * odds
        gradient = design.T @ (sigmoid(odds) - labels) + ridge * weights
        return float(cross_entropy.sum() + (ridge * weights**2).sum() / 2), gradient.ravel()

    flat = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    return lambda other: np.column_stack([other, np.ones(len(other))]) @ flat.reshape(shape)


def drawn_labels(x: np.ndarray, tweets: LabelledTexts, fold_of: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return error-free labels, drawn from a model of the real ones: a chain of regressions, shape (n, n_labels).

    Each label depends on the embeddings, through the out-of-fold log-odds of all labels, and on the labels drawn before
    it.
    """
    odds, random = log_odds(predict_from_embeddings(x, tweets.labels, fold_of), 1e-4), np.random.default_rng(seed)
    found = np.zeros_like(tweets.labels)
    for j in range(tweets.labels.shape[1]):
        real, drawn = (np.hstack([odds, labels[:, :j]]) for labels in (tweets.labels, found))
        size = real.shape[1]
        weights, intercept = ridge_logistic(real, tweets.labels[:, j].astype(float), np.zeros(size), np.ones(size))
        found[:, j] = random.random(len(found)) < sigmoid(drawn @ weights + intercept)
    return found


def bag_of_words(tweets: LabelledTexts) -> np.ndarray:
    """Return out-of-fold probabilities of a logistic regression on words: a stand-in for BERT that takes a minute."""
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
    """Return the rows of the `NEIGHBOURS` most similar texts of each, the nearest first, shape (n, NEIGHBOURS)."""
    from sklearn.neighbors import NearestNeighbors

    words = _words(texts)
    neighbours = NearestNeighbors(n_neighbors=NEIGHBOURS + 1, metric="cosine").fit(words).kneighbors(words)[1]
    return np.array([[other for other in row if other != i][:NEIGHBOURS] for i, row in enumerate(neighbours)])


def _words(texts: list[str]) -> Any:
    """Return TF-IDF of words and pairs of words, a sparse matrix."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, preprocessor=TEXT_VARIANTS["cleaned"]).fit_transform(
        texts
    )
