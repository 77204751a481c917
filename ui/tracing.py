"""
Views of what lies between two runs: the tweets they see most differently, whose decisions moved labels, and the epochs.
"""

from typing import Any

import streamlit as st

from db.values import LabelChange, Run
from emoclf.labels import EMOTIONS
from jobs import inspecting
from jobs.inspecting import Lineage, Moved
from ui import charts
from ui.look import SPLITS, Look
from ui.tweetlist import tweet_list

MOST_TWEETS = 50  # in the list of those that changed most
MOST_CHANGES = 200  # in the list of labels that changed


def changed_most(look: Look) -> None:
    """The tweets that two runs see most differently."""
    before = look.before
    if before is None:
        st.info("There is no earlier run to compare with.")
        return
    found = _moved(look, before)
    if not found:
        st.info("The two runs share no tweet that neither trained on; predict both out of fold.")
        return
    tweet_list([_moved_row(one, before.id, look.run.id) for one in found], key="changed-most")
    st.caption(
        f"The {len(found):,} tweets in which the probability of an emotion changed most from run {before.id} to run "
        f"{look.run.id}, among dev tweets and train tweets that neither run had trained on when it spoke."
    )


def _moved(look: Look, before: Run) -> list[Moved]:
    shared = [split for split in look.splits(look.run) if split in look.splits(before)]
    found = [
        one
        for split in shared
        for one in inspecting.moved(look.said(before, split), look.said(look.run, split), split, MOST_TWEETS)
    ]
    return sorted(found, key=lambda one: -abs(one.after - one.before))[:MOST_TWEETS]


def _moved_row(one: Moved, before_id: int, after_id: int) -> dict[str, Any]:
    return {
        "key": one.key,
        "tweet": one.text,
        "emotion": one.emotion,
        f"run {before_id}": one.before,
        f"run {after_id}": one.after,
        "labels say it": "yes" if one.is_labelled else "no",
        "split": SPLITS[one.split],
    }


def lineage(look: Look) -> None:
    """Whose decisions are behind the labels that changed."""
    emotion = st.selectbox("Emotion", EMOTIONS.names, key="lineage-emotion")
    found = inspecting.lineage(look.store, emotion, look.run.id, look.before.id if look.before else None)
    than = f"run {look.before.id}" if look.before else "the data said"
    if not found.changes:
        st.info(f"Of {emotion}, run {look.run.id} learnt the same labels as {than}, on the train tweets they share.")
        return
    st.text(in_words(found))
    rows = [_change_row(one, emotion) for one in found.changes[:MOST_CHANGES]]
    tweet_list(rows, key=f"lineage-{emotion}")
    st.caption(f"Train tweets that run {look.run.id} learnt otherwise than {than}; {len(rows):,} are listed.")


def in_words(found: Lineage) -> str:
    """How many of the changed labels came from whom."""
    n = len(found.changes)
    (first, most), *others = found.sources
    said = [f"{most:,} of {n:,} changed labels of {found.emotion} came from {first}"]
    said += [f"{count:,} from {name}" for name, count in others]
    return f"{', '.join(said)}. {found.gained:,} tweets gained the label, {n - found.gained:,} lost it."


def _change_row(one: LabelChange, emotion: str) -> dict[str, Any]:
    return {
        "key": one.key,
        "tweet": one.text,
        emotion: "gained" if emotion in one.after else "lost",
        "by": one.reviewer or inspecting.ORIGINAL,
        "labels before": ", ".join(EMOTIONS.ordered(one.before)) or "none",
        "labels now": ", ".join(EMOTIONS.ordered(one.after)) or "none",
    }


def curves(look: Look) -> None:
    """How the training went, epoch by epoch."""
    st.plotly_chart(charts.curves(look.run.history), width="stretch", config=charts.QUIET)
    settings = ", ".join(f"{name} {value}" for name, value in look.run.settings.items() if value is not None)
    st.text(f"{look.run.seconds / 60:.1f} minutes. {settings}")
