"""
Differences between ways to train or to label, on the same tweets, with intervals over tweets and seeds.

Tweets are resampled by a cluster bootstrap (Field and Welsh, 2007). Twins are drawn together, and every way is scored
on the same samples, so the difficulty of the tweets cancels out. Resampling only three seeds would give an interval
that is much too narrow, so each bootstrap sample shifts the mean over seeds by a draw from Student's t instead, scaled
by the standard error of that mean. The variance between seeds is estimated from all ways together, after removing the
mean of each way and of each seed (a two-way layout: Scheffé, 1959, chapter 4); this assumes the same variance for all
ways. Random effects of one tweet under one seed count in both parts, so the intervals are slightly too wide, never too
narrow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emoclf.metrics.scores import ALPHA, INTERVAL, holm

RESAMPLES = 2000
Figures = Mapping[str, Mapping[int, np.ndarray]]  # by way and seed: the observed figure, then the resampled ones


@dataclass(frozen=True)
class Difference:
    """One way's figure minus another's, with the interval of this difference alone."""

    value: float
    low: float
    high: float
    p: float  # corrected for the number of ways compared (Holm, 1979); 1 if it cannot be tested
    seeds: int  # seeds that both ways share; 0: neither way is trained, so only tweets are resampled

    @property
    def is_testable(self) -> bool:
        """Whether the variance between seeds is known, which needs more than one seed."""
        return self.seeds != 1

    @property
    def verdict(self) -> str:
        """The verdict: better, worse, no evidence of change, or not testable."""
        if not self.is_testable:
            return "not testable (one seed)"
        if self.p > ALPHA:
            return "no evidence of change"
        return "better" if self.value > 0 else "worse"

    def in_points(self, digits: int = 1) -> str:
        """Format the difference in hundredths, with its interval if there is one.

        >>> Difference(0.012, -0.003, 0.028, 0.1, 3).in_points()
        '+1.2 (-0.3 … +2.8)'
        """
        value, low, high = (f"{100 * figure:+.{digits}f}" for figure in (self.value, self.low, self.high))
        return f"{value} ({low} … {high})" if self.is_testable else value


@dataclass(frozen=True)
class SeedNoise:
    """The variation of one training's figure between seeds."""

    variance: float  # of one training
    degrees_of_freedom: int  # degrees of freedom of that estimate


def resample(groups: Sequence[str], seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    """Return how often each tweet counts in each bootstrap sample, float32 of shape (1 + resamples, n).

    The first row is the observed sample, all ones. Each other row draws as many groups as there are with replacement,
    and a tweet counts as often as its group was drawn.

    >>> resample(["a", "b", "b"], resamples=3)[:, 1:].tolist()  # the twins b count alike
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]
    """
    names, member_of = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    n = len(names)
    samples = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    return np.vstack([np.ones(n), samples]).astype(np.float32)[:, member_of]


def mean(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the mean of a value per tweet (n,) in each sample, shape (1 + resamples,)."""
    return np.asarray(weights @ values.astype(np.float32) / weights.sum(axis=1))


def f1(weights: np.ndarray, targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return F1 of each emotion in each sample, shape (1 + resamples, n_labels); 0 without any positive."""
    hits, either = (weights @ part.astype(np.float32) for part in (targets * predicted, targets + predicted))
    return np.asarray(2 * hits / np.maximum(either, 1))


def average_precision(weights: np.ndarray, targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return mean average precision over a sample's emotions, shape (1 + resamples,); ties count as one step."""
    found = [_one_precision(weights, truth, p) for truth, p in zip(targets.T, probabilities.T, strict=True)]
    return np.asarray(np.nanmean(found, axis=0))


def _one_precision(weights: np.ndarray, truth: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the average precision of one emotion in each sample; NaN in samples without it."""
    order = np.argsort(-p, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)  # the last tweet of each run of equal probabilities
    counted = weights[:, order]
    positives = np.cumsum(counted * truth[order], axis=1)[:, ends]
    precision = positives / np.maximum(np.cumsum(counted, axis=1)[:, ends], 1)
    total = positives[:, -1]
    found = (np.diff(positives, axis=1, prepend=0) * precision).sum(axis=1)
    return np.where(total > 0, found / np.maximum(total, 1), np.nan)


def over_tweets(before: np.ndarray, after: np.ndarray) -> Difference:
    """Return after minus before for two figures of fixed labels, observed and resampled, shape (1 + resamples,)."""
    return _summary(after - before, seeds=0)


def against(figures: Figures, base: str, seed: int = 0) -> dict[str, Difference]:
    """Return each way's difference from the base, over tweets and shared seeds; p is corrected by Holm.

    A way that shares no seed with the base is left out.
    """
    noise, random = seed_noise(figures), np.random.default_rng(seed)
    found = {}
    for name, own in figures.items():
        if name != base and (shared := sorted(own.keys() & figures[base].keys())):
            samples = np.mean([own[one] - figures[base][one] for one in shared], axis=0)
            if noise and len(shared) > 1:
                error = np.sqrt(2 * noise.variance / len(shared))
                samples[1:] += error * random.standard_t(noise.degrees_of_freedom, len(samples) - 1)
            found[name] = _summary(samples, len(shared) if noise else 1)
    return _corrected(found)


def seed_noise(figures: Figures) -> SeedNoise | None:
    """Return the residual variance after removing the means of ways and seeds; None if no freedom is left."""
    cells = [(name, one, float(samples[0])) for name, own in figures.items() for one, samples in own.items()]
    names, seeds = sorted({cell[0] for cell in cells}), sorted({cell[1] for cell in cells})
    design = np.zeros((len(cells), len(names) + len(seeds)))
    for row, (name, one, _) in zip(design, cells, strict=True):
        row[names.index(name)] = row[len(names) + seeds.index(one)] = 1
    values = np.array([cell[2] for cell in cells])
    solution, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    degrees_of_freedom = len(cells) - int(rank)
    if degrees_of_freedom < 1:
        return None
    return SeedNoise(float(((values - design @ solution) ** 2).sum() / degrees_of_freedom), degrees_of_freedom)


def _summary(samples: np.ndarray, seeds: int) -> Difference:
    """Return a difference from observed and resampled values; the observed one counts as a resample for p."""
    resampled = samples[1:]
    low, high = np.percentile(resampled, INTERVAL)
    smaller = min((resampled <= 0).sum(), (resampled >= 0).sum())
    p = min(1.0, 2 * (1 + int(smaller)) / (1 + len(resampled)))  # Davison and Hinkley, 1997, section 4.2
    return Difference(float(samples[0]), float(low), float(high), p if seeds != 1 else 1.0, seeds)


def _corrected(found: dict[str, Difference]) -> dict[str, Difference]:
    """Return the differences with p-values corrected for the number of testable ways."""
    names = [name for name, one in found.items() if one.is_testable]
    corrected = holm(np.array([found[name].p for name in names])) if names else []
    return found | {name: replace(found[name], p=float(p)) for name, p in zip(names, corrected, strict=True)}
