"""
Before and after: two runs on the same dev tweets, and which part of a change is the labels' and which the model's.
"""

import streamlit as st

from db.store import Store
from db.values import Run
from emoclf.errors import EmoclfError
from emoclf.metrics import Change
from jobs import inspecting
from jobs.comparing import Comparison
from jobs.inspecting import Parts
from ui import cached, charts
from ui.f1table import difference, f1_table, percent, signed
from ui.look import Look

ORIGINAL, APPROVED, BESIDE = "original", "corrected", "side by side"
TARGETS = {ORIGINAL: "original", APPROVED: "approved", BESIDE: "approved"}


def choose(store: Store, runs: list[Run], is_dev_reviewed: bool) -> tuple[Look, str]:
    """Ask for a run, the one it is compared with, and the dev labels."""
    names = {run.id: f"run {run.id} · {run.name}" for run in runs}
    found = {run.id: run for run in runs}
    after_column, before_column = st.columns(2)
    after = after_column.selectbox("Run", list(names), format_func=names.get)
    others = [run.id for run in runs if run.id != after]
    earlier = next((i for i, run in enumerate(others) if run < after), None)
    key = f"before-{after}"
    before = before_column.selectbox("Compared with", others, index=earlier, format_func=names.get, key=key)
    labels = ORIGINAL
    if is_dev_reviewed:
        labels = st.segmented_control("Dev labels", list(TARGETS), default=ORIGINAL, required=True)
    return Look(store, found[after], found.get(before), TARGETS[labels]), labels


def show(look: Look, labels: str) -> None:
    """Draw the comparison against the labels that were chosen, or both."""
    try:
        compared = _comparison(look, look.target)
        if labels == BESIDE:
            _beside(_comparison(look, "original"), compared)
            return
    except EmoclfError as error:
        st.info(str(error))
        return
    f1_table(compared)
    if compared.before:
        names = (f"run {compared.before.id}", f"run {compared.after.id}")
        st.plotly_chart(charts.before_after(compared.changes, names), width="stretch", config=charts.QUIET)


def _comparison(look: Look, target: str) -> Comparison:
    return cached.comparison(look.store, look.run.id, look.before.id if look.before else None, target)


def _beside(original: Comparison, approved: Comparison) -> None:
    st.table(rows(original, approved), border="horizontal", hide_index=True)
    found = inspecting.parts(original, approved)
    if found and original.before:
        st.text(in_words(found, original.before.id, original.after.id, approved.changes["macro"]))
    st.caption(
        f"F1 in percent on the same {original.scores.n:,} dev tweets, {approved.reviewed:,} of them decided by a "
        "person who may have seen what BERT says."
    )


def rows(original: Comparison, approved: Comparison) -> list[dict[str, str]]:
    """Per emotion, the last for the macro average: F1 on original and on corrected dev labels, and their changes."""
    shown = []
    for name in [*original.scores.per_emotion, "macro"]:
        row = {"emotion": name}
        for labels, compared in ((ORIGINAL, original), (APPROVED, approved)):
            row |= _cells(labels, compared, name)
        shown.append(row)
    return shown


def _cells(labels: str, compared: Comparison, name: str) -> dict[str, str]:
    if not compared.changes:
        scores = compared.scores
        return {labels: percent(scores.macro_f1 if name == "macro" else scores.per_emotion[name].f1)}
    change = compared.changes[name]
    return {labels: f"{percent(change.before)} → {percent(change.after)}", f"change, {labels}": difference(change)}


def in_words(found: Parts, before_id: int, after_id: int, model: Change) -> str:
    """Which part of the way is the labels' and which the model's, in three sentences."""
    return (
        f"From run {before_id} on the original labels to run {after_id} on the corrected ones, macro-F1 goes from "
        f"{percent(found.start)} to {percent(found.end)}. {signed(found.labels)} of that is the labels': run "
        f"{before_id} itself, scored on corrected labels. {signed(found.model)} is the model's: run {after_id} "
        f"against run {before_id}, both on corrected labels ({model.verdict})."
    )
