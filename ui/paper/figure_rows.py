"""
The data of a plotly chart as rows, for a CSV file.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from emoclf.files.escaping import without_formula

Row = dict[str, Any]


def figure_rows(figure: go.Figure) -> list[Row]:
    """Return a row for each point, bar or cell of a chart, with the name of its series.

    >>> figure_rows(go.Figure(go.Bar(x=["joy", "fear"], y=[2, 1], name="train")))
    [{'series': 'train', 'x': 'joy', 'y': 2}, {'series': 'train', 'x': 'fear', 'y': 1}]
    """
    return [row for trace in figure.data for row in _rows(trace)]


def _rows(trace: Any) -> Iterator[Row]:
    if trace.type == "heatmap":
        for i, name in enumerate(trace.y):
            for j, column in enumerate(trace.x):
                yield {"row": name, "column": column, "count": trace.text[i][j] or "0", "share": float(trace.z[i][j])}
        return
    title = {"series": trace.name}
    if trace.yaxis not in (None, "y"):
        title["panel"] = trace.yaxis
    error = getattr(trace, "error_y", None)
    ups, downs = (error.array, error.arrayminus) if error is not None else (None, None)
    for n, (x, y) in enumerate(zip(trace.x, trace.y, strict=True)):
        whiskers = {} if ups is None else {"low": y - downs[n], "high": y + ups[n]}
        yield {**title, "x": _plain(x), "y": _plain(y), **whiskers}


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV, with every column that one of them has; what a row lacks is blank.

    Names of runs and reviewers stand in it, so no cell is one that a spreadsheet would run.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows({name: without_formula(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue()
