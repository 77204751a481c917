"""
The tables and the claims of `benchmarks.active`: figures with 95 % intervals over seeds and dev tweets.
"""

from typing import Any

import numpy as np

from benchmarks.active_orders import OURS, RANDOM, RARE
from benchmarks.claims import Claim
from emoclf.metrics.scores import INTERVAL

SHARE, LEAD = 60.0, 4.0  # targets: per cent of random's labels, and points of F1 of the rare emotions
FIGURES = ("macro-F1", f"mean F1 of {', '.join(RARE[:-1])} and {RARE[-1]}")
MACRO, RARE_MEAN = range(2)
Found = dict[str, np.ndarray]  # by order, shape (2 figures, seeds, 1 + rounds, 1 + resamples); resample 0 is dev itself


def print_tables(found: Found, labelled: list[int]) -> None:
    """Print a table per figure, means with the range of the seeds, and a table of the differences from random."""
    for figure, name in enumerate(FIGURES):
        _head(f"{name}: mean (lowest … highest seed)", labelled)
        for order, values in found.items():
            points = 100 * values[figure, :, :, 0]
            rows = zip(points.mean(axis=0), points.min(axis=0), points.max(axis=0), strict=True)
            print(
                f"| {order} | " + " | ".join(f"{mean:.1f} ({low:.1f} … {high:.1f})" for mean, low, high in rows) + " |"
            )
        print()
    for figure, name in enumerate(FIGURES):
        _head(f"{name}: difference from random (95 %)", labelled[1:])
        for order in found:
            if order != RANDOM:
                leads = difference(found, order, figure)[1:]
                print(f"| {order} | " + " | ".join(_with_interval(*interval(lead)) for lead in leads) + " |")
        print()


def saved_labels(found: Found, labelled: list[int], detail: dict[str, Any]) -> Claim:
    """Return the claim on how many labels our order needs, relative to random, for random's last macro-F1."""
    needed = {name: labels_needed(found, figure, labelled) for figure, name in enumerate(("macro", "rare"))}
    share, low, high = 100 * interval_of_shares(needed["macro"], labelled[-1])
    rare = interval_of_shares(needed["rare"], labelled[-1])
    chosen = (needed["macro"][0] - labelled[0]) / (labelled[-1] - labelled[0])
    shown = {
        "interval": f"{low:.0f} … {high:.0f}",
        "of the chosen labels alone": f"{100 * chosen:.0f} %",
        "for the mean F1 of the rare emotions": f"{100 * rare[0]:.0f} ({100 * rare[1]:.0f} … {100 * rare[2]:.0f}) %",
        "100 %": "not before random",
    }
    return Claim(
        "labels with which our order reaches the last macro-F1 of random", share, SHARE, "%", True, {**detail, **shown}
    )


def lead_on_rare(found: Found, detail: dict[str, Any]) -> Claim:
    """Return the claim on our lead over random on the rare emotions, the mean of all rounds."""
    lead, low, high = interval(difference(found, OURS, RARE_MEAN)[1:].mean(axis=0))
    shown = {"interval": f"{low:+.1f} … {high:+.1f}"}
    return Claim(
        "our lead over random on the rare emotions at equal labels", lead, LEAD, "points", False, detail | shown
    )


def difference(found: Found, order: str, figure: int) -> np.ndarray:
    """Return a figure's difference from random in points, the mean of resampled seeds, shape (1 + rounds, 1 +
    resamples).
    """
    return 100 * over_seeds(found[order][figure] - found[RANDOM][figure])


def over_seeds(values: np.ndarray) -> np.ndarray:
    """Return the mean over seeds of (seeds, 1 + rounds, 1 + resamples); each resample draws its own seeds, always the
    same ones.

    >>> over_seeds(np.array([[[1.0]], [[2.0]]])).tolist()  # without resamples
    [[1.5]]
    """
    n, resamples = len(values), values.shape[2] - 1
    picked = np.random.default_rng(1).integers(0, n, (n, resamples))
    drawn = values[picked, :, np.arange(resamples) + 1].mean(axis=0).T
    return np.concatenate([values[:, :, :1].mean(axis=0), drawn.reshape(values.shape[1], resamples)], axis=1)


def labels_needed(found: Found, figure: int, labelled: list[int]) -> np.ndarray:
    """Return with how many labels our order first reaches random's last figure, shape (1 + resamples,)."""
    goals = over_seeds(found[RANDOM][figure])[-1]
    return np.array(
        [
            first_reached(curve, goal, labelled)
            for curve, goal in zip(over_seeds(found[OURS][figure]).T, goals, strict=True)
        ]
    )


def first_reached(curve: np.ndarray, goal: float, labelled: list[int]) -> float:
    """Return with how many labels a curve first reaches the goal, with straight lines between the rounds; the last
    number of labels if it does not.

    >>> first_reached(np.array([0.1, 0.3, 0.2]), 0.2, [1000, 1500, 2000])
    1250.0
    >>> first_reached(np.array([0.1, 0.3, 0.2]), 0.4, [1000, 1500, 2000])
    2000.0
    """
    reached = np.flatnonzero(curve >= goal)
    if not len(reached):
        return float(labelled[-1])
    end = int(reached[0])
    if end == 0:
        return float(labelled[0])
    part = (goal - curve[end - 1]) / (curve[end] - curve[end - 1])
    return float(labelled[end - 1] + part * (labelled[end] - labelled[end - 1]))


def interval_of_shares(needed: np.ndarray, total: int) -> np.ndarray:
    """Return the share of random's labels and its 95 % interval, shape (3,)."""
    return np.array(interval(needed / total))


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Return the observed value, column 0, and the 95 % interval of the resampled ones."""
    low, high = np.percentile(values[1:], INTERVAL)
    return float(values[0]), float(low), float(high)


def _with_interval(mean: float, low: float, high: float) -> str:
    return f"{mean:+.1f} ({low:+.1f} … {high:+.1f})"


def _head(name: str, labelled: list[int]) -> None:
    print(f"| {name} | {' | '.join(f'{n:,} labels' for n in labelled)} |\n|---|{'---:|' * len(labelled)}")
