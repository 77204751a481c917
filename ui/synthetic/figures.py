"""
Lists and figures of synthetic tweets: the latest ones, those dropped by gates, and acceptance rates.
"""

import uuid

import streamlit as st

from db import generations, synthetic
from db.store import Store
from db.synthetic import DROPPED, Synthetic
from jobs.synthetic.synthetic_card import acceptance, restore
from ui.job_bar import newest
from ui.saving import saved

SHOWN = 25
GROUPS = {"emotion": "emotion", "context": "context", "prompt": "prompt_version", "model": "engine"}


def last_written(store: Store) -> None:
    """The newest tweets of the last job, with the results of the gates."""
    job = newest(store, "generate")
    if job is None:
        return
    with store.reading() as session:
        tally = generations.tally(session, job.id)
        found = synthetic.items(session, generations.newest(session, job.id, SHOWN))
    if not found:
        return
    st.subheader("Latest tweets")
    drops = "".join(f"  ·  {gate} {n}" for gate, n in tally["dropped"].items())
    st.text(f"{tally['generated']:,} written, {tally['kept']:,} passed the gates{drops}")
    rows = [{"tweet": one.text, "context": one.context, "dropped": one.reason if one.dropped else ""} for one in found]
    st.dataframe(rows, hide_index=True, column_config={"tweet": st.column_config.TextColumn(width="large")})


def dropped_list(store: Store, reviewer: str, emotion: str | None) -> None:
    """The dropped tweets, each with the reason and a button that moves it to those to check."""
    with store.reading() as session:
        gates, found = synthetic.drops(session, emotion), synthetic.found_in(session, DROPPED, emotion, SHOWN)
    if not found:
        st.info("The gates have dropped no tweets here.")
        return
    st.text("  ·  ".join(f"{gate} {n:,}" for gate, n in gates.items()))
    for one in found:
        _dropped(store, reviewer, one)
    if sum(gates.values()) > len(found):
        st.caption(f"The oldest {len(found)} are shown; the export of synthetic tweets has all.")


def _dropped(store: Store, reviewer: str, one: Synthetic) -> None:
    words, button = st.columns([6, 1], vertical_alignment="center")
    words.text(f"{one.text}\n{one.emotion} · {one.context} · {one.reason}")
    event_id = st.session_state.setdefault(f"back-event-{one.tweet_id}", str(uuid.uuid4()))
    if button.button("Restore", key=f"back-{one.tweet_id}", width="stretch") and saved(
        lambda: restore(store, one.tweet_id, reviewer, event_id)
    ):
        del st.session_state[f"back-event-{one.tweet_id}"]
        st.rerun()


def figures(store: Store) -> None:
    """Acceptance by emotion, context, prompt and model, and the reasons for rejections."""
    for title, column in GROUPS.items():
        with store.reading() as session:
            rows = acceptance(synthetic.states(session, column))
        st.subheader(f"By {title}")
        st.dataframe([{title if k == "" else k: v for k, v in row.items()} for row in rows], hide_index=True)
    with store.reading() as session:
        given = synthetic.reasons(session)
    if given:
        st.subheader("Reasons for rejection")
        st.text("  ·  ".join(f"{reason} {n:,}" for reason, n in given))
