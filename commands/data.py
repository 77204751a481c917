"""
The data commands: import, auxiliary corpora, sample data, export.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from commands.output import Adder, Answer
from commands.reading import add_reading_options, data_file, reading_of
from db.store import Store
from emoclf.errors import DataFileError, NothingReadError, SettingError
from emoclf.export.formats import FORMATS
from emoclf.files.reading import Reading
from emoclf.tweets import SPLITS

WHAT = (
    "approved (default): the decision where there is one, else the original; decided: the same, for decided tweets "
    "only; decisions: the log of them; everything: approved labels next to those of all sources; originals: the tweets "
    "as they were imported; suggestions; synthetic; or guidelines"
)
FOR = (
    "format, where the ending does not tell it: spreadsheet (CSV in which Excel rounds no ID and runs no formula), or "
    "a folder of labelled tweets for another program: datasets (Hugging Face), label-studio or argilla"
)


def add_commands(command: Adder) -> None:
    """Add the commands; `command` creates a parser from a name, an action and a help line."""
    made = command("import", import_, "import tweets from .txt, .tsv, .csv, .jsonl, .json, .parquet or .xlsx")
    made.add_argument("file", type=data_file)
    made.add_argument(
        "--split",
        choices=SPLITS,
        help="split of the tweets; default: a column split, else the file's name (dev or validation), else train",
    )
    made.add_argument(
        "--auxiliary",
        metavar="NAME",
        help="import an auxiliary corpus of this name, with emotions of its own, for a first stage of training",
    )
    made.add_argument(
        "--licence", metavar="TEXT", help="licence of the corpus; recorded with every run that was trained on it"
    )
    made.add_argument("--dry-run", action="store_true", help="show what the import would do, and store nothing")
    made.add_argument("--by", metavar="NAME", help="who imports it, for the record; default: the user of this computer")
    add_reading_options(made)
    made = command("auxiliary", auxiliary, "list the auxiliary corpora, or remove one")
    made.add_argument("--remove", metavar="NAME", help="remove the corpus of this name")
    command("sample", sample, "load the invented sample and its recorded suggestions")
    made = command(
        "export", export, "export labels, decisions and other data to .csv, .jsonl or .parquet, or for another program"
    )
    made.add_argument("file", type=Path, help="new file, or new folder for datasets, label-studio and argilla")
    made.add_argument("--what", default="approved", help=WHAT)
    made.add_argument("--for", dest="form", choices=FORMATS, help=FOR)


def import_(store: Store, chosen: argparse.Namespace) -> Answer:
    """`import FILE`: import tweets or an auxiliary corpus."""
    reading = reading_of(chosen)
    if chosen.auxiliary is not None:
        return _import_corpus(store, chosen, reading)
    if chosen.dry_run:
        from jobs.files.preview import preview

        return preview(store, chosen.file, chosen.split, reading).answer
    from jobs.files.imports import import_file

    with _rejects_named():
        return import_file(store, chosen.file, chosen.split, reading=reading, by=chosen.by)


@contextmanager
def _rejects_named() -> Iterator[None]:
    """Name the file of rejected rows in the error of an import that could store no row at all."""
    try:
        yield
    except NothingReadError as error:
        if error.rejects_file is None:
            raise
        raise DataFileError(f"{error}; the rejected rows and the reasons are in {error.rejects_file}") from error


def _import_corpus(store: Store, chosen: argparse.Namespace, reading: Reading) -> Answer:
    from jobs.files.corpora import import_corpus
    from jobs.files.preview import preview_corpus

    if chosen.emotions is None or chosen.split:
        raise SettingError(
            "--auxiliary needs --emotions (names separated by commas, or a file with one per line) and cannot be used "
            "with --split"
        )
    if reading.unlabelled:
        raise SettingError("an auxiliary corpus is there for its labels; --unlabelled cannot be used with --auxiliary")
    emotions, reading = reading.label_names, replace(reading, label_names=())
    if chosen.dry_run:
        return preview_corpus(store, chosen.file, chosen.auxiliary, emotions, reading).answer
    with _rejects_named():
        return import_corpus(store, chosen.file, chosen.auxiliary, emotions, chosen.licence, reading=reading)


def auxiliary(store: Store, chosen: argparse.Namespace) -> Answer:
    """`auxiliary`: list or remove auxiliary corpora."""
    from jobs.files.corpora import listing, remove

    if chosen.remove is not None:
        return {"removed": chosen.remove, "texts": remove(store, chosen.remove)}
    return {"corpora": listing(store)}


def sample(store: Store, chosen: argparse.Namespace) -> Answer:
    """`sample`: import the sample data."""
    from jobs.files.sample import load_sample

    return load_sample(store)


def export(store: Store, chosen: argparse.Namespace) -> Answer:
    """`export FILE`: export labels, decisions or other data to a file or folder."""
    from jobs.files.exports import write_export
    from jobs.files.licences import write_credits

    written = write_export(store, chosen.file, chosen.what, chosen.form)
    credited = write_credits(store, chosen.file)
    return {**written.figures, "credits": str(credited) if credited else None, "words": written.notes}
