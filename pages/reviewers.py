"""Reviewers: who decided what, how far they agree, and the tweets on which they differ."""

import uuid

import streamlit as st

from emoclf.labels import EMOTIONS
from jobs import reviewers
from ui import cached
from ui.guard import guard
from ui.reviewing import (
    agreement_table,
    repairs_table,
    said_by,
    show_outlook,
    warn_of_following,
    whispering_table,
    work_table,
)
from ui.shares import share_sliders

app = guard()
st.title("Reviewers")
done = reviewers.work_done(app.store)
if not done:
    st.info("Nobody has decided anything yet.")
    st.page_link("pages/review.py", label="Review", icon=":material/arrow_forward:")

waiting, differing = reviewers.differing(app.store, limit=1)
if differing:
    [first] = differing
    st.subheader("Settle where they differ")
    st.caption(f"{waiting:,} to settle. What you decide here stays in force, whatever they decide later.")
    with st.container(border=True):
        st.text(first.item.text)
        said_by(first)
        names, key = list(EMOTIONS.names), f"settle-{first.item.tweet_id}"
        chosen = st.pills("Labels", names, selection_mode="multi", default=first.majority, key=key)
        if st.button("Settle, next", type="primary"):
            reviewers.adjudicate(app.store, first, chosen, app.reviewer, str(uuid.uuid4()))
            st.rerun()
elif done:
    st.caption("There is nothing to settle: no two reviewers differ on a tweet.")

if done:
    st.subheader("What each has done")
    work_table(done)
    warn_of_following(done)
    st.subheader("What is repaired")
    sizes = list(cached.sizes(app.store.url))
    split = st.segmented_control("Split", sizes, default=sizes[0], required=True, label_visibility="collapsed")
    repairs_table(reviewers.repairs(app.store, split), split)
    show_outlook(reviewers.outlook(app.store, split), split)
    if found := reviewers.whispering(app.store, split=split):
        st.subheader("With and without the sources")
        names = ["all", *(one.name for one in done)] if len(done) > 1 else ["all"]
        name = st.selectbox("Reviewer", names) if len(names) > 1 else "all"
        one = found if name == "all" else reviewers.whispering(app.store, name, split)
        if one:
            whispering_table(one)
        else:
            st.info("This reviewer has not decided both blind and assisted.")

st.subheader("How far they agree")
agreement_table(reviewers.agreement(app.store))
share = reviewers.overlap_share(app.store)
percent = st.slider("Tweets that two reviewers decide", 0, 100, round(100 * share), format="%d %%", width=320)
if percent != round(100 * share):
    reviewers.set_overlap_share(app.store, percent / 100)
    st.rerun()

st.subheader("By chance, and blind")
share_sliders(app.store, list(cached.sizes(app.store.url)))
