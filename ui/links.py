"""
Links to one tweet of the review: `review?tweet=ID` opens the card on it, also where it is decided already.
"""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

import streamlit as st

from db.store import Store
from emoclf.errors import NotFoundError
from jobs import review
from jobs.review import Linked

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
        found = review.linked(store, key)
    except NotFoundError:
        st.info("The link names a tweet that this store does not hold. Here is the queue.")
        return None
    return replace(found, is_done=found.tweet_id in left())


def leave(tweet_ids: Iterable[int | None]) -> None:
    """Note that these tweets were decided or skipped."""
    st.session_state.setdefault(LEFT, set()).update(tweet_ids)


def left() -> set[int | None]:
    """The tweets that were decided or skipped since the page was opened."""
    return st.session_state.get(LEFT, set())
