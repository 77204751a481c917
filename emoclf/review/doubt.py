"""
Doubt: how likely an original label is wrong, by what the other sources say, and why, in words.

The queue never hides a tweet; doubt only orders it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.metrics.calibration import log_odds, sigmoid
from emoclf.review import label_noise
from emoclf.review.label_noise import Scores
from emoclf.review.noise_rates import Estimate, estimate

FOLDS = 5  # a tweet's doubt comes from what was learnt on the others
FEWEST, MOST = 200, 20_000  # train tweets to learn from
FARTHEST = 12.0  # log-odds by which doubts can be shifted
FEW = 0.05  # odds that a label is wrong, where there are fewer; it moves every tweet alike


def contradiction(original: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Probability mass against the original label: 1 - p where it is 1, p where it is 0.

    One minus the "self-confidence" of Northcutt et al. (2021), per label. Use
    out-of-fold predictions where there are any: a model agrees with what it trained on.

    >>> contradiction(np.array([1, 0]), np.array([0.2, 0.2])).tolist()
    [0.8, 0.2]
    """
    return np.where(original == 1, 1 - probabilities, probabilities)


@dataclass(frozen=True)
class Doubts:
    """How likely labels are wrong, a row or an entry per tweet."""

    labels: np.ndarray  # shape (n, n_labels), in [0, 1]; 0 where no source has spoken
    tweets: np.ndarray  # that any label of the tweet is wrong, shape (n,)
    is_learnt: np.ndarray  # whether it is a probability; a number that no data set stands behind only ranks, shape (n,)
    shifts: tuple[float, float]  # by which log-odds all of `tweets` may be too high (<= 0) and too low (>= 0), 95 %


def doubt(original: np.ndarray, sources: Sequence[np.ndarray], groups: Sequence[str], is_train: np.ndarray) -> Doubts:
    """The doubt of every label and every tweet.

    Tweets that the same sources know are weighed together. Where fewer than `FEWEST` train tweets could teach how
    much a source is worth, its probability is taken at its word, and what comes out is only a rank.

    Parameters
    ----------
    original : 0 or 1, shape (n, n_labels)
    sources : probabilities of the same shape, calibrated; a row of NaN where a source has not seen the tweet
    groups : the twin group of every tweet, as `twins.twin_key` names it
    is_train : shape (n,); the others are judged, but nothing is learnt from their labels
    """
    known = np.array([~np.isnan(source).any(axis=1) for source in sources]).T
    fold_of = folds_of(groups)
    odds, twins = [log_odds(source, label_noise.EDGE) for source in sources], of_twins(original, groups)
    cells, tweets, is_learnt = np.zeros(original.shape), np.zeros(len(original)), np.zeros(len(original), dtype=bool)
    shifts = (0, (0.0, 0.0))  # those of most tweets
    for pattern in np.unique(known[known.any(axis=1)], axis=0):
        heard = [odds[i] for i in np.flatnonzero(pattern)]
        judged = (known == pattern).all(axis=1)
        teachers = is_train & known[:, pattern].all(axis=1)
        if teachers.sum() < FEWEST:
            cells[judged] = _at_their_word(original[judged], [source[judged] for source in heard])
            tweets[judged] = 1 - np.prod(1 - cells[judged], axis=1)
        else:
            found, scores = _learnt(np.hstack([*heard, twins]), original, judged, teachers, fold_of)
            cells[judged], tweets[judged] = found.rates.wrong(scores, original[judged])
            is_learnt |= judged
            ends = [_shift(tweets[judged], end.wrong(scores, original[judged])[1]) for end in (found.low, found.high)]
            shifts = max(shifts, (int(judged.sum()), (min(ends[0], 0.0), max(ends[1], 0.0))))
    return Doubts(cells, tweets, is_learnt, shifts[1])


def folds_of(groups: Sequence[str]) -> np.ndarray:
    """The fold of every tweet, shape (n,), by its twin group alone, so that twins are in one."""
    return np.array([int(group, 16) % FOLDS for group in groups], dtype=int)


def _learnt(
    evidence: np.ndarray, original: np.ndarray, judged: np.ndarray, teachers: np.ndarray, fold_of: np.ndarray
) -> tuple[Estimate, Scores]:
    """The shares of wrong labels among the `teachers`, and the scores of `judged`, each by the others' folds."""
    random, parts, rows = np.random.default_rng(0), [], []
    for fold in range(FOLDS):
        others = random.permutation(np.flatnonzero(teachers & (fold_of != fold)))[:MOST]
        rows.append(np.flatnonzero((judged | teachers) & (fold_of == fold)))
        parts.append(label_noise.fit(evidence[others], original[others]).scores(evidence[rows[-1]], original[rows[-1]]))
    place = np.full(len(original), -1)
    place[np.concatenate(rows)] = np.arange(sum(map(len, rows)))
    scores, some = Scores.joined(parts), random.permutation(np.flatnonzero(teachers))[:MOST]
    return estimate(scores.take(place[some]), original[some]), scores.take(place[judged])


def _shift(doubts: np.ndarray, others: np.ndarray) -> float:
    """By which log-odds the largest tenth of the doubts must move to expect as many wrong tweets as the others do."""
    from scipy.optimize import brentq

    first = np.argsort(-doubts)[: max(len(doubts) // 10, 1)]
    odds, wanted = log_odds(doubts[first], label_noise.EDGE), float(others[first].sum())

    def more(shift: float) -> float:
        return float(sigmoid(odds + shift).sum()) - wanted

    if more(-FARTHEST) > 0 or more(FARTHEST) < 0:
        return -FARTHEST if more(-FARTHEST) > 0 else FARTHEST
    return float(brentq(more, -FARTHEST, FARTHEST, xtol=0.01))


def _at_their_word(original: np.ndarray, odds: Sequence[np.ndarray]) -> np.ndarray:
    """What the sources say against each label: their mean log-odds, and that few labels are wrong; for ranking."""
    against = FEW * np.exp(np.where(original == 1, -1, 1) * np.mean(odds, axis=0))
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
    'BERT 0.94 joy, Qwen 0.88, its twin has joy, the original does not have joy'
    >>> in_words("joy", True, {"BERT": 0.2, "Qwen": False})
    'BERT 0.20 joy, Qwen says no, the original has joy'
    """
    if not says:
        return ""
    EMOTIONS.check([emotion])
    said = [_said(name, p) for name, p in says.items()]
    said[0] += f" to {emotion}" if isinstance(next(iter(says.values())), bool) else f" {emotion}"
    has, has_not = f"has {emotion}", f"does not have {emotion}"
    if twin is not None:
        said.append(f"its twin {has if twin else has_not}")
    return ", ".join([*said, f"the original {has if is_original else has_not}"])


def _said(name: str, p: float | bool) -> str:
    if isinstance(p, bool):
        return f"{name} says {'yes' if p else 'no'}"
    return f"{name} {p:.2f}"
