"""
Doubt: how likely an original label is wrong, by what the other sources say, and why, in words.

The queue never hides a tweet; doubt only orders it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from emoclf import noise
from emoclf.calibration import log_odds
from emoclf.labels import EMOTIONS

FOLDS = 5  # a tweet's doubt comes from what was learnt on the others
FEWEST, MOST = 200, 20_000  # train tweets to learn from


def contradiction(original: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Probability mass against the original label: 1 - p where it is 1, p where it is 0.

    One minus the "self-confidence" of Northcutt et al. (2021), per label. Use
    out-of-fold predictions where there are any: a model agrees with what it trained on.

    >>> contradiction(np.array([1, 0]), np.array([0.2, 0.2])).tolist()
    [0.8, 0.2]
    """
    return np.where(original == 1, 1 - probabilities, probabilities)


def doubt(
    original: np.ndarray, sources: Sequence[np.ndarray], groups: Sequence[str], is_train: np.ndarray
) -> np.ndarray:
    """The doubt of every label, shape (n, n_labels), in [0, 1]; 0 where no source has spoken.

    Tweets that the same sources know are weighed together. Where fewer than `FEWEST` train tweets could teach how
    much a source is worth, its probability is taken at its word.

    Parameters
    ----------
    original : 0 or 1, shape (n, n_labels)
    sources : probabilities of the same shape, calibrated; a row of NaN where a source has not seen the tweet
    groups : the twin group of every tweet, as `twins.twin_key` names it
    is_train : shape (n,); the others are judged, but nothing is learnt from their labels
    """
    known = np.array([~np.isnan(source).any(axis=1) for source in sources]).T
    fold_of = np.array([int(group, 16) % FOLDS for group in groups], dtype=int)
    odds, twins = [log_odds(source, noise.EDGE) for source in sources], of_twins(original, groups)
    found = np.zeros(original.shape)
    for pattern in np.unique(known[known.any(axis=1)], axis=0):
        heard = [odds[i] for i in np.flatnonzero(pattern)]
        judged = (known == pattern).all(axis=1)
        teachers = is_train & known[:, pattern].all(axis=1)
        if teachers.sum() < FEWEST:
            found[judged] = _at_their_word(original[judged], [source[judged] for source in heard])
        else:
            evidence = np.hstack([*heard, twins])
            found[judged] = _learnt(evidence, original, judged, teachers, fold_of)
    return found


def of_tweets(labels: np.ndarray) -> np.ndarray:
    """How likely each tweet has a wrong label at all, shape (n,), from the doubt of its labels, (n, n_labels).

    As if they went wrong independently of each other. `benchmarks/gain.py` finds more this way than by the largest.

    >>> of_tweets(np.array([[0.5, 0.5], [0.0, 0.6]])).tolist()
    [0.75, 0.6]
    """
    return np.asarray(1 - np.prod(1 - labels, axis=1))


def _learnt(
    evidence: np.ndarray, original: np.ndarray, judged: np.ndarray, teachers: np.ndarray, fold_of: np.ndarray
) -> np.ndarray:
    """The doubt of the tweets `judged`, each by what the `teachers` in other folds say."""
    found, random = np.zeros(original.shape), np.random.default_rng(0)
    for fold in range(FOLDS):
        rows = np.flatnonzero(judged & (fold_of == fold))
        others = random.permutation(np.flatnonzero(teachers & (fold_of != fold)))[:MOST]
        found[rows] = noise.fit(evidence[others], original[others]).wrong(evidence[rows], original[rows])
    return np.asarray(found[judged])


def _at_their_word(original: np.ndarray, odds: Sequence[np.ndarray]) -> np.ndarray:
    """The posterior probability that a label is wrong: the mean log-odds against it, and that few labels are."""
    against = noise.ALONE * np.exp(np.where(original == 1, -1, 1) * np.mean(odds, axis=0))
    return np.asarray(against / (1 + against))


def of_twins(original: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """What a tweet's twins have that others lack, shape (n, n_labels): 0 where it has none.

    Twins beyond the first count by the square root: the same people may have labelled them.

    >>> of_twins(np.array([[1], [0], [0], [0]]), ["a", "a", "b", "c"]).tolist()
    [[-0.25], [0.75], [0.0], [0.0]]
    """
    names, group = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    sums, sizes = np.zeros((len(names), original.shape[1])), np.bincount(group, minlength=len(names))
    np.add.at(sums, group, original)
    others = (sizes[group] - 1)[:, None]
    more = sums[group] - original - others * original.mean(axis=0)
    return np.asarray(more / np.sqrt(np.maximum(others, 1)))


def in_words(emotion: str, is_original: bool, says: Mapping[str, float | bool], twin: bool | None = None) -> str:
    """Why a tweet is in front of a reviewer, in one line; a source without probabilities says yes or no.

    Parameters
    ----------
    twin : whether a twin that disagrees has the emotion; None: there is no such twin

    >>> in_words("joy", False, {"BERT": 0.94, "Qwen": 0.88}, twin=True)
    'BERT 0.94 joy, Qwen 0.88, its twin has it, the original has none'
    >>> in_words("joy", True, {"BERT": 0.2, "Qwen": False})
    'BERT 0.20 joy, Qwen says no, the original has it'
    """
    if not says:
        return ""
    EMOTIONS.check([emotion])
    said = [_said(name, p) for name, p in says.items()]
    said[0] += f" to {emotion}" if isinstance(next(iter(says.values())), bool) else f" {emotion}"
    if twin is not None:
        said.append(f"its twin has {'it' if twin else 'none'}")
    return ", ".join([*said, f"the original has {'it' if is_original else 'none'}"])


def _said(name: str, p: float | bool) -> str:
    if isinstance(p, bool):
        return f"{name} says {'yes' if p else 'no'}"
    return f"{name} {p:.2f}"
