"""
The review card as a Streamlit component.

The card holds the next tweets itself, so that a key press never waits for the server. Its events reach Python as a list
that is sent repeatedly until acknowledged. The messages in both directions are declared in `jobs.review.card_messages`
and `jobs.review.review_messages`. Nothing is stored here.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from jobs.review.card_messages import to_browser
from jobs.review.review_messages import ReviewCardData

# What both cards are made of, in the order in which the scripts build on one another.
SHARED = (
    "card_votes.js",
    "card_refused.js",
    "card_model.js",
    "card_flag.js",
    "card_undo.js",
    "card_count.js",
    "card_navigation.js",
    "card_outbox.js",
    "card_keys.js",
    "card_reason.js",
    "card_view.js",
    "card_done.js",
    "card_saving.js",
    "card_posting.js",
    "card_shell.js",
)
SCRIPTS = (*SHARED, "card_side_panel.js", "card_notes.js", "card_guide.js", "card.js")  # joined into one script


def join_scripts(folder: Path = Path(__file__).parent, scripts: Sequence[str] = SCRIPTS) -> str:
    """A card's scripts as one module; their one-line imports of each other are removed."""
    lines = [line for name in scripts for line in (folder / name).read_text("utf-8").splitlines()]
    return "\n".join(line for line in lines if not line.startswith("import "))


_CARD = st.components.v2.component(
    "emoclf_review_card",
    css=(Path(__file__).parent / "card.css").read_text("utf-8"),
    js=join_scripts(),
)


def review_card(
    data: ReviewCardData,
    key: str,
    on_outbox: Callable[[], None],
    on_skipped: Callable[[], None] = lambda: None,
    on_explain: Callable[[], None] = lambda: None,
) -> Any:
    """Mount the card; its state is `result.outbox` and `result.skipped`, also in `st.session_state[key]`.

    Parameters
    ----------
    on_outbox, on_skipped, on_explain : called before the script runs, with the new value in `st.session_state[key]`:
        `outbox` is a list of `jobs.review.review_messages.REVIEW_EVENTS`, `skipped` a list of tweet ids, and `explain`
        an `ExplainRequest`
    """
    return _CARD(
        key=key,
        data=to_browser(data),
        on_outbox_change=on_outbox,
        on_skipped_change=on_skipped,
        on_explain_change=on_explain,
        # These two only run the page: to follow a rationale that is being written, and to fetch the next tweets.
        on_poll_change=lambda: None,
        on_refresh_change=lambda: None,
    )
