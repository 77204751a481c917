"""
The form that edits a guideline, the result of an edit, and links to decisions made under an older text.
"""

from collections.abc import Sequence

import streamlit as st

from db.guidelines import EditedMeanwhileError
from db.store import Store
from db.values import GuidelineVersion
from emoclf.errors import EmoclfError
from emoclf.review.guidelines import MAX_CHARACTERS, N_EXAMPLES, Guideline
from jobs.review import guidelines
from jobs.review.guidelines import Touched
from ui.saving import PERSISTENT

FIELDS = {
    "definition": "When to give this label",
    "example-1": "Example",
    "example-2": "Second example",
    "counter-1": "Counter-example: seems to show the emotion, but does not",
    "counter-2": "Second counter-example",
}
NEWS = "guideline-news"  # session state key: the result of the last edit


def edit_form(store: Store, emotion: str, current: GuidelineVersion, reviewer: str) -> None:
    """A field for each part with its current text; saving puts the new text in force."""
    if news := st.session_state.pop(NEWS, None):
        st.text(news)
    for name, text in zip(FIELDS, _texts(current.text), strict=True):
        st.session_state.setdefault(_key(name, emotion, current.version), text)
    with st.form(f"guideline-{emotion}", border=False):
        for name, label in FIELDS.items():
            st.text_area(
                label, key=_key(name, emotion, current.version), max_chars=MAX_CHARACTERS, height=80, **PERSISTENT
            )
        args = (store, emotion, current.version, reviewer)
        st.form_submit_button("Save", type="primary", on_click=_save, args=args)


def touched_links(found: Sequence[Touched]) -> None:
    """The number of decisions made under an older text, with links to the lists."""
    if not found:
        st.caption("Every decision in force was made under this version.")
    for one in found:
        emotion, split = one.wanted.outdated, one.wanted.split
        st.page_link(
            "pages/review.py",
            label=f"{one.found:,} {split} {_tweets(one.found)} decided under an older version",
            icon=":material/history:",
            query_params=one.wanted.to_query(),
        )
        if one.named:
            st.page_link(
                "pages/review.py",
                label=f"{one.named:,} of them where a source or the decision gives {emotion}",
                icon=":material/subdirectory_arrow_right:",
                query_params={**one.wanted.to_query(), "emotion": emotion},
            )


def past_texts(texts: Sequence[GuidelineVersion]) -> None:
    """Every version, newest first, as plain text."""
    for one in reversed(texts):
        by = f"{one.reviewer}, {one.created_at:%Y-%m-%d %H:%M} UTC" if one.created_at else "came with emoclf"
        st.text(f"Version {one.version}: {by}")
        st.text("\n".join(_texts(one.text)))


def _save(store: Store, emotion: str, seen: int, reviewer: str) -> None:
    """Save the fields; if somebody else edited meanwhile, keep the fields and show the other text."""
    definition, *tweets = (st.session_state[_key(name, emotion, seen)].strip() for name in FIELDS)
    try:
        text = Guideline(definition, tuple(tweets[:N_EXAMPLES]), tuple(tweets[N_EXAMPLES:]))
        version = guidelines.edit(store, emotion, text, reviewer, seen)
        st.session_state[NEWS] = (
            "Nothing was changed." if version == seen else "Saved. The review card shows the new text from now on."
        )
    except EditedMeanwhileError as newer:
        for name in FIELDS:
            st.session_state[_key(name, emotion, newer.theirs.version)] = st.session_state[_key(name, emotion, seen)]
        theirs = "\n".join(_texts(newer.theirs.text))
        st.session_state[NEWS] = (
            f"{newer}. Their text:\n{theirs}\nYour text is below. Save again to replace theirs with it."
        )
    except EmoclfError as problem:
        st.session_state[NEWS] = f"Not saved: {problem}."


def _texts(text: Guideline) -> list[str]:
    return [text.definition, *text.examples, *text.counter_examples]


def _key(name: str, emotion: str, version: int) -> str:
    """A new version resets the fields."""
    return f"{name}-{emotion}-{version}"


def _tweets(n: int) -> str:
    return "tweet was" if n == 1 else "tweets were"
