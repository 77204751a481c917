"""
Label counts: how many train tweets each emotion has, real and synthetic, and how many it lacks to a target.
"""

from dataclasses import dataclass

from db import inspections, synthetic
from db.store import Store
from db.synthetic import ACCEPTED, WAITING
from emoclf.synthetic.plans import TARGET, missing

NOBODY = {ACCEPTED: 0, WAITING: 0}


@dataclass(frozen=True)
class LabelCount:
    """One emotion's train tweets."""

    emotion: str
    real: int
    accepted: int  # synthetic
    waiting: int  # synthetic, not checked yet
    missing: int  # to the target, were all that wait accepted


def label_counts(store: Store, target: int = TARGET) -> list[LabelCount]:
    """Every emotion, the one that lacks most first."""
    with store.reading() as session:
        _, real = inspections.trainable(session, "approved")
        states = synthetic.states(session)
    found = []
    for emotion, n in real.items():
        accepted, waiting = (states.get(emotion, NOBODY)[state] for state in (ACCEPTED, WAITING))
        found.append(LabelCount(emotion, int(n), accepted, waiting, missing(int(n) + accepted + waiting, target)))
    return sorted(found, key=lambda lack: -lack.missing)
