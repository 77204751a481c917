"""Reviewers: who decided what, how far they agree, and the tweets on which they differ."""

import uuid

import streamlit as st

from db import inspections
from emoclf.labels import EMOTIONS
from jobs import reviewers
from jobs.outlook import outlook
from ui import cached
from ui.guard import guard
from ui.reviewing import (
    agreement_table,
    repairs_table,
    said_by,
    show_outlook,
    show_sides,
    tell_in_force,
    warn_of_following,
    work_table,
)
from ui.saving import saved
from ui.shares import share_sliders

app = guard()
st.title("Reviewers")
sizes = list(cached.sizes(app.store.url))
report = cached.reviewers_report(app.store)
if not report.work:
    st.info("Nobody has decided anything yet.")
    st.page_link("pages/review.py", label="Review", icon=":material/arrow_forward:")

if first := report.first:
    st.subheader("Settle where they differ")
    st.caption(f"{report.waiting:,} to settle. What you decide here stays in force, whatever they decide later.")
    with st.container(border=True):
        st.text(first.item.text)
        said_by(first)
        with app.store.reading() as session:
            in_force = inspections.decision(session, first.item.tweet_id)
        start = tell_in_force(first, in_force)
        names, key = list(EMOTIONS.names), f"settle-{first.item.tweet_id}-{in_force.id if in_force else 0}"
        chosen = st.pills("Labels", names, selection_mode="multi", default=start, key=key)
        event_id = st.session_state.setdefault(f"{key}-event", str(uuid.uuid4()))  # tried again, it is stored once
        if st.button("Settle, next", type="primary") and saved(
            lambda: reviewers.adjudicate(app.store, first, chosen, app.reviewer, event_id)
        ):
            del st.session_state[f"{key}-event"]
            st.rerun()
elif report.work:
    st.caption("There is nothing to settle: no two reviewers differ on a tweet.")

if report.work:
    st.subheader("What each has done")
    work_table(report.work)
    warn_of_following(report.work)
    st.subheader("What is repaired")
    split = st.segmented_control("Split", sizes, default=sizes[0], required=True, label_visibility="collapsed")
    repairs_table(reviewers.repairs(app.store, split), split)
    show_outlook(outlook(app.store, split), split)
    st.subheader("With and without the sources")
    show_sides(report.sides, split)

st.subheader("How far they agree")
agreement_table(report.agreement)

st.subheader("For everybody")
share_sliders(app.store, sizes)
