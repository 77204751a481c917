"""
Handles failed writes: the page reports the error and keeps the input; a card waits until the store is available.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import streamlit as st
from msgspec.structs import replace

from emoclf.errors import EmoclfError, StoreUnavailableError
from jobs.review.card_messages import CardData
from jobs.review.events import NOTHING, Saved
from ui.plain_text import tell

WAITING = "Unsaved decisions are kept in this browser and sent when the review page can be shown again."
AGAIN_SECONDS = 5  # interval of checks whether the store is available again
FRESH = "store-away"  # session state key: the store became unavailable in this run
T = TypeVar("T")
_outcome: ContextVar[Saved] = ContextVar("outcome", default=NOTHING)  # of the events of the card being drawn


# Every input field of a page has a key and these arguments. Without them Streamlit drops the value of a field that one
# run does not draw, as when the store is unavailable.
PERSISTENT: dict[str, Any] = {"persist_state": "page"}

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


def reset(*keys: str) -> None:
    """Forget the values of persistent fields after they were stored; the next time they start from their defaults."""
    for key in keys:
        st.session_state.pop(key, None)


def keep_saved(key: str, outcome: Saved) -> None:
    """Keep the results of a card's events until the card is drawn at the end of this run."""
    st.session_state[f"{key}-saved"] = outcome


def current_or_last_data(key: str, reviewer: str, current: Callable[[Saved], Data]) -> Data:
    """The data of a card from `current`, or the last data while the store is unavailable.

    The card then stays on the page with its tweet, answer and outbox, and shows what it waits for. The results of
    events are given once: the card sends an event again if it did not receive the result.

    Raises
    ------
    StoreUnavailableError : if there is no earlier data for this reviewer
    """
    outcome: Saved = st.session_state.pop(f"{key}-saved", NOTHING)
    last_key = f"{key}-last"
    last: Data | None = st.session_state.get(last_key)
    if last and last.reviewer != reviewer:
        last = None
    token = _outcome.set(outcome)
    try:
        data = st.session_state[last_key] = current(outcome)
    except StoreUnavailableError as away:
        if not last:
            raise
        if outcome.is_away:  # the card sends its events again soon, which reruns the page
            return replace(last, **outcome.answer)
        look_again_soon()
        return replace(last, **outcome.answer | {"waiting": outcome.waiting or away.why}, away=away.why)
    finally:
        _outcome.reset(token)
    return data


def last_known(what: str, read: Callable[[], T]) -> T:
    """The result of `read`; while the store is unavailable, its last result in this session.

    Use it for the options of a form: the form then stays on the page with everything typed into it.

    Parameters
    ----------
    what : the name of the value in the session state

    Raises
    ------
    StoreUnavailableError : if nothing was read earlier
    """
    key = f"known-{what}"
    try:
        check_store()
        st.session_state[key] = read()
    except StoreUnavailableError:
        if key not in st.session_state:
            raise
    known: T = st.session_state[key]
    return known


def check_store() -> None:
    """Raise `StoreUnavailableError` if saving the card's events has just failed, without trying the store again."""
    outcome = _outcome.get()
    if outcome.is_away:
        raise StoreUnavailableError(outcome.waiting, outcome.waiting)


def tell_away(away: StoreUnavailableError) -> None:
    """Say in place of a page why it cannot be shown, and try again soon."""
    tell(st.error, f"This page cannot be shown now: {away.why}. It tries again every few seconds.")
    st.text(WAITING)
    look_again_soon()


def look_again_soon() -> None:
    """Rerun the page in a few seconds, when the store may be available."""
    st.session_state[FRESH] = True
    st.fragment(_look_again, run_every=AGAIN_SECONDS)()


def _look_again() -> None:
    if not st.session_state.pop(FRESH, False):
        st.rerun()
