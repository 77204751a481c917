"""
The options of commands that read data files: what a person says about a file that can be read in several ways.
"""

import argparse
import unicodedata
from dataclasses import fields
from pathlib import Path

from emoclf.files.reading import LABELS_AS, RATERS, Reading

COLUMNS = {
    "text_column": "the texts; default: Tweet or text",
    "id_column": "the IDs; default: ID or key",
    "labels_column": "all labels of a row; default: labels, label, emotions or emotion",
    "split_column": "train, dev or test; default: split",
}


def add_reading_options(made: argparse.ArgumentParser, may_lack_labels: bool = True) -> None:
    """Add an option for each field of `Reading`, and --emotions.

    `may_lack_labels`: whether the command has a use for tweets without labels.
    """
    made.add_argument(
        "--labels-as",
        choices=LABELS_AS,
        help="how a column of labels is read: names, numbers of emotions, or a list of 0 and 1 for each emotion "
        "(multi-hot); default: what the file shows",
    )
    made.add_argument(
        "--first-number", type=int, choices=(0, 1), help="number of the first emotion, where the file leaves it open"
    )
    made.add_argument("--blank-is-0", action="store_true", help="read blank label cells as 0; default: reject the row")
    made.set_defaults(unlabelled=False)
    if may_lack_labels:
        made.add_argument(
            "--unlabelled",
            action="store_true",
            help="read tweets without labels: a file without columns of labels, and rows whose labels are all blank; "
            "cells with NONE say it by themselves",
        )
    made.add_argument(
        "--encoding", metavar="NAME", help="encoding of a text file, such as cp1252; default: found from its bytes"
    )
    for field, what in COLUMNS.items():
        made.add_argument(f"--{field.replace('_', '-')}", metavar="COLUMN", help=f"column that holds {what}")
    made.add_argument(
        "--raters",
        choices=RATERS,
        help="where several rows have the same tweet with different labels: make one tweet with the labels of the "
        "majority, or read the first row and reject the others",
    )
    corpus = "emotions of an auxiliary corpus, or " if may_lack_labels else ""
    made.add_argument(
        "--emotions",
        metavar="LIST",
        help=f"{corpus}what the label numbers of tweets stand for, in order: separated by commas, or a file with one "
        "per line",
    )
    made.add_argument(
        "--confirm",
        action="store_true",
        help="read the file although it looks misread: all rows have the same labels, all texts are numbers, or label "
        "numbers end before the last emotion",
    )


def data_file(name: str) -> Path:
    """Return the path of a data file; an accent in its name may be typed in one character and stored in two."""
    forms = (name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD")))
    return next((path for path in map(Path, forms) if path.exists()), Path(name))


def reading_of(chosen: argparse.Namespace) -> Reading:
    """Return what the options say about the file."""
    names = [field.name for field in fields(Reading) if field.name != "label_names"]
    labels: tuple[str, ...] = ()
    if chosen.emotions is not None:
        from emoclf.files.corpora import read_emotions

        labels = read_emotions(chosen.emotions)
    return Reading(**{name: getattr(chosen, name) for name in names}, label_names=labels)
