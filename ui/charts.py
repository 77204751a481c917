"""
Creates the plotly charts of the app from plain values; nothing is computed here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from db.values import Counts
from emoclf.labels import EMOTIONS
from emoclf.metrics.reliability import Bin
from emoclf.metrics.scores import Change
from emoclf.metrics.tradeoff import THRESHOLDS, Tradeoff

QUIET = {"displayModeBar": False}
WHISKERS = "whiskers: 95 % interval of the difference"
BEFORE, AFTER, THIRD = "#9aa7b8", "#3b6fd4", "#c9a227"
NO_BLUE, BLUE = "rgba(59,111,212,0)", "rgba(59,111,212,0.6)"  # colours that are readable in light and dark mode


def label_counts(counts: Sequence[Counts]) -> go.Figure:
    """Number of tweets per emotion, one bar per split."""
    figure = go.Figure()
    for count, color in zip(counts, (AFTER, BEFORE, THIRD), strict=False):
        figure.add_bar(x=list(EMOTIONS.names), y=list(count.per_emotion.values()), name=count.split, marker_color=color)
    return _calm(figure, "tweets")


def before_after(changes: Mapping[str, Change], names: tuple[str, str]) -> go.Figure:
    """F1 of each emotion before and after, in percent, with the 95 % interval of the difference.

    The interval is drawn on the bar of the later run: where it includes the top of the other bar, it includes no
    change.
    """
    emotions = list(EMOTIONS.names)
    after = [100 * changes[e].after for e in emotions]
    up = [100 * max(0.0, changes[e].high - changes[e].difference) for e in emotions]
    down = [100 * max(0.0, changes[e].difference - changes[e].low) for e in emotions]
    figure = go.Figure()
    figure.add_bar(x=emotions, y=[100 * changes[e].before for e in emotions], name=names[0], marker_color=BEFORE)
    whiskers = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1, "width": 3}
    figure.add_bar(x=emotions, y=after, name=names[1], marker_color=AFTER, error_y=whiskers)
    note = {
        "text": WHISKERS,
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 1,
        "y": 1.12,
        "xanchor": "right",
    }
    figure.add_annotation(note)
    return _calm(figure, "F1, %", top=36)


def curves(history: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Loss and validation macro-F1 per epoch, one line per model."""
    figure = make_subplots(cols=2, subplot_titles=("loss", "macro-F1 on held-out tweets, at 0.5"))
    for fold in dict.fromkeys(entry.get("fold") for entry in history):
        entries = [entry for entry in history if entry.get("fold") == fold]
        style = {"mode": "lines+markers", "name": f"fold {fold}", "showlegend": False}
        style |= {"line": {"color": AFTER, "width": 1.5}, "opacity": 0.6 if fold is not None else 1.0}
        for column, name in enumerate(("loss", "macro_f1"), start=1):
            shown = [entry for entry in entries if entry.get(name) is not None]
            x, y = [entry["epoch"] for entry in shown], [entry[name] for entry in shown]
            figure.add_scatter(x=x, y=y, row=1, col=column, **style)
    figure.update_xaxes(title="epoch", dtick=1)
    return _calm(figure, None, height=240, top=30)


def tradeoff(curve: Tradeoff, chosen: float, own: float) -> go.Figure:
    """Precision, recall and F1 by threshold, with the selected threshold and the run's own.

    The lines end where no tweet reaches the threshold.
    """
    figure = go.Figure()
    lines = {"precision": (curve.precision, BEFORE), "recall": (curve.recall, THIRD), "F1": (curve.f1, AFTER)}
    for name, (values, color) in lines.items():
        figure.add_scatter(x=THRESHOLDS[: curve.end], y=100 * values[: curve.end], name=name, line={"color": color})
    if curve.end < len(THRESHOLDS):
        figure.add_vrect(THRESHOLDS[curve.end], 1, fillcolor=BEFORE, opacity=0.15, line_width=0)
        nothing = {"text": "nothing is predicted", "showarrow": False, "textangle": -90, "y": 50}
        figure.add_annotation(nothing | {"x": (THRESHOLDS[curve.end] + 1) / 2})
    figure.add_vline(
        own,
        line={"dash": "dot", "width": 1},
        annotation={"text": "the run's threshold"},
        annotation_position="bottom right",
    )
    figure.add_vline(chosen, line={"width": 1.5})
    figure.update_xaxes(title="threshold", range=[0, 1])
    figure.update_yaxes(range=[0, 102], dtick=20)
    return _calm(figure, "%")


def reliability(bins: Sequence[Bin]) -> go.Figure:
    """Reliability diagram: observed share against predicted probability, equal on the diagonal, with counts below."""
    filled = [one for one in bins if one.n]
    figure = make_subplots(rows=2, row_heights=[0.75, 0.25], shared_xaxes=True, vertical_spacing=0.06)
    figure.add_scatter(
        x=[0, 1], y=[0, 100], mode="lines", line={"color": BEFORE, "dash": "dot"}, name="perfect calibration"
    )
    x, y = [one.predicted for one in filled], [100 * one.observed for one in filled]
    words = [f"{one.n:,} cells" for one in filled]
    figure.add_scatter(
        x=x, y=y, text=words, mode="lines+markers", line={"color": AFTER}, name="observed", hoverinfo="x+y+text"
    )
    middles = [(one.low + one.high) / 2 for one in bins]
    figure.add_bar(x=middles, y=[one.n for one in bins], row=2, col=1, marker_color=BEFORE, name="cells")
    figure.update_xaxes(range=[0, 1])
    figure.update_xaxes(title="predicted probability", row=2, col=1)
    figure.update_yaxes(title="cells", type="log", dtick=1, row=2, col=1)
    figure.update_yaxes(title="observed share, %", row=1, col=1)
    return _calm(figure, None, height=420)


def heat_map(counts: np.ndarray, totals: np.ndarray, ink: str) -> go.Figure:
    """Confusion counts, coloured by the share of the row total; rows are the labels, columns the predictions."""
    names = list(EMOTIONS.names)
    figure = go.Figure(
        go.Heatmap(
            x=names,
            y=names,
            z=counts / np.maximum(totals, 1)[:, None],
            text=np.where(counts > 0, counts.astype(str), ""),
            texttemplate="%{text}",
            textfont={"color": ink},
            colorscale=[[0, NO_BLUE], [1, BLUE]],
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="labelled %{y}, predicted %{x}: %{text}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", tickangle=-60, showgrid=False)
    figure = _calm(figure, None, height=460)
    return figure.update_layout(hovermode="closest")


def _calm(figure: go.Figure, axis: str | None, height: int = 300, top: int = 8) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": top, "b": 8},
        legend={"orientation": "h", "y": 1.1, "x": 0},
        bargap=0.3,
        hovermode="x unified",
    )
    if axis:
        figure.update_layout(yaxis={"title": axis, "rangemode": "tozero"})
    return figure
