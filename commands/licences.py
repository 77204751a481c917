"""
The `licences` command: lists models and data with their licences, and writes a bill of the installed packages.
"""

import argparse
from pathlib import Path

from commands.output import Adder, Answer
from db.store import Store


def add_commands(command: Adder) -> None:
    """Add the command; `command` creates a parser from a name, an action and a help line."""
    made = command("licences", licences, "list the models and data of this store with their licences")
    made.add_argument(
        "--sbom",
        type=Path,
        metavar="FILE",
        help="write the installed packages with versions and licences to a new file, as CycloneDX JSON",
    )


def licences(store: Store, chosen: argparse.Namespace) -> Answer:
    """`licences`: list licences, or write the bill of materials."""
    if chosen.sbom is not None:
        from jobs.files.sbom import write_sbom

        return {"packages": write_sbom(chosen.sbom), "sbom": str(chosen.sbom)}
    from jobs.files.licences import data_in_use, models_in_use

    found = {"models": models_in_use(store), "data": data_in_use(store)}
    return {kind: [{"work": one.work, "licence": one.licence} for one in known] for kind, known in found.items()}
