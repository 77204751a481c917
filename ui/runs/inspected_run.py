"""
The context of the inspection views: the run, an earlier run, and their predictions on unseen tweets.
"""

from dataclasses import dataclass

import streamlit as st

from db import inspections
from db.store import Store
from db.values import Run
from jobs.training.inspection import UnseenPredictions
from ui import cached
from ui.saving import PERSISTENT

SPLITS = {"dev": "dev", "train": "train, out of fold", "test": "test"}


@dataclass(frozen=True)
class InspectedRun:
    """The inspected run, optionally with an earlier run, and the dev labels to use."""

    store: Store
    run: Run
    before: Run | None
    target: str

    def splits(self, run: Run) -> dict[str, int]:
        """The number of unseen tweets that a run predicted in each split, dev first."""
        with self.store.reading() as session:
            counts = inspections.unseen_counts(session, run.id)
        return {split: counts[split] for split in SPLITS if split in counts}

    def predictions(self, run: Run, split: str) -> UnseenPredictions:
        """A run's predictions for the unseen tweets of a split."""
        return cached.unseen_predictions(self.store, run.id, split, self.target)


def ask_split(inspected: InspectedRun, view: str) -> UnseenPredictions | None:
    """Ask for a split and return the run's predictions; None and a message if there are none."""
    splits = inspected.splits(inspected.run)
    if not splits:
        st.info(
            f"Run {inspected.run.id} has no predictions on tweets it was not trained on. First predict out of "
            "fold with the command `predict --out-of-fold`."
        )
        return None
    chosen = st.segmented_control(
        "Tweets",
        list(splits),
        format_func=lambda split: f"{SPLITS[split]} ({splits[split]:,})",
        default=next(iter(splits)),
        required=True,
        key=f"{view}-split-{inspected.run.id}",
        **PERSISTENT,
    )
    return inspected.predictions(inspected.run, chosen)
