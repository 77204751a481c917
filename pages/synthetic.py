"""The Synthetic page: lets a language model write tweets for rare emotions, and checks each before BERT uses it."""

from collections.abc import Sequence

import streamlit as st
from msgspec.structs import replace

from db import summaries, synthetic
from jobs.review.events import Saved, with_posted
from jobs.review.review_card import save_events
from jobs.synthetic.card_messages import SyntheticCardData
from jobs.synthetic.synthetic_card import SYNTHETIC_CARD, synthetic_card_data, view_of
from ui import skips
from ui.cards.mailbox import mailbox
from ui.cards.synthetic_card import synthetic_card
from ui.guard import guard
from ui.job_bar import job_bar
from ui.saving import PERSISTENT, check_store, current_or_last_data, keep_saved, last_known
from ui.synthetic.figures import dropped_list, figures, last_written
from ui.synthetic.write_form import emotion_filter, plan_table, write_form

app = guard()
above, below = st.container(), st.container()  # keeps the card in its place if nothing can be drawn above it
with above:
    view = st.segmented_control(
        "View",
        ["Write", "Check", "Dropped", "Figures"],
        default="Write",
        required=True,
        label_visibility="collapsed",
        key="synthetic-view",
        **PERSISTENT,
    )


def counts() -> tuple[dict[str, int], list[str]]:
    """The number of tweets in each split, and the emotions with synthetic tweets."""
    with app.store.reading() as session:
        return summaries.sizes(session), list(synthetic.states(session))


def known() -> list[str]:
    """The emotions with synthetic tweets; stops the page with a message if there are none."""
    sizes, states = last_known("synthetic", counts)
    if not sizes.get("train"):
        st.info("There are no train tweets yet; load the sample or import a file first.")
        st.page_link("pages/overview.py", label="Go to the overview", icon=":material/arrow_forward:")
        st.stop()
    if not states and view != "Write":
        st.info("No synthetic tweet has been written yet.")
        st.stop()
    return states


def save_verdicts(outbox: Sequence[object]) -> Saved:
    """Store the card's events."""
    return save_events(app.store, app.reviewer, outbox, SYNTHETIC_CARD)


def save() -> None:
    """Store the card's events. Runs before the page is drawn, so that the card sees them acknowledged."""
    keep_saved("synthetic-card", save_verdicts(st.session_state["synthetic-card"]["outbox"]))


def current(saved: Saved) -> SyntheticCardData:
    """The data of the card; draws the choice of emotion above it."""
    emotion = emotion_filter(known())
    check_store()
    skipped = skips.kept(view_of(app.reviewer, emotion))
    data = synthetic_card_data(app.store, app.reviewer, emotion, skipped, with_posted(saved, posted))
    return replace(data, token=box.token)


if view == "Check":
    box = mailbox("synthetic-card", save_verdicts)
    posted = box.collect()
    with above:
        data = current_or_last_data("synthetic-card", app.reviewer, current)
    with below:
        key = "synthetic-card"
        synthetic_card(data, key, on_outbox=save, on_skipped=lambda: skips.keep(data.view, key))
    st.stop()

emotions = known()
if view == "Write":
    st.title("Synthetic")
    st.write(
        "A language model writes tweets for emotions that have few. Each tweet has to pass the gates and is then "
        "checked by a reviewer. Accepted tweets can join a training, but never dev or test."
    )
    is_busy = job_bar(app.store, "generate")
    write_form(app.store, plan_table(app.store), is_busy)
    last_written(app.store)
elif view == "Figures":
    figures(app.store)
else:
    dropped_list(app.store, app.reviewer, emotion_filter(emotions))
