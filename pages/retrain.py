"""Retrain: fine-tune BERT on what was approved, and see the F1 of each emotion, before and after."""

import streamlit as st

from db import records, summaries
from emoclf.errors import EmoclfError
from emoclf.settings import TrainingSettings, epochs_for
from jobs.comparing import comparison
from ui import charts
from ui.f1table import f1_table
from ui.guard import guard
from ui.jobbar import begin, job_bar

LABELS = {
    "approved": "approved: decisions where there are any, else the original",
    "original": "original: as the data came, for comparison",
    "reviewed": "reviewed: only tweets that somebody decided",
}

app = guard()
st.title("Retrain")
with app.store.reading() as session:
    sizes, runs = summaries.sizes(session), records.runs(session)
    decided = {split: summaries.decided(session, split) for split in sizes}
if not sizes:
    st.info("There are no tweets yet; load the sample or import a file first.")
    st.page_link("pages/overview.py", label="To the start", icon=":material/arrow_forward:")
    st.stop()

is_training, is_predicting = job_bar(app.store, "train"), job_bar(app.store, "predict")
with st.form("train"):
    base_column, epochs_column = st.columns([3, 1])
    base = base_column.text_input(
        "Base model",
        TrainingSettings.base,
        help="packaged: comes with the app, hf:google-bert/bert-base-uncased from the hub, dir:/path from a folder",
    )
    epochs = epochs_column.number_input("Epochs", 1, 50, epochs_for(sizes.get("train", 0)))
    labels = st.radio("Train on", list(LABELS), format_func=LABELS.get)
    then_predict = st.checkbox("Afterwards predict every tweet, for the review", value=True)
    if st.form_submit_button("Train", type="primary", disabled=is_training or is_predicting):
        settings = {"base": base, "epochs": epochs, "labels": labels, "then_predict": then_predict}
        begin(app.store, "train", settings)
st.caption(
    f"{sizes.get('train', 0):,} train tweets, {decided.get('train', 0):,} of them decided. "
    f"{sizes.get('dev', 0):,} dev tweets are never trained on, nor are their twins."
)
if not runs:
    st.stop()

st.subheader("Before and after")
names = {run.id: f"run {run.id} · {run.name}" for run in runs}
after_column, before_column, target_column = st.columns([2, 2, 1])
after = after_column.selectbox("Run", list(names), format_func=names.get)
others = [run.id for run in runs if run.id != after]
earlier = next((i for i, run in enumerate(others) if run < after), None)
before = before_column.selectbox("Compared with", others, index=earlier, format_func=names.get, key=f"before-{after}")
target = "original"
if decided.get("dev"):
    target = target_column.segmented_control("Dev labels", ["original", "approved"], default="original", required=True)
try:
    compared = comparison(app.store, after, before, target)
except EmoclfError as error:
    st.info(str(error))
else:
    f1_table(compared)
    if compared.before:
        labels_of = (f"run {compared.before.id}", f"run {compared.after.id}")
        st.plotly_chart(charts.before_after(compared.changes, labels_of), width="stretch", config=charts.QUIET)

if not (is_training or is_predicting):
    st.subheader("Honest doubts")
    st.caption(
        "A model agrees with what it trained on. Predicted out of fold, each tweet meets a model that never saw it."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        folds = st.number_input("Folds", 2, 10, 5, width=160, help="each fold takes as long as one training")
        if st.button("Predict out of fold"):
            begin(app.store, "predict", {"run": after, "out_of_fold": folds})
