"""
Compares two runs on the same dev tweets, and shows the effects of labels and of the model on F1.
"""

import streamlit as st

from db.store import Store
from db.values import Run
from emoclf.errors import EmoclfError
from emoclf.metrics.scores import Change
from jobs.training import run_warnings
from jobs.training.comparison import TWO_MODELS, Comparisons
from ui import cached, charts
from ui.f1_table import MARKS, VERDICT, difference, f1_table, percent, signed
from ui.paper.save import save_chart, save_table
from ui.plain_text import tell
from ui.runs.inspected_run import InspectedRun
from ui.saving import PERSISTENT

ORIGINAL, APPROVED, BOTH = "original", "approved", "side by side"
TARGETS = {ORIGINAL: "original", APPROVED: "approved", BOTH: "approved"}


def choose(store: Store, runs: list[Run], is_dev_reviewed: bool) -> tuple[InspectedRun, str]:
    """Ask for a run, the run to compare with, and the dev labels."""
    names = {run.id: run_warnings.named(run) for run in runs}
    found = {run.id: run for run in runs}
    after_column, before_column = st.columns(2)
    newest = f"run-{runs[0].id}"  # in the key, so that a new run is shown once it is there
    after = after_column.selectbox("Run", list(names), format_func=names.get, key=newest, **PERSISTENT)
    others = [run.id for run in runs if run.id != after]
    earlier = next((i for i, run in enumerate(others) if run < after), None)
    key = f"before-{after}"
    before = before_column.selectbox(
        "Compared with", others, index=earlier, format_func=names.get, key=key, **PERSISTENT
    )
    labels = ORIGINAL
    if is_dev_reviewed:
        labels = st.segmented_control(
            "Dev labels", list(TARGETS), default=ORIGINAL, required=True, key="dev-labels", **PERSISTENT
        )
    return InspectedRun(store, found[after], found.get(before), TARGETS[labels]), labels


def show(inspected: InspectedRun, labels: str) -> None:
    """Draw the comparison on the chosen dev labels, or on both, with the two effects."""
    try:
        found = cached.comparisons(inspected.store, inspected.run.id, inspected.before.id if inspected.before else None)
    except EmoclfError as error:
        tell(st.info, str(error))
        return
    for run in (inspected.run, inspected.before):
        if run is not None:
            _notes(run)
    compared = (found.original if labels == ORIGINAL else found.approved) or found.original
    if labels == BOTH:
        st.table(rows(found), border="horizontal", hide_index=True)
        caption = f"F1 of run {inspected.run.id} in percent, on original and on approved dev labels."
        save_table(f"f1-both-labels-run-{inspected.run.id}", rows(found), caption)
        st.caption(TWO_MODELS)
    else:
        f1_table(compared)
    if found.approved:
        st.text(found.in_words())
    if compared.before:
        names = (_short(compared.before), _short(compared.after))
        figure = charts.before_after(compared.changes, names)
        st.plotly_chart(figure, width="stretch", config=charts.QUIET)
        save_chart(f"f1-change-run-{inspected.run.id}", figure)
        _by_seeds(inspected, compared.before)


def _short(run: Run) -> str:
    return f"run {run.id}" + (", stopped early" if run_warnings.stopped(run) else "")


def _notes(run: Run) -> None:
    """Notes on runs that were stopped early or are degenerate, before the figures."""
    if stop := run_warnings.stopped(run):
        tell(st.info, f"Run {run.id}. {stop.words}")
    if reasons := run_warnings.warnings(run):
        use = "" if run.promoted else f" {run_warnings.NOT_IN_USE}"
        st.warning(f"Run {run.id} is degenerate. {' '.join(reasons)}{use}")


def _by_seeds(inspected: InspectedRun, before: Run) -> None:
    """The comparison of means over seeds, if both runs have several seeds."""
    found = cached.arms(inspected.store, inspected.run.id, before.id, inspected.target)
    if found is None:
        return
    st.markdown("**Means over several seeds**")
    table = [{"emotion": name, **_arm_cells(change)} for name, change in found.changes.items()]
    st.table(table, border="horizontal", hide_index=True)
    caption = f"Mean F1 over several seeds in percent, of runs like {before.id} and like {inspected.run.id}."
    save_table(f"f1-seeds-run-{inspected.run.id}", table, caption)
    for words in found.in_words():
        st.text(words)


def _arm_cells(change: Change) -> dict[str, str]:
    return {
        "mean F1 before": percent(change.before),
        "after": percent(change.after),
        "change (95 %, seeds and tweets)": difference(change),
        "verdict": MARKS[change.verdict],
    }


def rows(found: Comparisons) -> list[dict[str, str]]:
    """Per emotion, the last for the macro average: F1 on both kinds of labels, and the two effects."""
    approved = found.approved or found.original
    if not approved.changes:
        return [
            {"emotion": name, ORIGINAL: percent(change.before), APPROVED: percent(change.after)}
            for name, change in found.relabelled.items()
        ]
    return [
        {
            "emotion": name,
            ORIGINAL: f"{percent(change.before)} → {percent(change.after)}",
            APPROVED: f"{percent(approved.changes[name].before)} → {percent(approved.changes[name].after)}",
            "due to labels": signed(found.parts(name)[0]),
            "due to the run (95 %)": difference(approved.changes[name]),
            VERDICT: MARKS[approved.changes[name].verdict],
        }
        for name, change in found.original.changes.items()
    ]
