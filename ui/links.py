"""
Links between pages and the state in the URL: `review?tweet=ID` opens the card on a tweet, decided or not.

No widget is bound to the URL (`bind="query-params"`): on a change of page Streamlit drops every parameter that a widget
of the previous page was bound to, even one set by the link. `follow` is used instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import streamlit as st

from db.store import Store
from emoclf.errors import NotFoundError
from jobs.review import review_card
from jobs.review.card_data import Linked
from ui import skips

PARAMETER = "tweet"
LEFT = "tweets_left"  # session state key: tweets decided, which no longer come first


def link(key: str) -> str:
    """The URL of the review on this tweet, from any page of the app.

    >>> link("2017-En 1")
    'review?tweet=2017-En%201'
    """
    return f"review?{PARAMETER}={quote(key, safe='')}"


def opened(store: Store) -> Linked | None:
    """The tweet in the URL, if any; shows a message if the store does not contain it."""
    key = st.query_params.get(PARAMETER)
    if not key:
        return None
    try:
        found = review_card.linked(store, key)
    except NotFoundError:
        st.info("The link names a tweet that is not in this store. The queue is shown instead.")
        return None
    return replace(found, is_done=found.tweet_id in left() | skips.in_any_view())


def follow(name: str, value: str) -> dict[str, Any]:
    """Arguments for a widget that writes its value to the URL; another value in the URL creates another widget."""
    key = f"{name}-{value}"
    return {"key": key, "on_change": _to_address, "args": (name, key)}


def _to_address(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]


def here(query: Mapping[str, str], label: str, key: str) -> None:
    """A button that shows the same page with other query parameters.

    A page link to the current page would not change the URL, so the next click would show the previous state.
    """
    st.button(label, key=key, type="tertiary", on_click=st.query_params.from_dict, args=(dict(query),))


def leave(tweet_ids: Iterable[int | None]) -> None:
    """Record that these tweets were decided."""
    st.session_state.setdefault(LEFT, set()).update(tweet_ids)


def left() -> set[int | None]:
    """The tweets decided since the page was opened."""
    return st.session_state.get(LEFT, set())
