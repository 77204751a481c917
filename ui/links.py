"""
Links between pages and what the address holds: `review?tweet=ID` opens the card on a tweet, decided or not.

No widget is bound to the address (`bind="query-params"`): on a change of page Streamlit drops every parameter that a
widget of the page before was bound to, also one that the link itself sets. `follow` does without.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import streamlit as st

from db.store import Store
from emoclf.errors import NotFoundError
from jobs.review import review_card
from jobs.review.review_card import Linked

PARAMETER = "tweet"
LEFT = "tweets_left"  # in the session's state: tweets that were decided or skipped, and come first no more


def link(key: str) -> str:
    """Where the review opens on this tweet, from any page of the app.

    >>> link("2017-En 1")
    'review?tweet=2017-En%201'
    """
    return f"review?{PARAMETER}={quote(key, safe='')}"


def opened(store: Store) -> Linked | None:
    """The tweet that the address names, if it names one; a sentence where the store does not hold it."""
    key = st.query_params.get(PARAMETER)
    if not key:
        return None
    try:
        found = review_card.linked(store, key)
    except NotFoundError:
        st.info("The link names a tweet that is not in this store. The queue is shown instead.")
        return None
    return replace(found, is_done=found.tweet_id in left())


def follow(name: str, value: str) -> dict[str, Any]:
    """How a choice keeps to the address, which alone says what holds: another value there makes another widget."""
    key = f"{name}-{value}"
    return {"key": key, "on_change": _to_address, "args": (name, key)}


def _to_address(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]


def here(query: Mapping[str, str], label: str, key: str) -> None:
    """A button that shows this very page under another query.

    A page link would not do: to the page that it stands on Streamlit leaves the address as it is, and with the next
    click the page is back where it was.
    """
    st.button(label, key=key, type="tertiary", on_click=st.query_params.from_dict, args=(dict(query),))


def leave(tweet_ids: Iterable[int | None]) -> None:
    """Note that these tweets were decided or skipped."""
    st.session_state.setdefault(LEFT, set()).update(tweet_ids)


def left() -> set[int | None]:
    """The tweets that were decided or skipped since the page was opened."""
    return st.session_state.get(LEFT, set())
