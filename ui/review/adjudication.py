"""
The form that settles disagreements between reviewers; a click applies to the tweet and decision on the screen.
"""

import uuid
from dataclasses import dataclass

import streamlit as st

from db import inspections
from db.store import Store
from db.values import Decided
from emoclf.labels import EMOTIONS
from jobs.review import adjudication
from jobs.review.adjudication import DecidedMeanwhileError, Differing
from ui.review.reviewer_figures import labels_table, tell_in_force
from ui.saving import PERSISTENT, saved

CLICKED = "settle-clicked"  # session state key: what was on the screen when the button was pressed


@dataclass(frozen=True)
class ShownDisagreement:
    """What the adjudicator saw."""

    differing: Differing
    seen: int | None  # the id of the decision in force
    start: tuple[str, ...]  # the initial labels of the choice
    is_kept: bool = False  # the choice was made before the decision in force

    @property
    def key(self) -> str:
        """The session state key of the choice: one per tweet, whatever is decided meanwhile."""
        return f"settle-{self.differing.item.tweet_id}"


def carry_out(store: Store, reviewer: str) -> None:
    """Store the choice for the tweet shown when the button was pressed, or say why this is impossible."""
    shown: ShownDisagreement | None = st.session_state.pop(CLICKED, None)
    if shown is None:
        return
    event_id = st.session_state.setdefault(f"{shown.key}-event", str(uuid.uuid4()))  # a retry is stored once
    chosen, one = st.session_state.get(shown.key) or [], shown.differing
    try:
        is_saved = saved(lambda: _adjudicate(store, shown, chosen, reviewer, event_id))
    except _DecidedFirstError as newer:
        st.text(f"{newer}\nThe tweet: {one.item.text}")
        st.session_state[f"{shown.key}-shown"] = ShownDisagreement(one, shown.seen, shown.start, is_kept=True)
        return
    if is_saved:
        for name in ("event", "shown"):
            st.session_state.pop(f"{shown.key}-{name}", None)
        st.rerun()


class _DecidedFirstError(Exception):
    """Bypasses `saved`, which would ask the user to try again."""


def _adjudicate(store: Store, shown: ShownDisagreement, chosen: list[str], reviewer: str, event_id: str) -> None:
    try:
        adjudication.adjudicate(store, shown.differing, chosen, reviewer, event_id, seen=shown.seen)
    except DecidedMeanwhileError as newer:
        raise _DecidedFirstError(str(newer)) from None


def settle_form(store: Store, first: Differing) -> None:
    """Show the tweet, each reviewer's labels, the decision in force, and the choice that settles it."""
    with st.container(border=True):
        st.text(first.item.text)
        labels_table(first)
        with store.reading() as session:
            in_force = inspections.decision(session, first.item.tweet_id)
        shown = _shown(first, in_force)
        tell_in_force(first, in_force, shown.is_kept)
        names = list(EMOTIONS.names)
        st.pills("Labels", names, selection_mode="multi", key=shown.key, **PERSISTENT)
        key = f"{shown.key}-next-{shown.seen}"
        st.button("Settle and show next", type="primary", key=key, on_click=_click, args=(shown,))


def _click(shown: ShownDisagreement) -> None:
    st.session_state[CLICKED] = shown


def _shown(first: Differing, in_force: Decided | None) -> ShownDisagreement:
    """What to show now. A choice that was changed by hand is kept when a newer decision comes into force."""
    start = tuple(EMOTIONS.ordered(in_force.labels)) if in_force else tuple(first.majority)
    now = ShownDisagreement(first, in_force.id if in_force else None, start)
    before: ShownDisagreement | None = st.session_state.get(f"{now.key}-shown")
    chosen = st.session_state.get(now.key)
    if before is None or chosen is None:
        st.session_state[now.key] = list(start)
    elif before.is_kept or (before.seen != now.seen and set(chosen) != set(before.start)):
        now = ShownDisagreement(first, now.seen, start, is_kept=True)
    elif before.seen != now.seen:
        st.session_state[now.key] = list(start)
    st.session_state[f"{now.key}-shown"] = now
    return now
