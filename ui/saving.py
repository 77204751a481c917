"""
Saving from a page: a write that fails says so, and what was entered stays; a card whose store is away waits for it.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from emoclf.errors import EmoclfError, StoreUnavailableError
from jobs.review.events import NOTHING, Saved

AGAIN_SECONDS = 5  # until a page looks again whether its store is back
FRESH = "store-away"  # in the session's state: this run has only just found the store away


# For a keyed field: what was entered stays while its page is not drawn because the store is away.
KEPT = {"persist_state": "page"}


def saved(action: Callable[[], object]) -> bool:
    """Carry a write out; where it fails, say so and why, and return False. The widgets keep what was entered."""
    try:
        action()
    except EmoclfError as error:
        st.error("Not saved. What you entered is still here; try again.")
        st.text(
            str(error) if not isinstance(error, StoreUnavailableError) else f"{error.why[:1].upper()}{error.why[1:]}."
        )
        return False
    return True


def keep_saved(key: str, outcome: Saved) -> None:
    """Keep what became of a card's events until the card is drawn, which is at the end of this run."""
    st.session_state[f"{key}-saved"] = outcome


def card_data(key: str, reviewer: str, current: Callable[[Saved], dict[str, Any]]) -> dict[str, Any]:
    """The data of a card: what `current` makes of the store, or, while the store is away, the last data there was.

    So the card stays on the page with its tweet, its answer and its outbox, and says what it waits for. What became of
    the last events is told once: the card sends again what it did not hear of.

    Raises
    ------
    StoreUnavailableError : if there is no last data of this reviewer
    """
    outcome: Saved = st.session_state.pop(f"{key}-saved", NOTHING)
    last_key = f"{key}-last"
    last = st.session_state.get(last_key, {})
    is_usable = last.get("reviewer") == reviewer
    if outcome.is_away and is_usable:  # what the store could not do a moment ago is not tried again at once
        return {**last, **vars(outcome)}
    try:
        data = st.session_state[last_key] = current(outcome)
    except StoreUnavailableError as away:
        if not is_usable:
            raise
        look_again_soon()
        return {**last, **vars(outcome), "waiting": outcome.waiting or away.why, "away": away.why}
    return data


def look_again_soon() -> None:
    """Run the page again in a few seconds, in which the store may have come back."""
    st.session_state[FRESH] = True
    st.fragment(_look_again, run_every=AGAIN_SECONDS)()


def _look_again() -> None:
    if not st.session_state.pop(FRESH, False):
        st.rerun()
