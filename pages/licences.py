"""The Licences page: lists the models and data of this store, their licences and attributions."""

import streamlit as st

from emoclf.export.licences import CITATIONS, DATA
from jobs.files.licences import data_in_use, models_in_use
from ui.guard import guard
from ui.licences import credits_to_copy, licence_table

app = guard()
st.title("Licences")
st.caption(
    "This table repeats what the publishers state, where emoclf knows it. It is not legal advice: read the licence "
    "itself."
)

st.subheader("Models in this store")
models = models_in_use(app.store)
if models:
    licence_table(models)
else:
    st.info("This store holds no suggestions or predictions of a model yet.")

st.subheader("Data sets")
licence_table(DATA)
st.caption("Import only what you may use. The text of a tweet belongs to its author.")

st.subheader("Credits to copy")
credits_to_copy(models, data_in_use(app.store), CITATIONS)
