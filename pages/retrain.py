"""The Retrain page: fine-tunes BERT on approved labels, compares runs, and inspects a run."""

import streamlit as st

from db import summaries
from db.runs import list_runs
from ui.guard import guard
from ui.job_bar import job_bar
from ui.runs import comparison
from ui.runs.inspection import inspection_views
from ui.runs.run_list import run_list
from ui.runs.synthetic_choice import synthetic_note
from ui.runs.train_form import train_form

app = guard()
st.title("Retrain")
with app.store.reading() as session:
    sizes, runs = summaries.sizes(session), list_runs(session)
    decided = {split: summaries.decided(session, split) for split in sizes}
if not sizes:
    st.info("There are no tweets yet; load the sample or import a file first.")
    st.page_link("pages/overview.py", label="Go to the overview", icon=":material/arrow_forward:")
    st.stop()

is_training, is_predicting = job_bar(app.store, "train"), job_bar(app.store, "predict")
train_form(app.store, is_busy=is_training or is_predicting)
st.caption(
    f"{sizes.get('train', 0):,} train tweets, {decided.get('train', 0):,} of them decided. Training never uses "
    f"the {sizes.get('dev', 0):,} dev tweets or their twins."
)
if not runs:
    st.stop()

st.subheader("Before and after")
inspected, labels = comparison.choose(app.store, runs, bool(decided.get("dev")))
comparison.show(inspected, labels)
synthetic_note(inspected.run)

st.subheader("Inspect the run")
inspection_views(inspected)

st.subheader("Runs")
run_list(app.store, runs)
