"""
Confidence intervals for an F1, for a mean of several F1, and for a difference of two.

The percentile bootstrap fails for rare emotions: with 8 positives its 95 % interval of F1 contains the true F1 in 47 %
of samples, often as [0, 0]; with 21 positives in 81 %. So the interval of one F1 is the Wilson interval of tp / (tp +
fp + fn), mapped to F1 by F1 = 2 j / (1 + j) (Lam et al., 2023, arXiv:2309.14621), which contains it in 94 to 97 %. The
interval of a mean or a difference of several F1 is computed from theirs by the method of variance estimates recovery
(Zou and Donner, 2008; for a difference of two proportions Newcombe, 1998), with correlations from the shared tweets.
`tests/emoclf/metrics/test_intervals.py` repeats the simulations.

Twins count as one observation because they are not independent.
"""

from collections.abc import Hashable, Sequence

import numpy as np

Z = 1.959963984540054  # the normal quantile of a two-sided 95 % interval
SHRINKAGE = 2  # tweets; by simulation: 8 positives get 93 % coverage, against 91 % with 0 and 95 % with 4

Groups = Sequence[Hashable] | None  # the twin group of each tweet, length n; None: no tweet has a twin


def clusters(groups: Groups, n: int) -> np.ndarray:
    """Return the number of each tweet's cluster, shape (n,), counted from 0 without gaps.

    >>> clusters(["a", "b", "a"], 3).tolist(), clusters(None, 2).tolist()
    ([0, 1, 0], [0, 1])

    Raises
    ------
    ValueError : if there are not n groups
    """
    if groups is None:
        return np.arange(n)
    if len(groups) != n:
        raise ValueError(f"there are {len(groups)} groups for {n} tweets")
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=int)


def cluster_sums(values: np.ndarray, cluster_of: np.ndarray) -> np.ndarray:
    """Return the sum of each cluster's rows, shape (n_clusters, k), for `values` of shape (n, k)."""
    n = int(cluster_of.max(initial=-1)) + 1
    if n == len(values):  # no twins
        return values.astype(float)
    return np.stack([np.bincount(cluster_of, column, n) for column in values.T], axis=1)


def wilson(hits: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of a share of `hits` in `n` (Wilson, 1927), as two arrays; [0, 1] if n is 0.

    >>> [round(float(end), 3) for end in wilson(np.array(0), np.array(10))]
    [0.0, 0.278]
    """
    some = np.maximum(n, 1e-9)
    share, square = hits / some, Z * Z / some
    middle, width = share + square / 2, Z * np.sqrt(share * (1 - share) / some + square / some / 4)
    low, high = np.clip((middle - width) / (1 + square), 0, 1), np.clip((middle + width) / (1 + square), 0, 1)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def f1_interval(targets: np.ndarray, predicted: np.ndarray, groups: Groups = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of each emotion's F1, two arrays of shape (n_labels,), from 0/1 arrays (n, n_labels).

    If twins are among the tweets with the emotion or its prediction, their number is divided by Kish's design effect
    for fully correlated clusters (Kish, 1965), which makes the interval rather too wide than too narrow.
    """
    hits, either = targets * predicted, np.maximum(targets, predicted)
    of_cluster = cluster_sums(either, clusters(groups, len(targets)))
    n = of_cluster.sum(0)
    effective = n**2 / np.maximum((of_cluster**2).sum(0), 1)
    low, high = wilson(hits.sum(0) / np.maximum(n, 1) * effective, effective)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def f1_correlation(sides: Sequence[tuple[np.ndarray, np.ndarray]], groups: Groups = None) -> np.ndarray:
    """Return the correlation of the F1 of emotions and models, shape (k, k); k is the number of sides times emotions.

    By the delta method: a tweet changes 2 tp / (predicted + positives) by (2 tp_i - F1 (predicted_i + positives_i))
    over the denominator. An F1 that no tweet changes is correlated with nothing. A correlation found on few tweets is
    shrunk as if there were `SHRINKAGE` more on which both vary independently; otherwise two models that agree on a rare
    emotion would seem identical, with an interval of no width.

    Parameters
    ----------
    sides : (targets, predicted) of each model on the same tweets, arrays of shape (n, n_labels) of 0 or 1
    """
    influences, sizes = [], []
    for targets, predicted in sides:
        hits, size = targets * predicted, targets + predicted
        influences.append(2 * hits - size * (2 * hits.sum(0) / np.maximum(size.sum(0), 1)))
        sizes.append(size)
    cluster_of = clusters(groups, len(sizes[0]))
    of_cluster = cluster_sums(np.hstack(influences), cluster_of)
    n = (cluster_sums(np.hstack(sizes), cluster_of) > 0).sum(0)  # clusters with the emotion or its prediction
    covariance = of_cluster.T @ of_cluster
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(covariance / np.outer(spread, spread), nan=0.0, posinf=0.0, neginf=0.0)
    n_shared = np.minimum.outer(n, n)
    correlation *= n_shared / (n_shared + SHRINKAGE)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def combination_margins(
    weights: np.ndarray, figures: np.ndarray, low: np.ndarray, high: np.ndarray, correlation: np.ndarray
) -> tuple[float, float]:
    """Return how far the interval of sum(weights * figures) extends below and above it, from the figures' intervals.

    Parameters
    ----------
    weights, figures, low, high : shape (k,); `low` and `high` are the ends of each figure's interval
    correlation : shape (k, k), of the figures' errors

    >>> one, two = np.array([0.5]), np.array([[1.0]])
    >>> below, above = combination_margins(np.array([-1.0]), one, np.array([0.25]), np.array([0.875]), two)
    >>> below, above  # the sign turns the interval round
    (0.375, 0.25)
    """
    down, up = np.maximum(figures - low, 0), np.maximum(high - figures, 0)
    below = weights * np.where(weights > 0, down, up)
    above = weights * np.where(weights > 0, up, down)
    reach = [float(np.sqrt(max(0.0, side @ correlation @ side))) for side in (below, above)]
    return reach[0], reach[1]
