"""The Overview page: shows the progress of each step, and what to do next."""

import streamlit as st

from db import summaries, synthetic
from db.runs import list_runs
from jobs.files.sample import load_sample
from ui import cached, charts
from ui.guard import guard
from ui.saving import saved
from ui.steps import show_steps
from ui.unlabelled import show_way

app = guard()
with app.store.reading() as session:
    sizes = summaries.sizes(session)
    counts = [summaries.counts(session, split) for split in sizes]
    changed, reviewers = summaries.changed(session), summaries.reviewers(session)
    accepted = summaries.accepted(session)
    runs = list_runs(session, limit=1)
    synthetic_counts = synthetic.totals(session)

if not sizes:
    st.title("Welcome to emoclf")
    st.write(
        "Repair the labels of an emotion data set, and see a BERT classifier improve. A tweet can carry several "
        "of eleven emotions. You see the original labels, the suggestion of a language model (LLM) and BERT's "
        "prediction side by side, and decide with one or two keys."
    )
    sample, own = st.columns(2)
    with sample.container(border=True, height="stretch"):
        st.subheader("Try it")
        st.write(
            "Invented tweets with recorded suggestions from Qwen. One label in ten is wrong on purpose: find them."
        )
        if st.button("Load the sample", type="primary") and saved(lambda: load_sample(app.store)):
            cached.sizes.clear()
            st.rerun()
    with own.container(border=True, height="stretch"):
        st.subheader("Bring your own")
        st.write(
            "SemEval-2018 E-c files as published, or CSV, JSONL or Parquet with the same columns. Tweets without "
            "labels are welcome."
        )
        st.page_link("pages/data.py", label="Import a file", icon=":material/upload_file:")
    st.stop()

st.title("Overview")
show_steps(counts, runs)
show_way(counts, runs)
if any(count.unlabelled < count.tweets for count in counts):
    st.subheader("Emotions in the original labels")
    st.plotly_chart(charts.label_counts(counts), width="stretch", config=charts.QUIET)
if any(synthetic_counts.values()):
    listed = "  ·  ".join(f"{state} {n:,}" for state, n in synthetic_counts.items())
    st.subheader("Synthetic tweets")
    st.text(f"They are not counted above and never become dev or test tweets: {listed}")
if reviewers:
    st.subheader("Decisions")
    listed = "  ·  ".join(f"{name} {n:,}" for name, n in reviewers)
    st.text(f"{sum(n for _, n in reviewers):,} tweets decided, {changed:,} of them changed from the original: {listed}")
    if accepted:
        st.text(f"{accepted:,} more tweets were accepted in bulk.")
