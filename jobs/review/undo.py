"""
Undoes a batch, a few hundred tweets at a time; tweets decided again since keep the newer decision.
"""

from collections import Counter
from typing import Any

from db import batches, bulk
from db.store import Store
from db.tables.columns import now
from db.values import Batch, Job
from emoclf.errors import SettingError
from emoclf.progress import Progress, Work
from jobs.review.bulk import considerate
from jobs.settings.review import UndoSettings

CAN_BE_UNDONE = ("accepting", "accepted", "undoing")


def run(store: Store, job: Job, settings: UndoSettings) -> Work[dict[str, Any]]:
    """The job; it resumes automatically."""
    return (yield from undo(store, settings.batch, settings.reviewer))


def undo(store: Store, batch_id: int, reviewer: str) -> Work[dict[str, Any]]:
    """Undo every decision of a batch, and count the tweets that keep a newer decision.

    Raises
    ------
    SettingError : if there is nothing to undo
    """
    batch, found = begin(store, batch_id, reviewer)
    total, after = found.total(), 0
    while True:
        with considerate(store) as session:
            some = bulk.undo_some(session, batch, batch.undone_by or reviewer, after)
            if not some:
                batches.record(session, batch_id, state="undone", undone_at=now())
                break
        after = max(some)
        found.update(some.values())
        found[bulk.ACCEPTED] -= len(some)
        yield Progress(total - found[bulk.ACCEPTED], total, f"{found[bulk.UNDONE]:,} undone")
    return {"batch": batch.name, "undone": found[bulk.UNDONE], "decided_again": found[bulk.KEPT]}


def begin(store: Store, batch_id: int, reviewer: str) -> tuple[Batch, Counter[str]]:
    """Record that a batch is being undone, which stops its acceptance; return the batch and its outcomes so far."""
    with store.writing() as session:
        batch = batches.batch(session, batch_id)
        if batch.state not in CAN_BE_UNDONE:
            raise SettingError(f"there is nothing to undo: the batch {batch.name} is {batch.state}")
        if batch.state != "undoing":
            batches.record(session, batch_id, state="undoing", undone_by=reviewer)
        found = batches.outcomes(session, batch_id)
        made = Counter({outcome: found[outcome] for outcome in (bulk.ACCEPTED, bulk.UNDONE, bulk.KEPT)})
        return batches.batch(session, batch_id), made
