"""
The way from tweets without labels to a data set: label some, train on them, and label uncertain ones next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from db.queue import LABELLING
from db.values import Counts, Run

FIRST_LABELS = 200  # decisions before the first training is worthwhile, in a split that has so many tweets


@dataclass(frozen=True)
class WayStep:
    """One step of the way, and the page with the query that leads to it."""

    title: str
    words: str
    page: str
    query: dict[str, str]


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
        return f"{self.split}: {self.unlabelled:,} tweets came without labels, {self.labelled:,} labelled since."

    @property
    def upcoming(self) -> int:
        """The step that comes next: 0 to label, 1 to train, 2 to label uncertain ones.

        >>> Way("train", 900, 12, False).upcoming, Way("train", 900, 200, False).upcoming
        (0, 1)
        >>> Way("train", 900, 200, True).upcoming
        2
        """
        return 0 if self.labelled < self.first_labels else 1 if not self.is_trained else 2

    @property
    def first_labels(self) -> int:
        """How many tweets to label before the first training: all of a small split.

        >>> Way("train", 900, 12, False).first_labels, Way("train", 30, 12, False).first_labels
        (200, 30)
        """
        return min(FIRST_LABELS, self.unlabelled)

    @property
    def steps(self) -> tuple[WayStep, ...]:
        """The steps in their order; `upcoming` is the index of the one that comes next."""
        query = {"split": self.split, "order": LABELLING}
        uncertain = "Tweets of which the models are unsure, and rare emotions, come first. Then train again."
        return (
            WayStep(
                f"Label {self.first_labels}", "Decide tweets from the text and what a model suggests.", "review", query
            ),
            WayStep(
                "Train",
                "It learns from tweets with labels. Then every other tweet gets a prediction.",
                "retrain",
                {},
            ),
            WayStep("Label the uncertain", uncertain, "review", query),
        )


def way(counts: Sequence[Counts], runs: Sequence[Run]) -> Way | None:
    """The way of the first split with tweets that came without labels, train before the others; None without any."""
    found = next((count for count in counts if count.unlabelled), None)
    return Way(found.split, found.unlabelled, found.labelled, bool(runs)) if found else None


def leads(counts: Sequence[Counts]) -> bool:
    """Whether the next step is on this way: if no tweet of the store came with labels."""
    return bool(counts) and all(count.unlabelled == count.tweets for count in counts)


def show_way(counts: Sequence[Counts], runs: Sequence[Run]) -> None:
    """Draw the steps with their links, if the store has tweets that came without labels."""
    if (found := way(counts, runs)) is None:
        return
    st.subheader("Tweets without labels")
    st.text("\n".join(Way(c.split, c.unlabelled, c.labelled, False).figures for c in counts if c.unlabelled))
    upcoming = found.upcoming if leads(counts) else None
    for i, (column, step) in enumerate(zip(st.columns(len(found.steps)), found.steps, strict=True)):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{i + 1} · {step.title}**")
            st.caption(step.words)
            icon = ":material/arrow_forward:" if i == upcoming else None
            label = "Next" if i == upcoming else "Open"
            st.page_link(f"pages/{step.page}.py", label=f"{label}: {step.title}", icon=icon, query_params=step.query)
