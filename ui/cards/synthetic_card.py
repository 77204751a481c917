"""
The card for synthetic tweets as a Streamlit component, built on the review card.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from jobs.review.card_messages import to_browser
from jobs.synthetic.card_messages import SyntheticCardData
from ui.cards.review_card import SHARED, join_scripts

SCRIPTS = (*SHARED, "synthetic_model.js", "synthetic_view.js", "synthetic_card.js")
FOLDER = Path(__file__).parent

_CARD = st.components.v2.component(
    "emoclf_synthetic_card",
    css="\n".join((FOLDER / name).read_text("utf-8") for name in ("card.css", "synthetic.css")),
    js=join_scripts(FOLDER, SCRIPTS),
)


def synthetic_card(
    data: SyntheticCardData, key: str, on_outbox: Callable[[], None], on_skipped: Callable[[], None] = lambda: None
) -> Any:
    """Mount the card; `outbox` in `st.session_state[key]` is a list of `jobs.synthetic.card_messages.SYNTHETIC_EVENTS`.

    See `ui.cards.review_card.review_card` for the callbacks.
    """
    return _CARD(
        key=key,
        data=to_browser(data),
        on_outbox_change=on_outbox,
        on_skipped_change=on_skipped,
        on_refresh_change=lambda: None,  # only runs the page, to fetch the next tweets
    )
