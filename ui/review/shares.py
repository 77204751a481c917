"""
Sliders for the shares of random, blind and overlapping tweets, which all users share.
"""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from db import shares
from db.store import Store
from ui.saving import PERSISTENT, reset, saved


def share_sliders(store: Store, splits: Sequence[str]) -> None:
    """Draw a slider for each share; a change applies from the next tweet."""
    with store.reading() as session:
        at_random, blind = shares.random_share(session), {s: shares.blind_share(session, s) for s in splits}
        overlap = shares.overlap_share(session)
    _slider(store, "Tweets that two reviewers decide", overlap, shares.set_overlap)
    _slider(store, "Random tweets in every queue", at_random, shares.set_random)
    for split, share in blind.items():
        _slider(store, f"{split} tweets decided blind", share, partial(shares.set_blind, split=split))
    st.caption(
        "Tweets decided by two reviewers show how far they agree. Random tweets show how many labels are wrong "
        "where nothing is in doubt; they are drawn from the whole split, and a filtered list has none. Blind "
        "tweets show only their text; the sources appear after the answer is saved, so that they cannot bias it."
    )


def _slider(store: Store, label: str, share: float, set_share: Callable[..., None]) -> None:
    key = f"{label}-{share}"  # a change by somebody else moves the slider
    percent = st.slider(label, 0, 100, round(100 * share), format="%d %%", width=320, key=key, **PERSISTENT)
    if percent != round(100 * share) and saved(lambda: _store(store, set_share, percent / 100)):
        reset(key)  # moved back later, it must not show this value again
        st.rerun()


def _store(store: Store, set_share: Callable[..., None], share: float) -> None:
    with store.writing() as session:
        set_share(session, share=share)
