"""
Computes the doubt: the probability that an original label is wrong, given the other sources, and the reason in words.

The doubt of a tweet is the probability that at least one of its labels is wrong. Doubt only sorts the queue; it never
hides a tweet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.metrics.blas_threads import one_blas_thread
from emoclf.metrics.calibration import log_odds, sigmoid
from emoclf.review import label_noise
from emoclf.review.label_noise import LabelScores
from emoclf.review.noise_rates import NoiseEstimate, estimate

FOLDS = 5  # cross-fitting: a tweet's doubt is learned from the other folds
MIN_TRAINING, MAX_TRAINING = 200, 20_000  # numbers of train tweets to learn from
MAX_SHIFT = 12.0  # the largest shift of the doubts, in log-odds
PRIOR_ODDS = 0.05  # prior odds of a wrong label if there are fewer tweets; the same for every tweet


def contradiction(original: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the probability mass against the original label: 1 - p if it is 1, p if it is 0.

    This is one minus the "self-confidence" of Northcutt et al. (2021), per label. Use out-of-fold predictions: a model
    agrees with its training labels.

    >>> contradiction(np.array([1, 0]), np.array([0.2, 0.2])).tolist()
    [0.8, 0.2]
    """
    return np.where(original == 1, 1 - probabilities, probabilities)


@dataclass(frozen=True)
class Doubts:
    """How likely labels are wrong, one row or entry per tweet."""

    labels: np.ndarray  # shape (n, n_labels), in [0, 1]; 0 if no source has a value
    tweets: np.ndarray  # how likely at least one label of the tweet is wrong, in [0, 1], shape (n,)
    is_probability: np.ndarray  # whether the doubts of the tweet are probabilities or only rank it, shape (n,)
    shifts: tuple[float, float]  # 95 % limits of a correction that all `tweets` share, in log-odds: <= 0 and >= 0


@one_blas_thread
def doubt(original: np.ndarray, sources: Sequence[np.ndarray], groups: Sequence[str], is_train: np.ndarray) -> Doubts:
    """Estimate the doubt of every label and every tweet.

    Tweets with the same sources are estimated together. With fewer than `MIN_TRAINING` train tweets to learn each
    source's reliability, the probabilities are used as they are, and the result only ranks.

    Parameters
    ----------
    original : 0 or 1, shape (n, n_labels)
    sources : calibrated probabilities of the same shape; a row of NaN if a source has not seen the tweet
    groups : the twin group of every tweet, as in `twins.twin_key`
    is_train : shape (n,); the other tweets get a doubt, but nothing is learned from their labels
    """
    known = np.array([~np.isnan(source).any(axis=1) for source in sources]).T
    fold_of = folds_of(groups)
    odds, twins = [log_odds(source, label_noise.EDGE) for source in sources], twin_evidence(original, groups)
    cells, tweets = np.zeros(original.shape), np.zeros(len(original))
    is_probability = np.zeros(len(original), dtype=bool)
    largest = (0, (0.0, 0.0))  # number of tweets and shifts of the largest group with probabilities
    for pattern in np.unique(known[known.any(axis=1)], axis=0):
        source_odds = [odds[i] for i in np.flatnonzero(pattern)]
        rows = (known == pattern).all(axis=1)
        training = is_train & known[:, pattern].all(axis=1)
        if training.sum() < MIN_TRAINING:
            cells[rows] = _rank_only(original[rows], [source[rows] for source in source_odds])
            tweets[rows] = 1 - np.prod(1 - cells[rows], axis=1)
        else:
            estimated, scores = _estimate_rates(np.hstack([*source_odds, twins]), original, rows, training, fold_of)
            cells[rows], tweets[rows] = estimated.rates.wrong(scores, original[rows])
            is_probability |= rows
            at_limits = [limit.wrong(scores, original[rows])[1] for limit in (estimated.low, estimated.high)]
            low, high = (_shift(tweets[rows], others) for others in at_limits)
            largest = max(largest, (int(rows.sum()), (min(low, 0.0), max(high, 0.0))))
    return Doubts(cells, tweets, is_probability, largest[1])


def folds_of(groups: Sequence[str]) -> np.ndarray:
    """Return the fold of every tweet, shape (n,); twins share a fold."""
    return np.array([int(group, 16) % FOLDS for group in groups], dtype=int)


def _estimate_rates(
    evidence: np.ndarray, original: np.ndarray, scored: np.ndarray, training: np.ndarray, fold_of: np.ndarray
) -> tuple[NoiseEstimate, LabelScores]:
    """Return the error rates estimated on the `training` tweets, and the scores of the `scored` tweets.

    The scores of a tweet come from models fitted on the training tweets of the other folds.
    """
    random, parts, rows = np.random.default_rng(0), [], []
    for fold in range(FOLDS):
        others = random.permutation(np.flatnonzero(training & (fold_of != fold)))[:MAX_TRAINING]
        rows.append(np.flatnonzero((scored | training) & (fold_of == fold)))
        parts.append(label_noise.fit(evidence[others], original[others]).scores(evidence[rows[-1]], original[rows[-1]]))
    position = np.full(len(original), -1)
    position[np.concatenate(rows)] = np.arange(sum(map(len, rows)))
    scores, sample = LabelScores.concatenated(parts), random.permutation(np.flatnonzero(training))[:MAX_TRAINING]
    return estimate(scores.take(position[sample]), original[sample]), scores.take(position[scored])


def _shift(doubts: np.ndarray, others: np.ndarray) -> float:
    """Return the shift in log-odds that makes `doubts` predict as many errors as `others`.

    Only the largest tenth of `doubts` is compared, with the same tweets of `others`.
    """
    from scipy.optimize import brentq

    first = np.argsort(-doubts)[: max(len(doubts) // 10, 1)]
    odds, n_errors = log_odds(doubts[first], label_noise.EDGE), float(others[first].sum())

    def excess(shift: float) -> float:
        return float(sigmoid(odds + shift).sum()) - n_errors

    if excess(-MAX_SHIFT) > 0 or excess(MAX_SHIFT) < 0:
        return -MAX_SHIFT if excess(-MAX_SHIFT) > 0 else MAX_SHIFT
    return float(brentq(excess, -MAX_SHIFT, MAX_SHIFT, xtol=0.01))


def _rank_only(original: np.ndarray, odds: Sequence[np.ndarray]) -> np.ndarray:
    """Return doubts that only rank, from the mean log-odds of the sources and a prior that few labels are wrong."""
    against = PRIOR_ODDS * np.exp(np.where(original == 1, -1, 1) * np.mean(odds, axis=0))
    return np.asarray(against / (1 + against))


def twin_evidence(original: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return how a tweet's twins differ from the mean of all labels, shape (n, n_labels); 0 if it has no twin.

    The weight grows with the square root of the number of twins, because the same people may have labelled them.

    >>> twin_evidence(np.array([[1], [0], [0], [0]]), ["a", "a", "b", "c"]).tolist()
    [[-0.25], [0.75], [0.0], [0.0]]
    """
    names, group = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    sums, sizes = np.zeros((len(names), original.shape[1])), np.bincount(group, minlength=len(names))
    np.add.at(sums, group, original)
    others = (sizes[group] - 1)[:, None]
    difference = sums[group] - original - others * original.mean(axis=0)
    return np.asarray(difference / np.sqrt(np.maximum(others, 1)))


def in_words(emotion: str, is_original: bool, predictions: Mapping[str, float | bool], twin: bool | None = None) -> str:
    """Return why a tweet is in the queue, in one line; a source without probabilities says yes or no.

    Parameters
    ----------
    twin : whether a twin that disagrees with the original has the emotion; None: no twin disagrees

    >>> in_words("joy", False, {"BERT": 0.94, "Qwen": 0.88}, twin=True)
    'BERT 0.94 joy, Qwen 0.88, its twin has joy, the original does not have joy'
    >>> in_words("joy", True, {"BERT": 0.2, "Qwen": False})
    'BERT 0.20 joy, Qwen says no, the original has joy'
    """
    if not predictions:
        return ""
    EMOTIONS.check([emotion])
    parts = [_source_in_words(name, p) for name, p in predictions.items()]
    parts[0] += f" to {emotion}" if isinstance(next(iter(predictions.values())), bool) else f" {emotion}"
    has, has_not = f"has {emotion}", f"does not have {emotion}"
    if twin is not None:
        parts.append(f"its twin {has if twin else has_not}")
    return ", ".join([*parts, f"the original {has if is_original else has_not}"])


def _source_in_words(name: str, p: float | bool) -> str:
    if isinstance(p, bool):
        return f"{name} says {'yes' if p else 'no'}"
    return f"{name} {p:.2f}"
