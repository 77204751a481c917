"""
Charts: plain plotly figures from plain values; nothing is computed here.
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from db.values import Counts
from emoclf.labels import EMOTIONS
from emoclf.metrics import Change

QUIET = {"displayModeBar": False}
BEFORE, AFTER = "#9aa7b8", "#3b6fd4"


def label_counts(counts: Sequence[Counts]) -> go.Figure:
    """How many tweets carry each emotion, a bar per split."""
    figure = go.Figure()
    for count, color in zip(counts, (AFTER, BEFORE, "#c9a227"), strict=False):
        figure.add_bar(x=list(EMOTIONS.names), y=list(count.per_emotion.values()), name=count.split, marker_color=color)
    return _calm(figure, "tweets")


def before_after(changes: Mapping[str, Change], names: tuple[str, str]) -> go.Figure:
    """F1 of each emotion before and after, in percent; the whisker is the interval of the difference."""
    emotions = list(EMOTIONS.names)
    after = [100 * changes[e].after for e in emotions]
    up = [100 * max(0.0, changes[e].high - changes[e].difference) for e in emotions]
    down = [100 * max(0.0, changes[e].difference - changes[e].low) for e in emotions]
    figure = go.Figure()
    figure.add_bar(x=emotions, y=[100 * changes[e].before for e in emotions], name=names[0], marker_color=BEFORE)
    whiskers = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1, "width": 3}
    figure.add_bar(x=emotions, y=after, name=names[1], marker_color=AFTER, error_y=whiskers)
    return _calm(figure, "F1, %")


def _calm(figure: go.Figure, axis: str) -> go.Figure:
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.1, "x": 0},
        yaxis={"title": axis, "rangemode": "tozero"},
        bargap=0.3,
        hovermode="x unified",
    )
    return figure
