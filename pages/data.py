"""The Data page: imports files, shows what the store contains, and exports it."""

import streamlit as st

from db import summaries
from db.queue_items import first_items
from emoclf.labels import EMOTIONS
from ui.corpora import corpora_section
from ui.exports import export_section
from ui.guard import guard
from ui.imports.import_list import import_list
from ui.imports.section import import_section
from ui.saving import PERSISTENT

ROWS = 200  # rows of the table; the download has all

app = guard()
st.title("Data")

with st.container(border=True):
    import_section(app.store, app.reviewer)
import_list(app.store, app.reviewer)
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
        {
            "tweet": i.text,
            "original": "no labels" if i.original is None else ", ".join(EMOTIONS.ordered(i.original)),
            "doubt": i.known_doubt,
            "ID": i.key,
        }
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
