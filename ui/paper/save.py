"""
The "Save" popover beside a table or chart, with a button for each format.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from ui.paper.figure_rows import csv_text, figure_rows
from ui.paper.latex import latex_table
from ui.paper.svg import svg

Rows = Sequence[Mapping[str, Any]]


def save_table(name: str, shown: Rows, caption: str, figures: Rows | None = None) -> None:
    """Offer a table as CSV and as LaTeX.

    Parameters
    ----------
    name : of the files, such as "f1-run-2"; every table and chart of a page has another one
    shown : the rows as a reader of the paper sees them
    figures : the rows for CSV, with plain numbers; None: as shown
    """
    _save(
        name,
        {
            "CSV": (".csv", lambda: csv_text(shown if figures is None else figures)),
            "LaTeX": (".tex", lambda: latex_table(shown, caption, name)),
        },
    )


def save_chart(name: str, figure: go.Figure) -> None:
    """Offer a chart as SVG and its data as CSV; `name` as in `save_table`."""
    _save(name, {"SVG": (".svg", lambda: svg(figure)), "CSV": (".csv", lambda: csv_text(figure_rows(figure)))})


def _save(name: str, forms: Mapping[str, tuple[str, Callable[[], str]]]) -> None:
    with st.popover("Save", type="tertiary", icon=":material/download:", key=f"save-{name}"):
        for label, (ending, content) in forms.items():
            st.download_button(
                label, content, f"{name}{ending}", key=f"save-{name}{ending}", on_click="ignore", width="stretch"
            )
