"""
The ablation's table and claim, from the lines that finished models left.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.claims import Claim

RECIPE = "recipe"
# AP is the mean average precision
COLUMNS = "what, seeds, AP, macro-F1, dev AP, dev macro-F1, CPU seconds, against the recipe"
HEADER = f"| {COLUMNS.replace(', ', ' | ')} |"
FIGURES = ("precision", "macro_f1", "dev_precision", "dev_macro_f1")
Lines = Sequence[dict[str, Any]]


def table(lines: Lines, names: Sequence[str]) -> list[str]:
    """Markdown, a line per row that has been measured; figures in points, as mean and standard deviation."""
    shown = [HEADER, "|---|" + "---:|" * 6 + "---|"]
    for name in names:
        if own := _of(lines, name):
            figures = " | ".join(_mean_and_spread([line[figure] for line in own]) for figure in FIGURES)
            seeds = ", ".join(str(line["seed"]) for line in own)
            seconds = round(float(np.mean([line["seconds"] for line in own])))
            shown.append(f"| {name} | {seeds} | {figures} | {seconds} | {verdict(lines, name)} |")
    return shown


def verdict(lines: Lines, name: str) -> str:
    """How far a row's average precision on the tweets held out is from the recipe's, on seeds that both have."""
    if name == RECIPE:
        return "kept"
    if not (pairs := _differences(lines, name)):
        return "no seed in common yet"
    gain, chance = float(np.mean(pairs)), noise(lines, len(pairs))
    if abs(gain) <= chance:
        return f"{100 * gain:+.2f}: within noise"
    return f"{100 * gain:+.2f}: {'better' if gain > 0 else 'worse'}"


def noise(lines: Lines, seeds: int) -> float:
    """Two standard errors of the difference of two rows with so many seeds each; infinite while no row has two seeds.

    The standard deviation over seeds is pooled over all rows.
    """
    groups = [[line["precision"] for line in _of(lines, name)] for name in {line["row"] for line in lines}]
    squares = sum(float(np.var(group)) * len(group) for group in groups)
    freedom = sum(len(group) - 1 for group in groups)
    return 2 * math.sqrt(squares / freedom * 2 / seeds) if freedom else math.inf


def claim(lines: Lines) -> Claim:
    """By how many points of average precision the best row beats the recipe beyond the noise; 0 where none does."""
    beyond = {name: _beyond(lines, name) for name in {line["row"] for line in lines} - {RECIPE}}
    ahead = {name: round(100 * gain, 2) for name, gain in beyond.items() if gain > 0}
    detail = {"rows": len(beyond) + 1, "models": len(lines), "beyond_noise": ahead or "none"}
    if not math.isfinite(noise(lines, 1)):
        detail["noise"] = "not known from one seed: nothing can be beyond it"
    name = "no change to the recipe gains more average precision than its noise"
    return Claim(name, max([0.0, *ahead.values()]), 0, "points", at_most=True, detail=detail)


def _beyond(lines: Lines, name: str) -> float:
    pairs = _differences(lines, name)
    return float(np.mean(pairs)) - noise(lines, len(pairs)) if pairs else 0.0


def _of(lines: Lines, name: str) -> list[dict[str, Any]]:
    return sorted((line for line in lines if line["row"] == name), key=lambda line: int(line["seed"]))


def _differences(lines: Lines, name: str) -> list[float]:
    """A row's average precision less the recipe's, seed by seed."""
    base = {line["seed"]: line["precision"] for line in _of(lines, RECIPE)}
    return [line["precision"] - base[line["seed"]] for line in _of(lines, name) if line["seed"] in base]


def _mean_and_spread(values: Sequence[float]) -> str:
    spread = f" ± {100 * np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
    return f"{100 * np.mean(values):.2f}{spread}"
