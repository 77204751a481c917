"""
Accepts the labels of a batch once its sample is checked, a few hundred tweets at a time.
"""

from collections import Counter
from typing import Any

from db import batches, bulk
from db.store import Store
from db.tables.columns import now
from db.values import Batch, Job
from emoclf.errors import SettingError
from emoclf.progress import Progress, Work
from jobs.review.bulk import BatchProgress, considerate
from jobs.settings.review import AcceptSettings


def run(store: Store, job: Job, settings: AcceptSettings) -> Work[dict[str, Any]]:
    """The job; it resumes automatically."""
    return (yield from accept(store, settings.batch, settings.reviewer))


def accept(store: Store, batch_id: int, reviewer: str) -> Work[dict[str, Any]]:
    """Accept all tweets of a batch outside its sample, and count those left out by reason.

    Raises
    ------
    SettingError : if the sample is not checked, or the batch was dropped or undone
    """
    batch, found = begin(store, batch_id, reviewer)
    after = 0
    while True:
        with considerate(store) as session:
            if batches.batch(session, batch_id).state != "accepting":
                raise SettingError(f"the batch {batch.name} is being undone, so no more of its tweets are accepted")
            some = bulk.accept_some(session, batch, batch.accepted_by or reviewer, after)
            if not some:
                batches.record(session, batch_id, state="accepted", accepted_at=now())
                break
        after = max(some)
        found.update(some.values())
        yield Progress(found.total(), batch.tweets - batch.sample, f"{found[bulk.ACCEPTED]:,} accepted")
    return {
        "batch": batch.name,
        "accepted": found[bulk.ACCEPTED],
        "decided_meanwhile": found[bulk.DECIDED],
        "in_front_of_others": found[bulk.HELD],
    }


def begin(store: Store, batch_id: int, reviewer: str) -> tuple[Batch, Counter[str]]:
    """Record the result of the sample, unless the batch is resumed; return the batch and its outcomes so far."""
    with store.writing() as session:
        known = BatchProgress(batches.batch(session, batch_id), batches.sample(session, batch_id))
        batch = known.batch
        if batch.state not in batches.OPEN:
            raise SettingError(f"the batch {batch.name} cannot be accepted: it is {batch.state}")
        if batch.state == "checking":
            if not known.is_checked:
                done = f"{known.checked} of the {batch.sample} tweets"
                raise SettingError(f"{done} in the sample of {batch.name} are checked; check the others first")
            shown = known.estimate(session)
            fields = {"wrong": shown.wrong, "at_most": shown.max_wrong, "accepted_by": reviewer}
            batches.record(session, batch_id, state="accepting", **fields)
        return batches.batch(session, batch_id), batches.outcomes(session, batch_id)
