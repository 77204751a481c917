"""
The `export-tfhub` command, which writes a BERT or a run in TensorFlow Hub's format.
"""

import argparse
from pathlib import Path

from commands.output import Adder, Answer
from db.store import Store


def add_commands(command: Adder) -> None:
    """Add `export-tfhub`; `command` makes a parser of a name, an action, and a line of help."""
    made = command(
        "export-tfhub", export, "write an encoder, or a run that predicts from texts, in TensorFlow Hub's format"
    )
    made.add_argument("what", metavar="RUN_OR_MODEL", help="a run's number, or packaged:, hf: or dir:")
    made.add_argument("folder", type=Path, metavar="FOLDER")


def export(store: Store, chosen: argparse.Namespace) -> Answer:
    """`export-tfhub RUN_OR_MODEL FOLDER`: write a model or a run."""
    from jobs.files.tfhub_export import export_tfhub

    return export_tfhub(store, chosen.what, chosen.folder)
