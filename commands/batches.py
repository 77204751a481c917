"""
The `batches` commands: list batches accepted in bulk, and undo one by name.
"""

import argparse

from commands.jobs import run_job
from commands.output import Adder, Answer
from db import batches, bulk
from db.store import Store
from db.values import Batch
from jobs.settings.review import UndoSettings


def add_commands(command: Adder) -> None:
    """Add `batches` and its subcommands."""

    def undo(store: Store, chosen: argparse.Namespace) -> Answer:
        """`batches undo NAME`: undo a batch."""
        with store.reading() as session:
            batch = batches.named(session, chosen.name)
        return run_job(store, "undo", UndoSettings(batch.id, chosen.reviewer))

    made = command("undo", undo, "undo every label that a batch accepted; later decisions stay")
    made.add_argument("name", metavar="NAME", help="name of the batch, as `batches` lists it")
    made.add_argument("--reviewer", required=True, metavar="NAME", help="name of the person who undoes it")


def listing(store: Store, chosen: argparse.Namespace) -> Answer:
    """`batches`: list the batches."""
    with store.reading() as session:
        found = [(one, batches.outcomes(session, one.id)) for one in batches.everything(session)]
    return {"batches": [_listed(one, outcomes[bulk.ACCEPTED]) for one, outcomes in found]}


def _listed(batch: Batch, accepted: int) -> Answer:
    keys = ("id", "name", "state", "source", "tweets", "sample", "wrong", "at_most", "reviewer")
    return {**{key: getattr(batch, key) for key in keys}, "accepted": accepted, "filter": dict(batch.query)}
