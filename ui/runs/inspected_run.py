"""
What a look into a run needs: the run, an earlier one beside it, and what they said of tweets they never trained on.
"""

from dataclasses import dataclass

import streamlit as st

from db import inspections
from db.store import Store
from db.values import Run
from jobs.training.inspection import UnseenPredictions
from ui import cached

SPLITS = {"dev": "dev", "train": "train, out of fold", "test": "test"}


@dataclass(frozen=True)
class InspectedRun:
    """A run, perhaps beside an earlier one, against one kind of dev labels."""

    store: Store
    run: Run
    before: Run | None
    target: str

    def splits(self, run: Run) -> dict[str, int]:
        """On how many tweets of each split a run spoke that it never trained on; dev first, none left out."""
        with self.store.reading() as session:
            counts = inspections.spoken_counts(session, run.id)
        return {split: counts[split] for split in SPLITS if split in counts}

    def said(self, run: Run, split: str) -> UnseenPredictions:
        """What a run said of such tweets of a split."""
        return cached.unseen_predictions(self.store, run.id, split, self.target)


def ask_split(inspected: InspectedRun, view: str) -> UnseenPredictions | None:
    """What the run said of the split that is chosen for a view; None, and a sentence, where it said nothing."""
    splits = inspected.splits(inspected.run)
    if not splits:
        st.info(
            f"Run {inspected.run.id} has no predictions on tweets it was not trained on. Predict out of fold first."
        )
        return None
    chosen = st.segmented_control(
        "Tweets",
        list(splits),
        format_func=lambda split: f"{SPLITS[split]} ({splits[split]:,})",
        default=next(iter(splits)),
        required=True,
        key=f"{view}-split-{inspected.run.id}",
    )
    return inspected.said(inspected.run, chosen)
