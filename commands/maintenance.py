"""
The commands that keep a store whole: backup, restore, check, upgrade.
"""

import argparse
from pathlib import Path

from commands.output import Adder, Answer
from db import maintenance
from db.store import Store

BROKEN = 2  # exit status of `check` if it has findings


def add_commands(command: Adder) -> None:
    """Add the commands; `restore` and `check` open the store themselves, as it may be damaged."""
    made = command("backup", backup, "back up the store to one file while the app runs")
    made.add_argument(
        "file", type=Path, nargs="?", help="new file; default: beside the store, with the time in its name"
    )
    made.add_argument(
        "--runs", action="store_true", help="also save the files of the runs; the file is a zip file then"
    )
    made.add_argument("--replace", action="store_true", help="replace the file if it exists")
    made = command("restore", restore, "restore the store from a backup; the store before is kept under another name")
    made.add_argument("file", type=Path, help="a file that `backup` wrote, of this or an earlier version")
    made.add_argument(
        "--replace",
        action="store_true",
        help="restore although the store has decisions that the backup does not have, or cannot be read",
    )
    made.set_defaults(opens_store=False)
    made = command("check", check, "check that nothing in the store is lost, damaged or contradictory")
    made.add_argument(
        "--repair",
        action="store_true",
        help="compute again what is derived from the log of decisions, such as the queue",
    )
    made.set_defaults(opens_store=False, status_of=status_of)
    command("upgrade", upgrade, "update the database to the schema of this version")


def backup(store: Store, chosen: argparse.Namespace) -> Answer:
    """`backup [FILE]`: back up the store."""
    from jobs.maintenance.backups import back_up

    return back_up(store, chosen.file, chosen.runs, chosen.replace)


def restore(url: str, chosen: argparse.Namespace) -> Answer:
    """`restore FILE`: restore the store."""
    from jobs.maintenance.restore import restore as restored

    return restored(url, chosen.file, chosen.replace)


def check(url: str, chosen: argparse.Namespace) -> Answer:
    """`check`: check the store, and repair what is derived."""
    from jobs.maintenance.check import check as checked

    return checked(url, chosen.repair)


def status_of(answer: Answer) -> int:
    """The exit status after `check`."""
    return BROKEN if answer["findings"] else 0


def upgrade(store: Store, chosen: argparse.Namespace) -> Answer:
    """`upgrade`: migrate the store, which happens when it is opened."""
    return {"schema": maintenance.schema_version(store)}
