"""The Reviewers page: shows who decided what and how far reviewers agree, and settles their disagreements."""

import streamlit as st

from jobs.doubts.outlook import outlook
from jobs.review import reviewers
from ui import cached
from ui.guard import guard
from ui.review.adjudication import carry_out, settle_form
from ui.review.outlook import show_outlook
from ui.review.reviewer_figures import (
    agreement_table,
    repairs_table,
    show_sides,
    warn_of_following,
    work_table,
)
from ui.review.shares import share_sliders
from ui.saving import PERSISTENT

app = guard()
st.title("Reviewers")
carry_out(app.store, app.reviewer)
sizes = list(cached.sizes(app.store.url))
report = cached.reviewers_report(app.store)
if not report.work:
    st.info("Nobody has decided anything yet.")
    st.page_link("pages/review.py", label="Review", icon=":material/arrow_forward:")

if report.first:
    st.subheader("Settle disagreements")
    st.caption(
        f"Disagreements to settle: {report.waiting:,}. Your decision here stays in force, even if a reviewer decides "
        "the tweet again."
    )
    settle_form(app.store, report.first)
elif report.work:
    st.caption("No disagreement is left to settle.")

if report.work:
    st.subheader("Decisions by reviewer")
    work_table(report.work)
    warn_of_following(report.work)
    st.subheader("Repaired labels")
    split = st.segmented_control(
        "Split",
        sizes,
        default=sizes[0],
        required=True,
        label_visibility="collapsed",
        key="reviewers-split",
        **PERSISTENT,
    )
    repairs_table(reviewers.repairs(app.store, split), split)
    show_outlook(outlook(app.store, split), split)
    st.subheader("Decisions with and without the sources")
    show_sides(report.sides, split)

st.subheader("Agreement between reviewers")
agreement_table(report.agreement)

st.subheader("Settings for all reviewers")
share_sliders(app.store, sizes)
