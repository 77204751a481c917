"""
The `jobs` command, and the progress bar with which every command runs its job.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from commands.output import Adder, Answer
from db.jobs import list_jobs
from db.store import Store
from emoclf.progress import Progress
from emoclf.text.visible import visible


def add_commands(command: Adder) -> None:
    """Add the commands; `command` creates a parser from a name, an action and a help line."""
    command("jobs", listing, "list the jobs")


def listing(store: Store, chosen: argparse.Namespace) -> Answer:
    """`jobs`: list the jobs."""
    from jobs.runner import find_lost

    find_lost(store)
    with store.reading() as session:
        found = list_jobs(session)
    keys = ("id", "kind", "state", "done", "total", "message")
    return {"jobs": [{key: getattr(job, key) for key in keys} for job in found]}


def run_job(store: Store, kind: str, settings: Any) -> Answer:
    """Run a job in this process with a progress bar; it is listed like jobs started by the app.

    `settings` is what `jobs.runner.queue_job` takes.
    """
    from jobs import runner

    job_id = runner.queue_job(store, kind, settings)
    try:
        with bar() as draw:
            return runner.execute(store, job_id, draw)
    except runner.Cancelled:
        raise KeyboardInterrupt from None


@contextmanager
def bar() -> Iterator[Callable[[Progress], None]]:
    """Draw a progress bar on standard error."""
    from tqdm import tqdm

    with tqdm(file=sys.stderr, bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {elapsed}{postfix}") as drawn:

        def draw(progress: Progress) -> None:
            drawn.total, drawn.n = progress.total or None, progress.done
            drawn.set_postfix_str(visible(progress.message))

        yield draw
