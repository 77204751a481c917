"""
Counts the real and synthetic train tweets of each emotion, and how many are missing to a target.
"""

from dataclasses import dataclass

from db import inspections, synthetic
from db.store import Store
from db.synthetic import ACCEPTED, WAITING
from emoclf.synthetic.plans import TARGET, missing

NOBODY = {ACCEPTED: 0, WAITING: 0}


@dataclass(frozen=True)
class LabelCount:
    """The train tweets of one emotion."""

    emotion: str
    real: int
    accepted: int  # synthetic, accepted by a reviewer
    waiting: int  # synthetic, not yet reviewed
    missing: int  # to the target, if all waiting tweets were accepted


def label_counts(store: Store, target: int = TARGET) -> list[LabelCount]:
    """The counts of every emotion, the largest gap first."""
    with store.reading() as session:
        _, real = inspections.trainable_counts(session, "approved")
        states = synthetic.states(session)
    found = []
    for emotion, n in real.items():
        accepted, waiting = (states.get(emotion, NOBODY)[state] for state in (ACCEPTED, WAITING))
        found.append(LabelCount(emotion, int(n), accepted, waiting, missing(int(n) + accepted + waiting, target)))
    return sorted(found, key=lambda count: -count.missing)
