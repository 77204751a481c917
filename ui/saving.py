"""
Handles failed writes: the page reports the error and keeps the input; a card waits until the store is available.
"""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from msgspec.structs import replace

from emoclf.errors import EmoclfError, StoreUnavailableError
from jobs.review.card_messages import CardData
from jobs.review.events import NOTHING, Saved

AGAIN_SECONDS = 5  # interval of checks whether the store is available again
FRESH = "store-away"  # session state key: the store became unavailable in this run


# For a field with a key: keeps its value while the store is unavailable and the page is not drawn.
KEPT = {"persist_state": "page"}

Data = TypeVar("Data", bound=CardData)


def saved(action: Callable[[], object]) -> bool:
    """Perform a write; if it fails, show the reason and return False. Widgets keep their input."""
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
    """Keep the results of a card's events until the card is drawn at the end of this run."""
    st.session_state[f"{key}-saved"] = outcome


def current_or_last_data(key: str, reviewer: str, current: Callable[[Saved], Data]) -> Data:
    """The data of a card from `current`, or the last data while the store is unavailable.

    So the card stays on the page with its tweet, answer and outbox, and shows what it waits for. Results of events are
    delivered once: the card sends an event again if it missed the result.

    Raises
    ------
    StoreUnavailableError : if there is no earlier data for this reviewer
    """
    outcome: Saved = st.session_state.pop(f"{key}-saved", NOTHING)
    last_key = f"{key}-last"
    last: Data | None = st.session_state.get(last_key)
    if last and last.reviewer != reviewer:
        last = None
    if outcome.is_away and last:  # no immediate retry after the store failed
        return replace(last, **outcome.answer)
    try:
        data = st.session_state[last_key] = current(outcome)
    except StoreUnavailableError as away:
        if not last:
            raise
        look_again_soon()
        return replace(last, **outcome.answer | {"waiting": outcome.waiting or away.why}, away=away.why)
    return data


def look_again_soon() -> None:
    """Rerun the page in a few seconds, when the store may be available."""
    st.session_state[FRESH] = True
    st.fragment(_look_again, run_every=AGAIN_SECONDS)()


def _look_again() -> None:
    if not st.session_state.pop(FRESH, False):
        st.rerun()
