"""
Lists tweets whose original labels should be checked, found by the language model or by rare label pairs.
"""

from collections.abc import Sequence

import streamlit as st

from db.store import Store
from emoclf.labels import EMOTIONS
from emoclf.review.cooccurrence import Rule
from jobs.doubts import validation
from jobs.doubts.ranking import Calibrations
from jobs.doubts.validation import Finding
from ui.tweet_list import tweet_list

ROWS = 100  # of each list; the review has them all, most doubtful first


def show_findings(store: Store, calibrations: Calibrations, rules: Sequence[Rule], split: str) -> None:
    """Show two lists: labels contradicted by the model, and rare label pairs."""
    model, labels = st.tabs(["Contradicted by the models", "Rare combinations of labels"])
    with model:
        st.caption("Tweets with a label that is more likely wrong than right, the most doubtful first.")
        found = validation.doubted(store, calibrations, split, ROWS)
        _table(found, "No label of the most doubtful tweets is more likely wrong than right.", f"doubted-{split}")
    with labels:
        st.caption("Tweets with emotions that occur together in train far less often than expected by chance.")
        found = validation.contradicting(store, rules, split, ROWS)
        _table(found, "No tweet has emotions that rarely occur together.", f"apart-{split}")


def _table(findings: Sequence[Finding], nothing: str, key: str) -> None:
    if not findings:
        st.info(nothing)
        return
    rows = [
        {
            "key": one.item.key,
            "why": one.words,
            "tweet": one.item.text,
            "original": ", ".join(EMOTIONS.ordered(one.item.original or ())),
        }
        for one in findings
    ]
    tweet_list(rows, key, sentences=["why", "original"])
