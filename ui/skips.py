"""
Keeps which tweets were skipped, for each view of a card, while the browser tab is open.
"""

import streamlit as st

from jobs.review.card_messages import skipped_tweets

KEPT = "skipped-tweets"  # session state key: by view, the ids in order of skipping


def kept(view: str) -> list[int]:
    """The tweets skipped in a view, in order of skipping."""
    return list(st.session_state.get(KEPT, {}).get(view, []))


def keep(view: str, card: str) -> None:
    """Keep the tweets that the card with this key reports as skipped, in place of those kept before."""
    st.session_state.setdefault(KEPT, {})[view] = skipped_tweets(st.session_state[card]["skipped"])


def in_any_view() -> set[int]:
    """The tweets skipped in any view."""
    return {tweet_id for ids in st.session_state.get(KEPT, {}).values() for tweet_id in ids}
