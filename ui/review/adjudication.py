"""
Settling where reviewers differ: a click counts for the tweet and the decision that were on the screen.
"""

import uuid
from dataclasses import dataclass

import streamlit as st

from db import inspections
from db.store import Store
from db.values import Decided
from emoclf.labels import EMOTIONS
from jobs.review import reviewers
from jobs.review.reviewers import DecidedMeanwhileError, Differing
from ui.review.reviewer_figures import said_by, tell_in_force
from ui.saving import KEPT, saved

CLICKED = "settle-clicked"  # in the session's state: what was on the screen when the button was pressed


@dataclass(frozen=True)
class Shown:
    """What a settlement is made in view of."""

    differing: Differing
    seen: int | None  # the id of the decision in force
    start: tuple[str, ...]  # the labels that the choice started from
    is_kept: bool = False  # the choice is older than the decision in force, and was kept all the same

    @property
    def key(self) -> str:
        """Of the choice, in the session's state: the tweet's, whatever is decided meanwhile."""
        return f"settle-{self.differing.item.tweet_id}"


def carry_out(store: Store, reviewer: str) -> None:
    """Store the settlement that was clicked, of the tweet that was shown then; where it cannot be, say why."""
    shown: Shown | None = st.session_state.pop(CLICKED, None)
    if shown is None:
        return
    event_id = st.session_state.setdefault(f"{shown.key}-event", str(uuid.uuid4()))  # tried again, it is stored once
    chosen, one = st.session_state.get(shown.key) or [], shown.differing
    try:
        is_saved = saved(lambda: _adjudicate(store, shown, chosen, reviewer, event_id))
    except _FasterError as faster:
        st.text(f"{faster}\nThe tweet: {one.item.text}")
        st.session_state[f"{shown.key}-shown"] = Shown(one, shown.seen, shown.start, is_kept=True)
        return
    if is_saved:
        for name in ("event", "shown"):
            st.session_state.pop(f"{shown.key}-{name}", None)
        st.rerun()


class _FasterError(Exception):
    """Carries the sentence past `saved`, which would say to try again."""


def _adjudicate(store: Store, shown: Shown, chosen: list[str], reviewer: str, event_id: str) -> None:
    try:
        reviewers.adjudicate(store, shown.differing, chosen, reviewer, event_id, seen=shown.seen)
    except DecidedMeanwhileError as faster:
        raise _FasterError(str(faster)) from None


def settle_form(store: Store, first: Differing) -> None:
    """The tweet, what each said of it, what is in force, and the choice that settles it."""
    with st.container(border=True):
        st.text(first.item.text)
        said_by(first)
        with store.reading() as session:
            in_force = inspections.decision(session, first.item.tweet_id)
        shown = _shown(first, in_force)
        tell_in_force(first, in_force, shown.is_kept)
        names = list(EMOTIONS.names)
        st.pills("Labels", names, selection_mode="multi", key=shown.key, **KEPT)
        key = f"{shown.key}-next-{shown.seen}"
        st.button("Settle, next", type="primary", key=key, on_click=_click, args=(shown,))


def _click(shown: Shown) -> None:
    st.session_state[CLICKED] = shown


def _shown(first: Differing, in_force: Decided | None) -> Shown:
    """What is shown now; a choice that was made in view of an older decision is kept."""
    start = tuple(EMOTIONS.ordered(in_force.labels)) if in_force else tuple(first.majority)
    now = Shown(first, in_force.id if in_force else None, start)
    before: Shown | None = st.session_state.get(f"{now.key}-shown")
    chosen = st.session_state.get(now.key)
    if before is None or chosen is None:
        st.session_state[now.key] = list(start)
    elif before.is_kept or (before.seen != now.seen and set(chosen) != set(before.start)):
        now = Shown(first, now.seen, start, is_kept=True)
    elif before.seen != now.seen:
        st.session_state[now.key] = list(start)
    st.session_state[f"{now.key}-shown"] = now
    return now
