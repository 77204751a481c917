"""
The orders in which `benchmarks.active` labels tweets: ours, those it is compared with, and one that knows the labels.

Adaptive active learning is that of small-text, CVIRS that of its paper. small-text's CVIRS differs: it uses the Hamming
distance in place of the entropy distance, the tweet at each rank in place of the rank of each tweet, and the sum of the
other emotions' probabilities in place of the margin. It is called from the package, if that is installed (`pip install
small-text==2.0.0.dev4`, MIT licence), and left out otherwise.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.review.labelling_order import labelling_order

RARE = ("trust", "surprise", "anticipation", "pessimism")
RARE_COLUMNS = [EMOTIONS.names.index(emotion) for emotion in RARE]
RANDOM, OURS, KNOWING = "random", "ours", "rare emotions first (knows the labels)"


@dataclass(frozen=True)
class Pool:
    """The unlabelled tweets as an order sees them, and the labels of the labelled ones."""

    probabilities: np.ndarray  # of the unlabelled tweets, shape (n, 11)
    predicted: np.ndarray  # the emotions at or above their thresholds, 0 or 1, same shape
    embeddings: np.ndarray  # shape (n, d)
    hidden: np.ndarray  # the labels of the unlabelled tweets, for `knowing` alone, shape (n, 11)
    labelled: np.ndarray  # the labels of the labelled tweets, shape (m, 11)
    seed: int


Order = Callable[[Pool], np.ndarray]  # the positions of the unlabelled tweets, the first to label at the front


def by_score(score: Callable[[Pool], np.ndarray]) -> Order:
    """Return the order from the highest to the lowest score; ties keep the order given."""
    return lambda pool: np.argsort(-score(pool), kind="stable")


def at_random(pool: Pool) -> np.ndarray:
    """Return a random order."""
    return np.random.default_rng(pool.seed).permutation(len(pool.probabilities))


def ours(pool: Pool) -> np.ndarray:
    """Return the order of the app."""
    counts = pool.labelled.sum(axis=0, dtype=int)
    return labelling_order(pool.probabilities, pool.embeddings, counts, seed=pool.seed)


def mean_entropy(pool: Pool) -> np.ndarray:
    """Return the mean binary entropy of a tweet's emotions, in bits, shape (n,)."""
    p = pool.probabilities
    return np.asarray((_entropy_term(p) + _entropy_term(1 - p)).mean(axis=1))


def knowing(pool: Pool) -> np.ndarray:
    """Return how many rare emotions a tweet really has, with random ties: no order can know it."""
    ties = np.random.default_rng(pool.seed).random(len(pool.hidden))
    return np.asarray(pool.hidden[:, RARE_COLUMNS].sum(axis=1) + ties / 2)


def adaptive(pool: Pool) -> np.ndarray:
    """Return the score of adaptive active learning, shape (n,), with the formula and the constants of small-text 2.0.

    It is high for few or many predicted emotions, compared with the labelled tweets, and for a small difference between
    the two most probable ones (Li and Guo, 2013, Active learning with multi-label SVM classification).
    """
    second, first = np.sort(pool.probabilities, axis=1)[:, -2:].T
    inconsistency = np.abs((pool.probabilities > 0.5).sum(axis=1) - pool.labelled.sum(axis=1).mean()) + 1
    return np.asarray(np.sqrt(inconsistency / np.maximum(first - second, 0.01)))


def cvirs(pool: Pool) -> np.ndarray:
    """Return the score of CVIRS, shape (n,): the inconsistency of the predicted labels times the rank of the margins.

    Reyes, Morell and Ventura (2018), Effective active learning strategy for multi-label learning, Neurocomputing 273.
    """
    n, n_labels = pool.probabilities.shape
    ranks = np.abs(2 * pool.probabilities - 1).argsort(axis=0, kind="stable").argsort(axis=0) + 1
    borda = (n - ranks).sum(axis=1) / (n_labels * max(n - 1, 1))
    predicted, where = np.unique(pool.predicted, axis=0, return_inverse=True)
    labelled, counts = np.unique(pool.labelled, axis=0, return_counts=True)
    inconsistency = label_set_distances(predicted, labelled) @ counts / counts.sum()
    return np.asarray(inconsistency[where.ravel()] * borda)


def label_set_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the distance of each label set in `first` (n, n_labels) to each in `second` (m, n_labels), shape (n, m).

    It is the entropy distance, 2 - (H(a) + H(b)) / H(a, b), of two label sets as binary variables over the emotions,
    and 1 if they have no cell in common. Two constant label sets that agree have distance 0.

    >>> first, second = np.array([[1, 0, 0, 0], [1, 1, 0, 0]]), np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    >>> label_set_distances(first, second).round(3).tolist()
    [[0.792, 0.792], [0.0, 1.0]]
    """
    n_labels = first.shape[1]
    one, other = first.astype(float), second.astype(float)
    cells = np.array([a @ b.T for a in (one, 1 - one) for b in (other, 1 - other)]) / n_labels
    joint = _entropy_term(cells).sum(axis=0)
    single = [sum(_entropy_term(side) for side in (x.mean(axis=1), 1 - x.mean(axis=1))) for x in (one, other)]
    distance = np.where(joint > 0, 2 - (single[0][:, None] + single[1]) / np.where(joint > 0, joint, 1), 0)
    return np.where(cells[1] + cells[2] > 1 - 1e-9, 1.0, distance)


def _entropy_term(p: np.ndarray) -> np.ndarray:
    """Return -p log2 p, and 0 where p is 0."""
    return np.asarray(-p * np.log2(np.where(p > 0, p, 1)))


def small_text_cvirs() -> Order:
    """Return the order by small-text's CVIRS on our probabilities; the package gets row numbers in place of tweets."""
    from scipy.sparse import csr_matrix
    from small_text.query_strategies.multi_label import CategoryVectorInconsistencyAndRanking

    strategy = CategoryVectorInconsistencyAndRanking(pbar=None)

    def score(pool: Pool) -> np.ndarray:
        rows, labelled = np.arange(len(pool.probabilities)), csr_matrix(pool.labelled.astype(int))
        classifier = SimpleNamespace(predict_proba=lambda rows: pool.probabilities[rows])
        return np.asarray(strategy.score(classifier, rows, rows, rows[:0], labelled))

    return by_score(score)


def orders() -> dict[str, Order]:
    """Return the orders by name; small-text's CVIRS only if the package is installed."""
    found = {
        RANDOM: at_random,
        "mean entropy": by_score(mean_entropy),
        "adaptive active learning": by_score(adaptive),
        "CVIRS": by_score(cvirs),
    }
    if importlib.util.find_spec("small_text"):
        found["small-text's CVIRS"] = small_text_cvirs()
    return {**found, OURS: ours, KNOWING: by_score(knowing)}
