"""
Looking into a run: one view at a time, so that the others cost nothing.
"""

from collections.abc import Callable

import streamlit as st

from ui import judging, tracing
from ui.look import Look

VIEWS: dict[str, Callable[[Look], None]] = {
    "Thresholds": judging.thresholds,
    "Calibration": judging.calibration,
    "Confusions": judging.confusions,
    "Changed most": tracing.changed_most,
    "Where labels came from": tracing.lineage,
    "Curves": tracing.curves,
}


@st.fragment
def look_into(look: Look) -> None:
    """Draw the view that is chosen; moving something in it draws nothing else again."""
    view = st.segmented_control("Look into", list(VIEWS), default=next(iter(VIEWS)), required=True)
    VIEWS[view](look)
