"""
The choice of synthetic tweets in the training form, and a note on their use in a run.
"""

import streamlit as st

from db.store import Store
from db.values import Run
from jobs.settings.conversion import choices
from jobs.settings.training import ExtraTweets
from jobs.training.data import count_synthetic
from ui.saving import PERSISTENT

IN_WORDS = {
    "accepted": "that a reviewer accepted",
    "all": "that passed the gates and were not rejected",
}


def synthetic_arms(store: Store) -> list[ExtraTweets]:
    """Ask which synthetic tweets to use; the extra tweets of one training, or of two to compare.

    The first of two repeats as many real tweets instead, so that both take the same number of steps.
    """
    uses = choices(ExtraTweets, "synthetic")
    counts = {use: count_synthetic(store, use) for use in uses}
    offered = [use for use in uses if use == ExtraTweets.synthetic or counts[use]]
    if len(offered) == 1:
        return [ExtraTweets()]
    labels = {use: f"{counts[use]:,} {IN_WORDS[use]}" if use in IN_WORDS else use for use in offered}
    use = st.radio(
        "Synthetic tweets", offered, format_func=labels.get, horizontal=True, key="train-synthetic", **PERSISTENT
    )
    if use == ExtraTweets.synthetic:
        return [ExtraTweets()]
    is_pair = st.checkbox(
        "First train a run without them, for the same number of steps",
        value=True,
        help="The run without them repeats as many real tweets instead. The table below then shows the effect of the "
        "synthetic tweets, not of more training steps.",
        key="train-pair",
        **PERSISTENT,
    )
    if not is_pair:
        return [ExtraTweets(use)]
    st.caption(f"Two trainings, each with {counts[use]:,} more tweets than stated below.")
    return [ExtraTweets(repeated=counts[use]), ExtraTweets(use)]


def synthetic_note(run: Run) -> None:
    """A note on a run's extra training examples, and the AUROC that separates synthetic from real ones."""
    found = run.settings.get("synthetic")
    if not found:
        return
    if not found["tweets"]:
        st.caption(f"Run {run.id} was trained on {found['repeated']:,} real tweets twice, and on no synthetic ones.")
        return
    apart = found.get("told_apart")
    separability = "too few to test whether a classifier can separate them from real ones"
    if apart is not None:
        separability = (
            f"a simple classifier separates them from real ones with an AUROC of {apart:.2f} (0.5 means "
            "indistinguishable)"
        )
    st.caption(f"Run {run.id} was also trained on {found['tweets']:,} synthetic tweets: {separability}.")
