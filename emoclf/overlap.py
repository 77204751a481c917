"""
Overlap: how far reviewers agree on the tweets that several of them decided, with intervals.

Per emotion Cohen's kappa (1960) of every pair of reviewers, averaged by the
tweets they share; for whole label sets Krippendorff's alpha (2004, chapter 11)
with the MASI distance (Passonneau, 2006), which forgives a set that holds the
other more than one that shares a part. Intervals are 95 % percentile
bootstraps over tweets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.metrics import INTERVAL, RESAMPLES

Choice = frozenset[str]
Unit = Mapping[str, Choice]  # what each reviewer of one tweet decided


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int  # tweets it rests on


def masi(one: Choice, other: Choice) -> float:
    """The distance of two label sets in [0, 1]: 1 less Jaccard times how far one holds the other.

    >>> joy, both = frozenset({"joy"}), frozenset({"joy", "love"})
    >>> masi(joy, joy), round(masi(joy, both), 3), masi(joy, frozenset())
    (0.0, 0.667, 1.0)
    """
    if one == other:
        return 0.0
    if not (shared := one & other):
        return 1.0
    nearness = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - nearness * len(shared) / len(one | other)


def kappas(units: Sequence[Unit]) -> dict[str, Estimate]:
    """How far reviewers agree on each emotion; without those on which chance alone would make them always agree.

    Parameters
    ----------
    units : per tweet what each of its reviewers decided; tweets of one reviewer say nothing of agreement

    >>> yes, no = frozenset({"joy"}), frozenset()
    >>> kappas([{"ana": yes, "ben": yes}, {"ana": no, "ben": no}, {"ana": yes, "ben": no}, {"ana": no, "ben": no}])[
    ...     "joy"
    ... ].value
    0.5
    """
    shared = [unit for unit in units if len(unit) > 1]
    if not shared:
        return {}
    weights = _resamples(len(shared))
    cells = [_cells(shared, *pair) for pair in combinations(sorted({name for unit in shared for name in unit}), 2)]
    figures = _mean_kappa([np.tensordot(weights, pair, axes=1) for pair in cells])
    return {
        emotion: Estimate(float(figures[0, j]), *_interval(figures[1:, j]), len(shared))
        for j, emotion in enumerate(EMOTIONS.names)
        if np.isfinite(figures[0, j])
    }


def alpha(units: Sequence[Unit]) -> Estimate | None:
    """Krippendorff's alpha of whole label sets: 1 where all agree, 0 as by chance; None where no two sets differ.

    >>> joy, love = frozenset({"joy"}), frozenset({"love"})
    >>> same = [{"ana": joy, "ben": joy}, {"ana": love, "ben": love}]
    >>> alpha(same).value
    1.0
    """
    shared = [list(unit.values()) for unit in units if len(unit) > 1]
    kinds = sorted({choice for unit in shared for choice in unit}, key=EMOTIONS.to_mask)
    if len(kinds) < 2:
        return None
    distance = np.array([[masi(one, other) for other in kinds] for one in kinds])
    counts = np.array([[unit.count(kind) for kind in kinds] for unit in shared], dtype=float)
    within = np.einsum("uk,kl,ul->u", counts, distance, counts) / (counts.sum(axis=1) - 1)
    weights = _resamples(len(shared))
    totals = weights @ counts
    n = totals.sum(axis=1)
    between = np.einsum("bk,kl,bl->b", totals, distance, totals) / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        figures = np.where(between > 0, 1 - (weights @ within) / between, np.nan)
    return Estimate(float(figures[0]), *_interval(figures[1:]), len(shared))


def _cells(units: Sequence[Unit], one: str, other: str) -> np.ndarray:
    """Per tweet which of (both, first, second, neither) two reviewers said of each emotion, (n, 4, n_emotions)."""
    cells = np.zeros((len(units), 4, len(EMOTIONS)))
    for row, unit in zip(cells, units, strict=True):
        if one in unit and other in unit:
            a, b = EMOTIONS.encode([unit[one], unit[other]]).astype(bool)
            row[:] = np.stack([a & b, a & ~b, ~a & b, ~a & ~b])
    return cells


def _mean_kappa(pairs: Sequence[np.ndarray]) -> np.ndarray:
    """The mean over pairs by their tweets, (n_samples, n_emotions), of counts (n_samples, 4, n_emotions) each."""
    kappas, sizes = zip(*(_kappa(pair) for pair in pairs), strict=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(np.multiply(kappas, sizes), axis=0) / np.sum(sizes, axis=0))


def _kappa(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kappa, and the tweets it rests on: 0 where chance alone would make both always agree, or they share none."""
    both, first, second, neither = np.moveaxis(counts, 1, 0)
    n = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = (both + first) / n, (both + second) / n
        by_chance = a * b + (1 - a) * (1 - b)
        kappa = ((both + neither) / n - by_chance) / (1 - by_chance)
    return kappa, np.where(np.isfinite(kappa), n, 0)


def _resamples(n: int) -> np.ndarray:
    """How often each tweet is drawn in each bootstrap sample, (1 + RESAMPLES, n); in the first row each is once."""
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    return np.concatenate([np.ones((1, n)), drawn])


def _interval(figures: np.ndarray) -> tuple[float, float]:
    low, high = np.nanpercentile(figures, INTERVAL)
    return float(low), float(high)
