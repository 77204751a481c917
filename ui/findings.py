"""
Findings: tweets whose original labels deserve a look, by the language model and by the labels themselves.
"""

from collections.abc import Sequence

import streamlit as st

from db.store import Store
from emoclf.cooccurrence import Rule
from emoclf.labels import EMOTIONS
from jobs import validating
from jobs.doubts import Calibrations
from jobs.validating import Finding

ROWS = 100  # of each list; the review has them all, the most doubtful first


def show_findings(store: Store, calibrations: Calibrations, rules: Sequence[Rule], split: str) -> None:
    """Two lists: labels that do not hold, and labels that seldom meet."""
    model, labels = st.tabs(["By the model", "By the labels themselves"])
    with model:
        st.caption("Of the most doubtful tweets those with a label that is likelier wrong than right, worst first.")
        _table(validating.doubted(store, calibrations, split, ROWS), "No label of the most doubtful tweets falls.")
    with labels:
        st.caption("Learnt from train: emotions that stand together far less often than chance would put them.")
        found = validating.contradicting(store, rules, split, ROWS)
        _table(found, "No tweet carries labels that the others keep apart.")


def _table(findings: Sequence[Finding], nothing: str) -> None:
    if not findings:
        st.info(nothing)
        return
    rows = [
        {"why": one.words, "tweet": one.item.text, "original": ", ".join(EMOTIONS.ordered(one.item.original))}
        for one in findings
    ]
    widths = {"why": st.column_config.TextColumn(width="medium"), "tweet": st.column_config.TextColumn(width="large")}
    st.dataframe(rows, hide_index=True, column_config=widths, row_height=52)  # two lines of each fit
