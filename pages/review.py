"""The Review page: shows tweets with the original labels, the LLM's and BERT's side by side, decided by keyboard."""

import dataclasses
from functools import partial

import streamlit as st
from msgspec.structs import replace

from emoclf.errors import EmoclfError
from jobs.doubts.ranking import load_calibrations
from jobs.review.card_data import ListRequest, review_card_data, view_of
from jobs.review.card_messages import parse
from jobs.review.events import Saved, with_posted
from jobs.review.review_card import save_events
from jobs.review.review_messages import ExplainRequest, ReviewCardData
from jobs.review.side_panel import ask_rationale, side_panel
from ui import cached, links, skips
from ui.cards.mailbox import mailbox
from ui.cards.review_card import review_card
from ui.guard import guard
from ui.plain_text import tell
from ui.review import bulk, filter_form
from ui.reviewer import seated
from ui.saving import check_store, current_or_last_data, keep_saved, last_known

app = guard()
above, below = st.container(), st.container()  # keeps the card in its place if nothing can be drawn above it


def note(saved: Saved) -> None:
    """Remember the tweets of stored events for the links and the side panel."""
    if saved.tweet_ids:
        st.session_state["touched"] = saved.tweet_ids
        links.leave(saved.tweet_ids)


box = mailbox("card", partial(save_events, app.store, app.reviewer))
posted = box.collect()
note(posted)


def current(saved: Saved) -> ReviewCardData:
    """The data of the card; draws the filter above it, also while the store is unavailable."""
    sizes = last_known("sizes", lambda: cached.sizes(app.store.url))
    if not sizes:
        st.info("There are no tweets yet.")
        st.page_link("pages/overview.py", label="Load the sample or import a file", icon=":material/arrow_forward:")
        st.stop()
    first = last_known(f"tweet {st.query_params.get(links.PARAMETER)}", lambda: links.opened(app.store))
    wanted, order = filter_form.ask(app.store, list(sizes), *((first.split, first.is_done) if first else (None,)))
    found = last_known(f"found {wanted} {order}", lambda: cached.list_size(app.store, wanted, order))
    if wanted.sample:
        bulk.tell_sample(app.store, wanted)
    else:
        filter_form.tell(app.store, wanted, found)
        filter_form.tell_unlabelled(app.store, wanted, order)
    check_store()
    request = ListRequest(
        app.reviewer,
        wanted,
        order,
        total=found,
        first=first if first and first.split == wanted.split else None,
    )
    skipped = skips.kept(view_of(request))
    request = dataclasses.replace(request, skipped=skipped, done=links.left().union(skipped))
    with seated(app.store, app.reviewer):
        data = review_card_data(app.store, load_calibrations(app.store), request, with_posted(saved, posted))
    touched = st.session_state.get("touched", ())
    return replace(data, token=box.token, side_panel=side_panel(app.store, data, touched, cached.rules(app.store.url)))


def save() -> None:
    """Store the card's events. Runs before the page is drawn, so that the card sees them acknowledged."""
    saved = save_events(app.store, app.reviewer, st.session_state["card"]["outbox"])
    keep_saved("card", saved)
    note(saved)


def ask() -> None:
    """Request a rationale for the tweet on the card; one at a time."""
    try:
        asked = parse(st.session_state["card"]["explain"], ExplainRequest, "request for a rationale")
        ask_rationale(app.store, asked.tweet)
    except EmoclfError as error:
        tell(st.toast, str(error))


# Not a fragment, although that would draw less: after the app was restarted, Streamlit ignores all that a browser sends
# from a fragment of the session before, and the card would wait for ever.
with above:
    data = current_or_last_data("card", app.reviewer, current)
with below:
    review_card(
        data,
        key="card",
        on_outbox=save,
        on_skipped=lambda: skips.keep(data.view, "card"),
        on_explain=ask,
    )
