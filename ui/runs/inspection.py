"""
The inspection of a run, one view at a time, so that other views cost nothing.
"""

from collections.abc import Callable

import streamlit as st

from ui.runs import lineage, run_views
from ui.runs.inspected_run import InspectedRun
from ui.saving import PERSISTENT

VIEWS: dict[str, Callable[[InspectedRun], None]] = {
    "Thresholds": run_views.thresholds,
    "Calibration": run_views.calibration,
    "Confusions": run_views.confusions,
    "Changed most": lineage.changed_most,
    "Where labels came from": lineage.lineage,
    "Curves": lineage.curves,
}


@st.fragment
def inspection_views(inspected: InspectedRun) -> None:
    """Draw the view that is chosen; moving something in it draws nothing else again."""
    view = st.segmented_control(
        "View of the run", list(VIEWS), default=next(iter(VIEWS)), required=True, key="inspection-view", **PERSISTENT
    )
    VIEWS[view](inspected)
