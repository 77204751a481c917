"""
The ablation's table and claim, from the lines of finished models.

A row is compared with the recipe on the seeds that both have and on the same tweets; see `benchmarks.differences`. With
one seed it is not testable.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import array_cache, differences
from benchmarks.claims import Claim
from benchmarks.differences import Difference
from emoclf.tweets import LabelledTexts

RECIPE = "recipe"
# AP is the mean average precision
COLUMNS = "what, seeds, AP, macro-F1, dev AP, dev macro-F1, CPU seconds, AP over the recipe (95 %), verdict"
HEADER = f"| {COLUMNS.replace(', ', ' | ')} |"
FIGURES = ("precision", "macro_f1", "dev_precision", "dev_macro_f1")
Lines = Sequence[dict[str, Any]]


def compared(lines: Lines, held_out: LabelledTexts) -> dict[str, Difference]:
    """Return each row's average precision on the held-out tweets minus the recipe's; p is corrected for the number of
    rows.
    """
    weights, figures = differences.resample(held_out.groups), {}
    for line in lines:
        p = array_cache.decode_array(line["held_out"], held_out.labels.shape)
        found = differences.average_precision(weights, held_out.labels, p)
        figures.setdefault(line["row"], {})[line["seed"]] = found
    return differences.against(figures, RECIPE) if RECIPE in figures else {}


def table(lines: Lines, names: Sequence[str], found: dict[str, Difference]) -> list[str]:
    """Return a Markdown table with one line per measured row: mean and standard deviation, in points."""
    shown = [HEADER, "|---|" + "---:|" * 7 + "---|"]
    for name in names:
        if own := sorted((line for line in lines if line["row"] == name), key=lambda line: int(line["seed"])):
            figures = " | ".join(_mean_and_spread([line[figure] for line in own]) for figure in FIGURES)
            seeds = ", ".join(str(line["seed"]) for line in own)
            seconds = round(float(np.mean([line["seconds"] for line in own])))
            shown.append(f"| {name} | {seeds} | {figures} | {seconds} | {_against_recipe(name, found)} |")
    return shown


def claim(lines: Lines, found: dict[str, Difference]) -> Claim:
    """Return the lower limit of the interval of the best row with a significant gain, in points; 0 if there is none."""
    tested = {name: one for name, one in found.items() if one.is_testable}
    better = {name: round(100 * one.low, 2) for name, one in tested.items() if one.verdict == "better"}
    detail = {"rows": len({line["row"] for line in lines}), "models": len(lines), "better": better or "none"}
    detail |= {"rows_tested": len(tested), "rows_not_testable": len(found) - len(tested)}
    name = "no change to the recipe gains average precision beyond chance"
    value = max([0.0, *better.values()])
    return Claim(name, value, 0, "points", at_most=True, detail=detail, testable=bool(tested))


def _against_recipe(name: str, found: dict[str, Difference]) -> str:
    """Return the last two cells of a row."""
    if name == RECIPE:
        return " | kept"
    if name not in found:
        return " | no seed in common yet"
    return f"{found[name].in_points(2)} | {found[name].verdict}"


def _mean_and_spread(values: Sequence[float]) -> str:
    spread = f" ± {100 * np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
    return f"{100 * np.mean(values):.2f}{spread}"
