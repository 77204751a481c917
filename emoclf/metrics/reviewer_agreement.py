"""
Agreement between reviewers on the tweets that several of them decided, with intervals.

Per emotion: Cohen's kappa (1960) of every pair of reviewers who share enough tweets, averaged with the number of tweets
as weight. For whole label sets: Krippendorff's alpha (2004, chapter 11) with the MASI distance (Passonneau, 2006),
which penalises a subset less than a partial overlap.

Intervals are 95 % percentiles of a Bayesian bootstrap over tweets (Rubin 1981). Resampling alone would predict that
reviewers who agreed so far always will, so each resample also contains half an unseen tweet of each kind (both, one,
the other, neither), which is Jeffreys' prior of a table with four cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.metrics.scores import INTERVAL, RESAMPLES
from emoclf.metrics.source_agreement import MIN_POSITIVES, MIN_TWEETS

Choice = frozenset[str]
Unit = Mapping[str, Choice]  # the decision of each reviewer of one tweet


@dataclass(frozen=True)
class AgreementEstimate:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int  # number of tweets


def masi(one: Choice, other: Choice) -> float:
    """Return the MASI distance of two label sets in [0, 1]: 1 minus Jaccard times the monotonicity weight.

    >>> joy, both = frozenset({"joy"}), frozenset({"joy", "love"})
    >>> masi(joy, joy), round(masi(joy, both), 3), masi(joy, frozenset())
    (0.0, 0.667, 1.0)
    """
    if one == other:
        return 0.0
    if not (shared := one & other):
        return 1.0
    monotonicity = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - monotonicity * len(shared) / len(one | other)


def kappas(units: Sequence[Unit]) -> dict[str, AgreementEstimate]:
    """Return the agreement of reviewers per emotion; emotions with too few tweets are left out.

    A pair of reviewers counts if it shares `MIN_TWEETS`, at least one of the two gives the emotion to
    `MIN_POSITIVES` of them, and at least one does not give it to as many. `n` is the number of tweets of the pairs
    that count.

    Parameters
    ----------
    units : per tweet the decisions of its reviewers; tweets with one reviewer do not count

    >>> yes, no = frozenset({"joy"}), frozenset()
    >>> four = [{"ana": yes, "ben": yes}, {"ana": no, "ben": no}, {"ana": yes, "ben": no}, {"ana": no, "ben": no}]
    >>> kappas(four * 10)["joy"].value, kappas(four)
    (0.5, {})
    """
    shared = [unit for unit in units if len(unit) > 1]
    weights, random = _weights(len(shared)), np.random.default_rng(1)
    values, sizes, used = [], [], np.zeros((len(shared), len(EMOTIONS)), dtype=bool)
    for one, other in combinations(sorted({name for unit in shared for name in unit}), 2):
        rows = [i for i, unit in enumerate(shared) if one in unit and other in unit]
        cells = _cells([shared[i] for i in rows], one, other)
        if (counts := _is_enough(cells.sum(axis=0))).any():
            values.append(_kappa(np.tensordot(weights[:, rows], cells, axes=1) + _unseen(random)[..., None]))
            sizes.append(len(rows) * counts)
            used[rows] |= counts
    if not values:
        return {}
    with np.errstate(invalid="ignore"):
        figures = np.nansum(np.multiply(values, np.array(sizes)[:, None]), axis=0) / np.sum(sizes, axis=0)
    return {
        emotion: _estimate(figures[:, j], int(used[:, j].sum()))
        for j, emotion in enumerate(EMOTIONS.names)
        if used[:, j].any()
    }


def named(units: Sequence[Unit]) -> dict[str, int]:
    """Return by emotion the number of tweets to which at least one of several reviewers gave it."""
    shared = [frozenset().union(*unit.values()) for unit in units if len(unit) > 1]
    return {emotion: sum(emotion in labels for labels in shared) for emotion in EMOTIONS.names}


def alpha(units: Sequence[Unit]) -> AgreementEstimate | None:
    """Return Krippendorff's alpha of whole label sets: 1 is perfect agreement, 0 is chance agreement.

    None with fewer than `MIN_TWEETS` tweets, or if all sets are equal.

    >>> joy, love = frozenset({"joy"}), frozenset({"love"})
    >>> same = [{"ana": joy, "ben": joy}, {"ana": love, "ben": love}] * 25
    >>> found = alpha(same)
    >>> found.value, round(found.low, 1), found.high
    (1.0, 0.9, 1.0)
    """
    shared = [list(unit.values()) for unit in units if len(unit) > 1]
    if len(shared) < MIN_TWEETS or len({choice for unit in shared for choice in unit}) < 2:
        return None
    return _estimate(krippendorff(shared, _weights(len(shared)), _unseen(np.random.default_rng(1))), len(shared))


def krippendorff(units: Sequence[Sequence[Choice]], weights: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """Return alpha of label sets under several weightings of the tweets, shape (n_samples,).

    Parameters
    ----------
    weights : of each tweet in each sample, shape (n_samples, n)
    unseen : the number of unseen tweets of two reviewers, shape (n_samples, 4): the first and last columns agree, the
        others have nothing in common
    """
    label_sets = sorted({choice for unit in units for choice in unit}, key=EMOTIONS.to_mask)
    distance = np.array([[masi(one, other) for other in label_sets] for one in label_sets])
    counts = np.array([[unit.count(labels) for labels in label_sets] for unit in units], dtype=float)
    within = np.einsum("uk,kl,ul->u", counts, distance, counts) / (counts.sum(axis=1) - 1)
    totals = weights @ counts
    n = totals.sum(axis=1)
    expected = np.einsum("bk,kl,bl->b", totals, distance, totals) / (n - 1) / n
    observed = (weights @ within + 2 * unseen[:, 1:3].sum(axis=1)) / (n + 2 * unseen.sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: np.ndarray = np.where(expected > 0, 1 - observed / expected, np.nan)
    return found


def _cells(units: Sequence[Unit], one: str, other: str) -> np.ndarray:
    """Return per tweet which of (both, first, second, neither) two reviewers gave each emotion, (n, 4, n_emotions)."""
    a, b = (EMOTIONS.encode([unit[name] for unit in units]).astype(bool) for name in (one, other))
    return np.stack([a & b, a & ~b, ~a & b, ~a & ~b], axis=1).astype(float)


def _is_enough(counts: np.ndarray) -> np.ndarray:
    """Return which emotions have large enough counts (4, n_emotions)."""
    both, first, second, neither = counts
    rarer = np.minimum(both, neither) + first + second
    enough: np.ndarray = (counts.sum(axis=0) >= MIN_TWEETS) & (rarer >= MIN_POSITIVES)
    return enough


def _kappa(counts: np.ndarray) -> np.ndarray:
    """Return kappa (n_samples, n_emotions) of counts (n_samples, 4, n_emotions); NaN if both reviewers are constant."""
    both, first, second, neither = np.moveaxis(counts, 1, 0)
    n = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = (both + first) / n, (both + second) / n
        expected = a * b + (1 - a) * (1 - b)
        kappa: np.ndarray = ((both + neither) / n - expected) / (1 - expected)
    return kappa


def _weights(n: int) -> np.ndarray:
    """Return the weight of each tweet in each resample, (1 + RESAMPLES, n); the first row is all ones."""
    drawn = np.random.default_rng(0).standard_exponential((RESAMPLES, n))
    return np.concatenate([np.ones((1, n)), drawn])


def _unseen(random: np.random.Generator) -> np.ndarray:
    """Return the unseen tweets of four kinds in each resample, (1 + RESAMPLES, 4); none in the first row."""
    return np.concatenate([np.zeros((1, 4)), random.gamma(0.5, size=(RESAMPLES, 4))])


def _estimate(figures: np.ndarray, n: int) -> AgreementEstimate:
    """Return the first figure with the interval of the others, widened to contain it."""
    value, (low, high) = float(figures[0]), np.nanpercentile(figures[1:], INTERVAL)
    return AgreementEstimate(value, min(float(low), value), max(float(high), value), n)
