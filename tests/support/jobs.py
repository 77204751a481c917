"""Waits for a job, and reads it."""

import threading
from collections.abc import Callable

from db.jobs import get_job
from db.store import Store
from db.values import Job


def wait_until(holds: Callable[[], bool], tries: int = 3000) -> None:
    """Poll a condition for up to five minutes: a busy machine loads a model slowly."""
    pause = threading.Event()
    for _ in range(tries):
        if holds():
            return
        pause.wait(0.1)
    raise AssertionError("it did not come to pass within five minutes")


def job(store: Store, job_id: int) -> Job:
    """The current state of a job."""
    with store.reading() as session:
        return get_job(session, job_id)
