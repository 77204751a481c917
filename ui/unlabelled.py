"""
The way from tweets without labels to a data set: label some, train on them, and label uncertain ones next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from db.queue import LABELLING
from db.values import Counts, Run

FIRST_LABELS = 200  # decisions before the first training is worthwhile


@dataclass(frozen=True)
class Way:
    """The tweets of a split that came without labels, and the step that comes next."""

    split: str
    unlabelled: int
    labelled: int  # how many of them are decided
    is_trained: bool  # whether a run was trained since there were enough labels

    @property
    def figures(self) -> str:
        """The counts in words."""
        return f"{self.split}: {self.unlabelled:,} tweets came without labels, {self.labelled:,} of them are labelled."

    @property
    def upcoming(self) -> int:
        """The step that comes next: 0 to label, 1 to train, 2 to label uncertain ones.

        >>> Way("train", 900, 12, False).upcoming, Way("train", 900, 200, False).upcoming
        (0, 1)
        >>> Way("train", 900, 200, True).upcoming
        2
        """
        return 0 if self.labelled < min(FIRST_LABELS, self.unlabelled) else 1 if not self.is_trained else 2


def way(counts: Sequence[Counts], runs: Sequence[Run]) -> Way | None:
    """The way of the first split with tweets that came without labels, train before the others; None without any."""
    found = next((count for count in counts if count.unlabelled), None)
    return Way(found.split, found.unlabelled, found.labelled, bool(runs)) if found else None


def show_way(counts: Sequence[Counts], runs: Sequence[Run]) -> None:
    """Draw the steps with their links, if the store has tweets that came without labels."""
    if (found := way(counts, runs)) is None:
        return
    st.subheader("Tweets without labels")
    st.text("\n".join(Way(c.split, c.unlabelled, c.labelled, False).figures for c in counts if c.unlabelled))
    query = {"split": found.split, "order": LABELLING}
    steps = (
        (f"1 · Label {FIRST_LABELS}", "Decide some tweets from the text and what a model suggests.", "review", query),
        (
            "2 · Train",
            "It learns from tweets with labels. Then every other tweet gets a prediction.",
            "retrain",
            {},
        ),
        (
            "3 · Label the uncertain",
            "Tweets of which the models are unsure, and rare emotions, come first. Then train again.",
            "review",
            query,
        ),
    )
    for i, (column, (title, words, page, asked)) in enumerate(zip(st.columns(len(steps)), steps, strict=True)):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.caption(words)
            icon = ":material/arrow_forward:" if i == found.upcoming else None
            label = "Next" if i == found.upcoming else "Open"
            st.page_link(f"pages/{page}.py", label=f"{label}: {title[4:]}", icon=icon, query_params=asked)
