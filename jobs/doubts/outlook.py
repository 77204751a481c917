"""
Estimates how many labels the next tweets of a split's queue will repair, and counts what the last ones repaired.
"""

import numpy as np

from db import doubting, summaries
from db.store import Store
from emoclf.review.queue_outlook import MIN_DECISIONS, WINDOW, Outlook, expect

MOST = 2000  # newest decisions used to correct the estimate


def outlook(store: Store, split: str) -> Outlook:
    """Estimate what the next hundred reviews will change.

    Only decisions made after the doubts were computed correct the estimate, because the models may have learned from
    earlier ones.
    """
    with store.reading() as session:
        doubts = np.array(summaries.doubts_ahead(session, split, WINDOW))
        doubt_state = doubting.read(session, split)
        done = doubting.reviewed(session, split, MOST)
    after = [one for one in done if one.decision > doubt_state.since]
    decided, changed = np.array([one.doubt for one in after]), np.array([one.is_changed for one in after], dtype=bool)
    is_checked = len(after) >= MIN_DECISIONS
    expected = None
    if len(doubts) and (is_checked or doubt_state.is_probability):
        expected = expect(doubts, decided, changed, doubt_state.shifts if doubt_state.is_probability else None)
    last = done[:WINDOW]
    return Outlook(
        len(doubts), expected, len(after) if is_checked else 0, len(last), sum(one.is_changed for one in last)
    )
