"""
The runs: what there is, and what can be done with each: another name, promotion to predictor, less room on the disk.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from db.store import Store
from db.values import Run
from emoclf.errors import EmoclfError
from jobs import keeping

DONE = "run_done"  # in the session's state: what became of the last button, to be said after the page was drawn again


def run_list(store: Store, runs: Sequence[Run]) -> None:
    """Draw the list, and the deeds for the run that is chosen."""
    st.dataframe([row(run) for run in runs], hide_index=True, column_config={"run": st.column_config.TextColumn(width=50)})
    names = {run.id: run for run in runs}
    chosen = names[st.selectbox("Change run", names, format_func=lambda i: f"run {i} · {names[i].name}")]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", chosen.name, key=f"name-{chosen.id}-{chosen.name}")
        if st.button("Rename", disabled=name == chosen.name):
            _do(lambda: f"Run {chosen.id} is now {keeping.rename(store, chosen.id, name).name}.")
        if st.button("Promote", disabled=chosen.promoted or not chosen.files, help="it predicts where no run is named"):
            _do(lambda: f"Run {keeping.promote(store, chosen.id).id} is promoted: it predicts, and comes first in review.")
        with st.popover("Delete files", disabled=chosen.promoted or not chosen.files):
            st.text(f"The record of run {chosen.id}, its predictions and figures stay; it can predict no more.")
            if st.button("Delete for good", type="primary", key=f"delete-{chosen.id}"):
                _do(lambda: f"{keeping.delete_files(store, chosen.id)['freed_bytes'] / 1e6:,.0f} MB are free again.")
    _say()


def row(run: Run) -> dict[str, Any]:
    """A run as the list shows it."""
    macro = run.metrics.get("macro_f1")
    state = "promoted" if run.promoted else ("" if run.files else "files deleted")
    return {
        "run": str(run.id),
        "name": run.name,
        "macro-F1": None if macro is None else f"{100 * macro:.1f}",
        "": state,
        "labels": run.labels,
        "made": f"{run.created_at:%d %b %Y %H:%M}",
        "minutes": f"{run.seconds / 60:.1f}",
    }


def _do(deed: Callable[[], str]) -> None:
    """Do it and draw the page again, so that the list shows it; what went wrong is said too."""
    try:
        st.session_state[DONE] = (True, deed())
    except EmoclfError as error:
        st.session_state[DONE] = (False, str(error))
    st.rerun()


def _say() -> None:
    is_good, words = st.session_state.pop(DONE, (True, ""))
    if words:
        (st.success if is_good else st.error)(words.translate(PLAIN))
