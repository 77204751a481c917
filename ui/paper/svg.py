"""
Writes the plotly charts of `ui.charts` as SVG, without a browser: bars, lines, heat maps, and panels beside each other.

Only what these charts use is drawn. The background is transparent and the text black, as a paper needs it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ui.paper.scales import Scale, scale_of

WIDTH, LEFT, RIGHT, BOTTOM = 760, 60, 16, 56  # pixels
LEGEND = 28  # pixels above the panels
COLOURS = ("#3b6fd4", "#9aa7b8", "#c9a227", "#7a4fa3", "#2e8b57")
FONT = 'font-family="Helvetica, Arial, sans-serif" font-size="12"'
DASHES = {"dot": "2 3", "dash": "6 4"}


def svg(figure: go.Figure) -> str:
    """Return a chart as the text of an SVG file."""
    top = LEGEND + 26 + (70 if any(axis.side == "top" for axis in figure.select_xaxes()) else 0)
    height = (figure.layout.height or 300) + top
    left = LEFT + 36 if any(trace.type == "heatmap" for trace in figure.data) else LEFT  # for the names of its rows
    frame = (left, WIDTH - RIGHT, height - BOTTOM, top)
    panels = dict.fromkeys((trace.xaxis or "x", trace.yaxis or "y") for trace in figure.data)
    parts = [part for x, y in panels for part in _panel(figure, x, y, frame)]
    parts += [*_annotations(figure, frame), *_legend(figure)]
    body = "\n".join(parts)
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT} fill="black">\n{body}\n</svg>\n'


@dataclass(frozen=True)
class _Panel:
    """A pair of axes, and the traces that are drawn on it."""

    x: Scale
    y: Scale
    traces: Sequence[Any]


def _panel(figure: go.Figure, x_name: str, y_name: str, frame: tuple[float, float, float, float]) -> Iterator[str]:
    x_axis, y_axis = (figure.layout[f"{name[0]}axis{name[1:]}"] for name in (x_name, y_name))
    traces = [one for one in figure.data if ((one.xaxis or "x"), (one.yaxis or "y")) == (x_name, y_name)]
    left, right, bottom, top = frame
    across, up = x_axis.domain or (0, 1), y_axis.domain or (0, 1)
    gap = 30 if across[0] > 0 else 0  # for the ticks of a panel that is not the first
    x_ends = (left + across[0] * (right - left) + gap, left + across[1] * (right - left))
    y_ends = (bottom + up[0] * (top - bottom), bottom + up[1] * (top - bottom))
    has_bars = any(one.type == "bar" for one in traces)
    values = [[value for one in traces for value in getattr(one, name)] for name in "xy"]
    values[1] += [y for one in traces for y in _whisker_ends(one)]
    panel = _Panel(scale_of(x_axis, values[0], x_ends, False), scale_of(y_axis, values[1], y_ends, has_bars), traces)
    yield from _axes(panel, x_axis, y_axis)
    if x_name == "x":
        yield from _shapes(figure, panel)
    bars = [one for one in traces if one.type == "bar"]
    for n, trace in enumerate(traces):
        colour = _colour(trace, n)
        if trace.type == "bar":
            yield from _bars(panel, trace, colour, bars.index(trace), len(bars))
        elif trace.type == "heatmap":
            yield from _cells(panel, trace)
        else:
            yield from _line(panel, trace, colour)


def _axes(panel: _Panel, x_axis: Any, y_axis: Any) -> Iterator[str]:
    x, y = panel.x, panel.y
    low, high = max(y.start, y.end), min(y.start, y.end)
    for at, words in y.ticks():
        if not y.names:
            yield f'<line x1="{x.start:.1f}" x2="{x.end:.1f}" y1="{at:.1f}" y2="{at:.1f}" stroke="#dddddd"/>'
        yield _text(x.start - 6, at + 4, words, "end")
    edge = high if x_axis.side == "top" else low
    for at, words in x.ticks():
        if x.names and x.step < 80:
            end, turn = ("start", -60) if x_axis.side == "top" else ("end", -35)
            yield _text(at, edge + (-6 if x_axis.side == "top" else 14), words, end, turn)
        else:
            yield _text(at, edge + 16, words, "middle")
    yield f'<line x1="{x.start:.1f}" x2="{x.end:.1f}" y1="{low:.1f}" y2="{low:.1f}" stroke="black"/>'
    if x_axis.title.text:
        yield _text((x.start + x.end) / 2, low + 36, x_axis.title.text, "middle")
    if y_axis.title.text:
        yield _text(x.start - 42, (low + high) / 2, y_axis.title.text, "middle", -90)


def _bars(panel: _Panel, trace: Any, colour: str, n: int, of: int) -> Iterator[str]:
    pitch = (
        panel.x.step
        if panel.x.names
        else abs(panel.x.at(trace.x[-1]) - panel.x.at(trace.x[0])) / max(len(trace.x) - 1, 1)
    )
    width = 0.7 * pitch / of
    ends = _whisker_ends(trace)
    base = panel.y.at(1 if panel.y.is_log else max(panel.y.low, 0))
    for i, (x, y) in enumerate(zip(trace.x, trace.y, strict=True)):
        left, top = panel.x.at(x) + (n - of / 2) * width, panel.y.at(y)
        tall = max(base - top, 0)
        yield f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{tall:.1f}" fill="{colour}"/>'
        if ends:
            middle, low, high = left + width / 2, panel.y.at(ends[2 * i]), panel.y.at(ends[2 * i + 1])
            yield f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="black"/>'


def _whisker_ends(trace: Any) -> list[float]:
    """Return the lower and the upper end of each whisker of a bar chart, one after the other."""
    error = trace.error_y if trace.type == "bar" else None
    if error is None or error.array is None:
        return []
    ups, downs = error.array, error.arrayminus
    return [end for y, up, down in zip(trace.y, ups, downs, strict=True) for end in (y - down, y + up)]


def _line(panel: _Panel, trace: Any, colour: str) -> Iterator[str]:
    mode = trace.mode or "lines"
    known = [(x, y) for x, y in zip(trace.x, trace.y, strict=True) if y is not None and y == y]
    points = [(panel.x.at(x), panel.y.at(y)) for x, y in known]
    if "lines" in mode and points:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        width = trace.line.width or 2
        look = f'stroke="{colour}" stroke-width="{width}" {_dash(trace.line.dash)} opacity="{trace.opacity or 1}"'
        yield f'<polyline points="{path}" fill="none" {look}/>'
    if "markers" in mode:
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)


def _cells(panel: _Panel, trace: Any) -> Iterator[str]:
    width, height = panel.x.step - 1, panel.y.step - 1
    for i, row in enumerate(trace.y):
        for j, column in enumerate(trace.x):
            x, y, share = panel.x.at(column), panel.y.at(row), float(np.clip(trace.z[i][j], 0, 1))
            box = f'x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height:.1f}"'
            yield f'<rect {box} fill="{COLOURS[0]}" fill-opacity="{0.6 * share:.3f}"/>'
            yield _text(x, y + 4, str(trace.text[i][j]), "middle")


def _shapes(figure: go.Figure, panel: _Panel) -> Iterator[str]:
    """Draw the vertical lines and bands."""
    low, high = max(panel.y.start, panel.y.end), min(panel.y.start, panel.y.end)
    for shape in figure.layout.shapes:
        x0, x1 = panel.x.at(shape.x0), panel.x.at(shape.x1)
        if shape.type == "rect":
            box = f'x="{x0:.1f}" y="{high:.1f}" width="{x1 - x0:.1f}" height="{low - high:.1f}"'
            yield f'<rect {box} fill="{shape.fillcolor}" fill-opacity="{shape.opacity}"/>'
        else:
            ends = f'x1="{x0:.1f}" x2="{x0:.1f}" y1="{low:.1f}" y2="{high:.1f}"'
            yield f'<line {ends} stroke="black" {_dash(shape.line.dash)}/>'


def _annotations(figure: go.Figure, frame: tuple[float, float, float, float]) -> Iterator[str]:
    """Write the notes that stand above the panels; those within a panel explain what is visible, and are left out."""
    left, right, _, top = frame
    for note in figure.layout.annotations:
        if note.xref == "paper" and note.yref == "paper" and note.y >= 1:
            side = {"right": "end", "left": "start"}.get(note.xanchor, "middle")
            yield _text(left + note.x * (right - left), top - 10, note.text, side)


def _legend(figure: go.Figure) -> Iterator[str]:
    x = float(LEFT)
    named = [(n, one) for n, one in enumerate(figure.data) if one.name and one.showlegend is not False]
    if len(named) < 2:
        return
    for n, trace in named:
        yield f'<rect x="{x:.0f}" y="10" width="12" height="12" fill="{_colour(trace, n)}"/>'
        yield _text(x + 17, 20, trace.name, "start")
        x += 36 + 7 * len(trace.name)


def _colour(trace: Any, n: int) -> str:
    given = trace.marker.color if trace.type == "bar" else trace.line.color if trace.type == "scatter" else None
    return given if isinstance(given, str) else COLOURS[n % len(COLOURS)]


def _dash(kind: str | None) -> str:
    return f'stroke-dasharray="{DASHES[kind]}"' if kind in DASHES else ""


def _text(x: float, y: float, words: str, anchor: str, turn: int = 0) -> str:
    turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turned}>{escape(words)}</text>'
