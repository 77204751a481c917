"""
The choice of synthetic tweets in the training form, and a note on their use in a run.
"""

from typing import Any

import streamlit as st

from db.store import Store
from db.values import Run
from jobs.training.data import count_synthetic
from ui.saving import PERSISTENT

NONE = "none"
USES = {
    NONE: "none",
    "accepted": "{n:,} that a reviewer accepted",
    "all": "{n:,} that passed the gates and were not rejected",
}


def synthetic_switch(store: Store) -> dict[str, Any]:
    """Ask which synthetic tweets to use; the `synthetic` and `repeated` settings of one or two trainings.

    Empty if none are used. With `then`, the result describes a pair: the first training repeats as many real tweets
    instead, so that both take the same number of steps.
    """
    counts = {use: count_synthetic(store, use) for use in USES if use != NONE}
    if not counts["all"]:
        return {}
    offered = [NONE, *(use for use, n in counts.items() if n)]
    words = {use: USES[use].format(n=counts.get(use, 0)) for use in offered}
    use = st.radio(
        "Synthetic tweets", offered, format_func=words.get, horizontal=True, key="train-synthetic", **PERSISTENT
    )
    if use == NONE:
        return {}
    is_pair = st.checkbox(
        "First train a run without them, for the same number of steps",
        value=True,
        help="The run without them repeats as many real tweets instead. The table below then shows the effect of the "
        "synthetic tweets, not of more training steps.",
        key="train-pair",
        **PERSISTENT,
    )
    chosen = {"synthetic": use}
    if not is_pair:
        return chosen
    st.caption(f"Two trainings, each with {counts[use]:,} more tweets than stated below.")
    return {"synthetic": NONE, "repeated": counts[use], "then": chosen}


def as_settings(training: dict[str, Any], switch: dict[str, Any], seeds: int = 1) -> dict[str, Any]:
    """The settings of a training job with this choice, which contain those of the trainings to follow.

    In a pair the second training follows the first; with several seeds this repeats for each seed. All tweets are
    predicted only after the last training.
    """
    chosen = dict(switch)
    then = chosen.pop("then", None)
    variants = [chosen] if then is None else [chosen, then]
    chain = [training | variant | {"seed": training["seed"] + n} for n in range(seeds) for variant in variants]
    settings = chain.pop()
    while chain:
        settings = chain.pop() | {"then_predict": False, "then_train": settings}
    return settings


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
