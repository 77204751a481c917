"""
Views of the differences between two runs: changed predictions and origins of labels; and of training curves.
"""

from typing import Any

import streamlit as st

from db.values import Run
from emoclf.labels import EMOTIONS
from jobs.training import inspection, run_warnings
from jobs.training.inspection import Moved
from jobs.training.lineage import SOURCES, LabelChange, Lineage
from jobs.training.lineage import lineage as trace
from ui import charts
from ui.paper.save import save_chart
from ui.runs.inspected_run import SPLITS, InspectedRun
from ui.saving import PERSISTENT
from ui.tweet_list import tweet_list

NO_EARLIER = "There is no earlier run to compare with."
MOST_TWEETS = 50  # tweets with changed predictions shown
MOST_CHANGES = 200  # changed labels shown


def changed_most(inspected: InspectedRun) -> None:
    """The tweets whose predictions changed most between two runs."""
    before = inspected.before
    if before is None:
        st.info(NO_EARLIER)
        return
    found = _moved(inspected, before)
    if not found:
        st.info(
            "The two runs have no predictions on a common tweet that neither was trained on. Predict with both runs "
            "out of fold."
        )
        return
    tweet_list([_moved_row(one, before.id, inspected.run.id) for one in found], key="changed-most")
    st.caption(
        f"The {len(found):,} tweets in which the probability of an emotion changed most from run {before.id} to "
        f"run {inspected.run.id}, among dev tweets and train tweets that neither run had been trained on when it "
        "predicted them."
    )


def _moved(inspected: InspectedRun, before: Run) -> list[Moved]:
    shared = [split for split in inspected.splits(inspected.run) if split in inspected.splits(before)]
    found = [
        one
        for split in shared
        for one in inspection.moved(
            inspected.predictions(before, split), inspected.predictions(inspected.run, split), split, MOST_TWEETS
        )
    ]
    return sorted(found, key=lambda one: -abs(one.after - one.before))[:MOST_TWEETS]


def _moved_row(one: Moved, before_id: int, after_id: int) -> dict[str, Any]:
    return {
        "key": one.key,
        "tweet": one.text,
        "emotion": one.emotion,
        f"run {before_id}": one.before,
        f"run {after_id}": one.after,
        "labelled": "yes" if one.is_labelled else "no",
        "split": SPLITS[one.split],
    }


def lineage(inspected: InspectedRun) -> None:
    """The origins of the labels that changed."""
    if inspected.before is None:
        st.info(NO_EARLIER)
        return
    emotion = st.selectbox("Emotion", EMOTIONS.names, key="lineage-emotion", **PERSISTENT)
    found = trace(inspected.store, inspected.run.id, inspected.before.id, emotion)
    st.text("\n".join(in_words(found)))
    if found.changes:
        tweet_list([_change_row(one) for one in found.changes[:MOST_CHANGES]], key=f"lineage-{emotion}")


def in_words(found: Lineage) -> list[str]:
    """The main origin of the changed labels, then all origins."""
    if not found.changes:
        return found.in_words()
    (source, by), (plus, minus) = next(iter(found.counts().items()))
    n, most = len(found.changes), SOURCES[source].format(by=by)
    return [f"{plus + minus:,} of {n:,} changed labels of {found.emotion}: {most}.", *found.in_words()]


def _change_row(one: LabelChange) -> dict[str, Any]:
    return {
        "key": one.key,
        "tweet": one.text,
        "label": "added" if one.added else "removed",
        "source": SOURCES[one.source].format(by=one.by),
    }


def curves(inspected: InspectedRun) -> None:
    """The training curves, epoch by epoch."""
    figure = charts.curves(inspected.run.history)
    st.plotly_chart(figure, width="stretch", config=charts.QUIET)
    save_chart(f"curves-run-{inspected.run.id}", figure)
    settings = ", ".join(f"{name} {value}" for name, value in inspected.run.settings.items() if value is not None)
    stop = run_warnings.stopped(inspected.run)
    st.text(f"{inspected.run.seconds / 60:.1f} minutes. {settings}" + (f"\n{stop.words}" if stop else ""))
