"""
What sessions of one process share: the open store, and counts that need not be new at every key press.
"""

import streamlit as st

from db import summaries
from db.store import Store, open_store

FRESH_SECONDS = 15  # how long a count may lag behind an import by another process


@st.cache_resource(show_spinner=False)
def shared_store(url: str) -> Store:
    """The store, opened once for all sessions of this process."""
    return open_store(url)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def sizes(url: str) -> dict[str, int]:
    """The number of tweets in each split, at most a few seconds old."""
    with shared_store(url).reading() as session:
        return summaries.sizes(session)
