"""Suggest: let a Qwen model on this machine propose labels, with a probability per emotion."""

import streamlit as st

from db import summaries
from ui.guard import guard
from ui.jobbar import begin, job_bar

DEFAULT = "hf:Qwen/Qwen2.5-1.5B-Instruct"

app = guard()
st.title("Suggest")
with app.store.reading() as session:
    sizes = summaries.sizes(session)
    counts = [summaries.counts(session, split) for split in sizes]
if not sizes:
    st.info("There are no tweets yet; load the sample or import a file first.")
    st.page_link("pages/overview.py", label="To the start", icon=":material/arrow_forward:")
    st.stop()

st.write(
    "Qwen reads each tweet once and answers eleven questions at the same time. Its probabilities are calibrated on the "
    "original labels of the train tweets. The model runs on this machine; no tweet leaves it."
)
said = "  ·  ".join(f"{c.split} {c.suggested:,} of {c.tweets:,}" for c in counts)
st.text(f"Suggested so far: {said}")
is_running = job_bar(app.store, "suggest")

with st.form("suggest"):
    engine = st.text_input(
        "Model",
        DEFAULT,
        help="hf:owner/name loads from the Hugging Face hub or its cache, dir:/path from a folder",
    )
    split_column, limit_column = st.columns(2)
    split = split_column.selectbox("Tweets", ["all", *sizes])
    limit = limit_column.number_input("At most", 1, None, None, help="most doubtful first; empty for all")
    if st.form_submit_button("Start", type="primary", disabled=is_running):
        begin(app.store, "suggest", {"engine": engine, "limit": limit, "split": None if split == "all" else split})
