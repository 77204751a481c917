"""
The list of runs, with actions to rename, promote, export a run or delete its files.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from db.store import Store
from db.values import Run
from emoclf.errors import EmoclfError
from emoclf.metrics.run_warnings import macro_in_words, recorded_macro
from jobs.paths import runs_folder
from jobs.settings.files import ExportRunSettings
from jobs.training import run_management, run_warnings
from ui.job_bar import begin, job_bar, newest
from ui.plain_text import tell
from ui.saving import PERSISTENT, reset

DONE = "run_done"  # session state key: the result of the last action, shown after the rerun


def run_list(store: Store, runs: Sequence[Run]) -> None:
    """Draw the list, and the actions for the selected run."""
    st.dataframe([row(run) for run in runs], hide_index=True)
    found = {run.id: run for run in runs}
    names, key = {run.id: run_warnings.named(run) for run in runs}, f"run-to-change-{runs[0].id}"
    chosen = found[st.selectbox("Run to change", list(found), format_func=names.get, key=key, **PERSISTENT)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"name-{chosen.id}-{chosen.name}"
        name = st.text_input("Name", chosen.name, key=key, **PERSISTENT)
        if st.button("Rename", disabled=name == chosen.name):
            _do(f"Run {chosen.id} was renamed.", lambda: run_management.rename(store, chosen.id, name), key)
    with st.container(horizontal=True):
        _promote(store, chosen)
        with st.popover("Delete files", disabled=chosen.promoted or not chosen.files):
            st.text("The record, the predictions and the figures stay, but the run can no longer predict.")
            if st.button("Delete permanently", type="primary", key=f"delete-{chosen.id}"):
                _do(
                    f"The files of run {chosen.id} were deleted.", lambda: run_management.delete_files(store, chosen.id)
                )
        with st.popover("Export", disabled=not chosen.files):
            _export(store, chosen)
    _say(store)


def row(run: Run) -> dict[str, Any]:
    """A run as a row of the list."""
    macro, over = recorded_macro(run.metrics)
    return {
        "run": str(run.id),
        "name": run.name,
        "macro-F1": None if macro is None else round(100 * macro, 1),
        "averaged over": ", ".join(over) if macro_in_words(over) else "all emotions" if over else "",
        "state": run_warnings.state(run),
        "seed": run.seed,
        "labels": run.labels,
        "created": f"{run.created_at:%d %b %Y, %H:%M}",
        "minutes": round(run.seconds / 60, 1),
    }


def _promote(store: Store, run: Run) -> None:
    """The button that promotes a run; a degenerate run needs confirmation after a warning."""
    is_over = run.promoted or not run.files
    help_text = "Makes this run the active model, which is used wherever no other run is selected."
    words = f"Run {run.id} is promoted: it is the active model now."
    if not (reasons := run_warnings.warnings(run)):
        if st.button("Promote", disabled=is_over, help=help_text):
            _do(words, lambda: run_management.promote(store, run.id))
        return
    with st.popover("Promote", disabled=is_over, help=help_text):
        st.text("\n".join([f"Run {run.id} is degenerate.", *reasons]))
        if st.button("Promote it anyway", type="primary", key=f"confirm-{run.id}"):
            _do(words, lambda: run_management.promote(store, run.id, confirmed=True))


def _export(store: Store, run: Run) -> None:
    st.text("Writes a transformers folder with a model card. It can be used without this app.")
    default = str(runs_folder(store).absolute() / "exported" / f"run-{run.id}")
    folder = st.text_input("New folder on this machine", default, key=f"export-{run.id}", **PERSISTENT)
    if st.button("Write the folder", type="primary", key=f"write-{run.id}"):
        begin(store, "export_run", lambda: ExportRunSettings(run.id, folder))


def _do(words: str, action: Callable[[], object], *fields: str) -> None:
    """Perform an action, reset the fields it stored, and rerun the page; show the reason if it fails."""
    try:
        action()
        reset(*fields)
        st.session_state[DONE] = (True, words)
    except EmoclfError as error:
        st.session_state[DONE] = (False, str(error))
    st.rerun()


def _say(store: Store) -> None:
    """Show the result of the last action and of the last export."""
    is_good, words = st.session_state.pop(DONE, (True, ""))
    if words:
        tell(st.success if is_good else st.error, words)
    job_bar(store, "export_run")
    last = newest(store, "export_run")
    if last and last.result:
        st.text(f"Exported: run {last.result['run']} in {last.result['folder']}")
