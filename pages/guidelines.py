"""The Guidelines page: shows and edits when to give each emotion, with links to decisions made under an older text."""

import streamlit as st

from db import guidelines
from emoclf.labels import EMOTIONS
from jobs.review import guidelines as guiding
from ui.guard import guard
from ui.links import follow
from ui.review.guidelines import edit_form, past_texts, touched_links

app = guard()
st.title("Guidelines")
st.caption(
    "The review card shows the guideline of the emotion under the cursor. Each decision records the version of "
    "the guidelines under which it was made."
)

names, asked = list(EMOTIONS.names), st.query_params.get("emotion", "")
start = asked if asked in names else names[0]
emotion = st.selectbox("Emotion", names, names.index(start), width=240, **follow("emotion", start))
with app.store.reading() as session:
    texts = guidelines.everything(session)[emotion]

touched_links(guiding.touched(app.store, emotion))
edit_form(app.store, emotion, texts[-1], app.reviewer)
if len(texts) > 1:
    with st.expander("All versions"):
        past_texts(texts)
