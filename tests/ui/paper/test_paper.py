"""Tests of tables and charts for a paper: LaTeX that compiles, charts with all their data, CSV with plain numbers."""

import csv
import io
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from emoclf.labels import EMOTIONS
from emoclf.metrics.reliability import reliability
from emoclf.metrics.scores import Change
from emoclf.metrics.tradeoff import tradeoff
from ui import charts
from ui.paper.figure_rows import csv_text, figure_rows
from ui.paper.latex import latex_table
from ui.paper.svg import svg

SVG = "{http://www.w3.org/2000/svg}"
TARGETS = np.random.default_rng(0).integers(0, 2, (200, 11))
CHANCES = np.clip(0.3 * TARGETS + 0.6 * np.random.default_rng(1).random((200, 11)), 0, 0.9)
CHANGES = {name: Change(9, 0.4, 0.5 + 0.01 * n, 0.02, 0.28, 0.1) for n, name in enumerate(EMOTIONS.names)}
HISTORY = [
    {"fold": fold, "epoch": epoch, "loss": 1 / epoch, "macro_f1": 0.1 * epoch} for fold in (0, 1) for epoch in (1, 2)
]
FIGURES = {
    "before and after": charts.before_after(CHANGES, ("run <1> & co", "run 2")),
    "curves": charts.curves(HISTORY),
    "thresholds": charts.tradeoff(tradeoff(TARGETS[:, 0], CHANCES[:, 0]), 0.4, 0.5),
    "calibration": charts.reliability(reliability(TARGETS, CHANCES)),
    "confusions": charts.heat_map(np.arange(121).reshape(11, 11), np.full(11, 121), "#000"),
}


def test_a_table_for_latex_has_rules_a_caption_and_escaped_cells() -> None:
    rows = [
        {"emotion": "joy", "F1": "51.2", "note": "R&D_1 50 % {x} #1 $5 ~ ^ \\ ▲ better"},
        {"emotion": "macro", "F1": "−1.0", "note": ""},
    ]
    assert latex_table(rows, "F1 in %", "f1") == "\n".join(
        [
            r"% \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            r"\caption{F1 in \%}",
            r"\label{tab:f1}",
            r"\begin{tabular}{lrl}",
            r"\toprule",
            r"emotion & F1 & note \\",
            r"\midrule",
            r"joy & 51.2 & R\&D\_1 50 \% \{x\} \#1 \$5 \textasciitilde{} \textasciicircum{} \textbackslash{} "
            r"$\uparrow$ better \\",
            r"\midrule",
            r"macro & $-$1.0 &  \\",
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_every_chart_is_valid_svg_whose_marks_lie_within_the_picture(figure: go.Figure) -> None:
    root = ElementTree.fromstring(svg(figure))
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    for mark in root.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(mark.attrib.get(name, 0)) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(mark.attrib.get(name, 0)) <= height
        assert float(mark.attrib.get("height", 0)) >= 0


def texts(figure: go.Figure) -> list[str]:
    """The words in a chart."""
    return [str(one.text) for one in ElementTree.fromstring(svg(figure)).iter(f"{SVG}text")]


def marks(figure: go.Figure, tag: str, **attributes: str) -> list[Any]:
    """The marks of a chart with this tag and these attributes."""
    found = ElementTree.fromstring(svg(figure)).iter(f"{SVG}{tag}")
    return [one for one in found if attributes.items() <= one.attrib.items()]


def test_bars_are_as_high_as_their_values_and_have_names_and_a_legend() -> None:
    figure = FIGURES["before and after"]
    assert {*EMOTIONS.names, "run <1> & co", "run 2", "F1, %", charts.WHISKERS} <= set(texts(figure))
    before, after = (marks(figure, "rect", fill=colour)[-2] for colour in (charts.BEFORE, charts.AFTER))  # of trust
    assert float(after.attrib["height"]) / float(before.attrib["height"]) == pytest.approx(0.6 / 0.4, rel=0.01)


def test_lines_and_cells_are_all_drawn() -> None:
    assert len(marks(FIGURES["thresholds"], "polyline")) == 3
    assert len(marks(FIGURES["curves"], "polyline")) == 4
    assert {"loss", "epoch", "macro-F1 on held-out tweets, at 0.5"} <= set(texts(FIGURES["curves"]))
    assert {"120", "60"} <= set(texts(FIGURES["confusions"]))


def test_the_data_of_a_chart_are_a_row_for_each_mark() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(figure_rows(FIGURES["before and after"])))))
    assert len(rows) == 22
    assert rows[-1]["series"] == "run 2"
    assert (rows[-1]["x"], float(rows[-1]["y"])) == ("trust", pytest.approx(60))
    assert (float(rows[-1]["low"]), float(rows[-1]["high"])) == (pytest.approx(42), pytest.approx(68))
    cells = figure_rows(FIGURES["confusions"])
    assert (len(cells), cells[1]["row"], cells[1]["column"], cells[1]["count"]) == (121, "anger", "anticipation", "1")
