"""
Compares two training sets by several runs each (arms) that differ only in the seed.

Two models differ by their seeds alone, which an interval over tweets ignores. So an arm is a set of models that differ
only in the seed, and the mean F1 of the arms is compared. The interval of the difference includes the variation between
tweets, as in `emoclf.metrics.intervals`, and between seeds, from the variance within each arm, with Student's t for the
small number of models (Welch, 1947; Satterthwaite, 1946). Models of two arms are not paired by seed: a seed fixes the
order of the tweets, but its effect depends on the labels.
"""

from collections.abc import Collection, Sequence

import numpy as np

from emoclf.labels import EMOTIONS, LabelSet
from emoclf.metrics.intervals import Groups, Z, combination_margins, f1_correlation, f1_interval
from emoclf.metrics.scores import Change, holm

MIN_SEEDS = 2  # per arm: one model does not show the variation between seeds


def compare_arms(
    targets: np.ndarray,
    before: Sequence[np.ndarray],
    after: Sequence[np.ndarray],
    label_set: LabelSet = EMOTIONS,
    groups: Groups = None,
    over: Collection[str] | None = None,
) -> dict[str, Change]:
    """Compare the mean F1 of `after` with that of `before`, per emotion and under "macro".

    Parameters
    ----------
    targets : shape (n, n_labels), 0 or 1
    before, after : the predictions of each model of an arm for the same tweets, arrays of the shape of `targets`
    groups, over : as in `emoclf.metrics.scores.score`

    Raises
    ------
    ValueError : if an arm has fewer than two models
    """
    if min(len(before), len(after)) < MIN_SEEDS:
        raise ValueError(f"the arms have {len(before)} and {len(after)} models, expected {MIN_SEEDS} or more each")
    averaged = np.array([name in over for name in label_set.names]) if over is not None else targets.any(axis=0)
    rows = np.vstack([np.eye(len(label_set)), averaged / max(int(averaged.sum()), 1)])
    sides = [(targets, predicted) for predicted in (*before, *after)]
    figures = np.array([_f1(targets, predicted) for _, predicted in sides])
    ends = [f1_interval(*side, groups) for side in sides]
    low, high = (np.concatenate([one[end] for one in ends]) for end in (0, 1))
    correlation = f1_correlation(sides, groups)
    sizes, found = (len(before), len(after)), []
    for row in rows:
        weights = np.concatenate([-row / sizes[0]] * sizes[0] + [row / sizes[1]] * sizes[1])
        reach = combination_margins(weights, figures.ravel(), low, high, correlation)
        own = figures @ row
        found.append(_compare_means(own[: sizes[0]], own[sizes[0] :], reach))
    p = [*holm(np.array([one[-1] for one in found[:-1]])), found[-1][-1]]
    support = [*targets.sum(0), targets.sum()]
    return {
        name: Change(int(support[j]), *found[j][:-1], float(p[j])) for j, name in enumerate([*label_set.names, "macro"])
    }


def _compare_means(
    before: np.ndarray, after: np.ndarray, reach: tuple[float, float]
) -> tuple[float, float, float, float, float]:
    """Return the means of both arms, the interval of their difference, and its p-value, from one F1 per model.

    `reach` is how far the interval over tweets extends below and above the difference.
    """
    from scipy.stats import t

    variances = [own.var(ddof=1) / len(own) for own in (before, after)]
    seed_variance = float(sum(variances))
    se = np.array([np.sqrt((one / Z) ** 2 + seed_variance) for one in reach])
    squared = sum(part**2 / (len(own) - 1) for part, own in zip(variances, (before, after), strict=True))
    df = np.array([one**4 / squared if squared > 0 else 1e9 for one in se])
    difference = float(after.mean() - before.mean())
    down, up = t.ppf(0.975, np.maximum(df, 1)) * se
    side = 0 if difference > 0 else 1
    p = float(2 * t.sf(abs(difference) / se[side], max(df[side], 1))) if se[side] > 0 else 1.0
    return float(before.mean()), float(after.mean()), difference - float(down), difference + float(up), p


def _f1(targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return np.asarray(2 * (targets * predicted).sum(0) / np.maximum((targets + predicted).sum(0), 1))
