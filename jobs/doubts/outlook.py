"""
Outlook: what the next tweets of a split's queue are likely to repair, beside what the last ones did.
"""

import numpy as np

from db import doubting, summaries
from db.store import Store
from emoclf.review.queue_outlook import ENOUGH, WINDOW, Outlook, expect

MOST = 2000  # decisions that the expectation is corrected by, the newest


def outlook(store: Store, split: str) -> Outlook:
    """What another hundred reviews are likely to bring.

    Only decisions made after the doubts were worked out correct them: what came before may have taught the models.
    """
    with store.reading() as session:
        doubts = np.array(summaries.doubts_ahead(session, split, WINDOW))
        standing = doubting.read(session, split)
        done = doubting.reviewed(session, split, MOST)
    after = [one for one in done if one.decision > standing.since]
    decided, changed = np.array([one.doubt for one in after]), np.array([one.is_changed for one in after], dtype=bool)
    is_checked = len(after) >= ENOUGH
    expected = None
    if len(doubts) and (is_checked or standing.is_probability):
        expected = expect(doubts, decided, changed, standing.shifts if standing.is_probability else None)
    last = done[:WINDOW]
    return Outlook(
        len(doubts), expected, len(after) if is_checked else 0, len(last), sum(one.is_changed for one in last)
    )
