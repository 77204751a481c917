"""
The `imports` command: lists imports, undoes one, or moves the tweets of one to another split.
"""

import argparse
from dataclasses import asdict

from commands.output import Adder, Answer
from db.imports import Import
from db.store import Store
from emoclf.errors import SettingError
from emoclf.tweets import SPLITS


def add_commands(command: Adder) -> None:
    """Add `imports`."""
    made = command("imports", imports, "list the imports, undo one, or move the tweets of one to another split")
    one = made.add_mutually_exclusive_group()
    one.add_argument(
        "--undo",
        type=int,
        metavar="ID",
        help="remove the tweets of an import with all suggestions and predictions for them; tweets that were decided, "
        "or that a run was trained or scored on, stay",
    )
    one.add_argument("--move", type=int, metavar="ID", help="move the tweets of an import to the split that --to names")
    made.add_argument(
        "--dry-run", action="store_true", help="with --undo: say what would be removed, and remove nothing"
    )
    made.add_argument("--to", choices=SPLITS, help="the split for --move")
    made.add_argument("--by", metavar="NAME", help="who does it, for the record; default: the user of this computer")


def imports(store: Store, chosen: argparse.Namespace) -> Answer:
    """`imports`: list the imports, undo one, or move one."""
    from jobs.files import import_changes
    from jobs.files.imports import user_of_computer

    if (chosen.move is None) != (chosen.to is None):
        raise SettingError("pass --move ID and --to SPLIT together, such as --move 3 --to dev")
    by = chosen.by or user_of_computer()
    if chosen.dry_run and chosen.undo is None:
        raise SettingError("--dry-run says what --undo would remove; pass --undo ID, such as --undo 3 --dry-run")
    if chosen.dry_run:
        return {"dry_run": True, "import": chosen.undo, "words": [import_changes.plan(store, chosen.undo).words]}
    if chosen.undo is not None:
        return import_changes.undo(store, chosen.undo, by)
    if chosen.move is not None:
        return import_changes.move(store, chosen.move, chosen.to, by)
    return {"imports": [_listed(one) for one in import_changes.listing(store)]}


def _listed(one: Import) -> Answer:
    times = {"created_at": one.created_at.isoformat(), "undone_at": one.undone_at and one.undone_at.isoformat()}
    found = asdict(one) | times
    return {"id": found.pop("id"), "created_at": found.pop("created_at"), **found, "sha256": found.pop("sha256")}
