"""The Data page: imports files, shows what the store contains, and exports it."""

import streamlit as st

from db import summaries
from db.queue_items import first_items
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS
from ui import cached, uploads
from ui.corpora import corpora_section
from ui.exports import export_section
from ui.guard import guard
from ui.plain_text import escape, tell
from ui.saving import PERSISTENT

ROWS = 200  # rows of the table; the download has all

app = guard()
st.title("Data")

with st.container(border=True):
    st.subheader("Import")
    files = st.file_uploader(
        "SemEval E-c files as published (tab-separated), or CSV, JSON, Parquet or Excel files with a Tweet column, and "
        "a column per emotion or one column labels",
        type=uploads.ENDINGS,
        accept_multiple_files=True,
        key="import-files",
    )
    split = st.segmented_control(
        "Split",
        ["as in the file", *SPLITS],
        default="as in the file",
        required=True,
        key="import-split",
        **PERSISTENT,
    )
    reading = uploads.reading_options()
    if st.button("Import", type="primary", disabled=not files):
        with st.spinner("Importing"):
            chosen = split if split in SPLITS else None
            st.session_state["imported"] = [
                uploads.take(app.store, file.name, file.getvalue(), chosen, reading) for file in files
            ]
            cached.sizes.clear()
    for n, taken in enumerate(st.session_state.get("imported", [])):
        tell(st.success if taken.is_good else st.error, taken.words)
        if taken.rejects:
            label = f"Download the rejected rows of {escape(taken.name)}, with reasons"
            st.download_button(label, taken.rejects, f"{taken.name}.rejects.csv", key=f"rejects-{n}", on_click="ignore")

corpora_section(app.store)
with app.store.reading() as session:
    sizes = summaries.sizes(session)
if not sizes:
    st.stop()

st.subheader("Tweets in the store")
shown = st.segmented_control(
    "Show", list(sizes), default=next(iter(sizes)), required=True, key="data-split", **PERSISTENT
)
with app.store.reading() as session:
    items = first_items(session, shown, ROWS)
st.dataframe(
    [
        {"tweet": i.text, "original": ", ".join(EMOTIONS.ordered(i.original)), "doubt": i.doubt, "ID": i.key}
        for i in items
    ],
    column_config={
        "tweet": st.column_config.TextColumn(width="large"),
        "doubt": st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.2f", width="small"),
    },
    hide_index=True,
)
st.caption(f"The first {len(items):,} of {sizes[shown]:,} {shown} tweets.")

export_section(app.store)
