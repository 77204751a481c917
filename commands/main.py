"""
Parses the command line, runs one command, prints its result, and sets the exit status.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from commands import batches, data, jobs, models, review, runs, tfhub
from commands.output import Adder, Answer, in_words
from db.store import Store, open_store
from emoclf import environment
from emoclf.errors import EmoclfError
from jobs import logs

CLOSED_PIPE = 128 + 13  # SIGPIPE
WHAT = "Repair the labels of a multi-label emotion data set, and train BERT on them. COMMAND --help lists its options."


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status.

    It is 0, 1 after an unexpected error, 2 for a user error, 130 after Ctrl-C, and 141 if the reader of the output,
    such as `head`, has closed the pipe: 128 plus the number of the signal, as a shell reports it for other programs.
    """
    try:
        try:
            status = _run(arguments)
        finally:  # also after --help, which exits
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where Python flushes to when it ends
        return CLOSED_PIPE
    return status


def _run(arguments: list[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a tweet may contain characters that this terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    chosen = make_parser().parse_args(arguments)
    try:
        logs.configure(chosen.db, "cli")
        store = open_store(chosen.db)
        try:
            answer = chosen.action(store, chosen)
        finally:
            store.close()
    except EmoclfError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; `cli.py jobs` lists the job with how to resume it", file=sys.stderr)
        return 130
    except Exception as error:  # noqa: BLE001 - logged with its traceback, which people need not see
        print(logs.sentence(error, f"the command {chosen.action.__name__}"), file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False) if chosen.json else in_words(answer))
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Create the parser of all commands."""
    parser = argparse.ArgumentParser(prog="cli.py", description=WHAT)
    command = _below(parser, required=True)
    for group in (data, review, models, jobs, tfhub):
        group.add_commands(command)
    made = command(
        "runs",
        runs.listing,
        "list the runs, or show, name, compare, promote, delete or export one, or trace its labels",
    )
    runs.add_commands(_below(made))
    made = command("batches", batches.listing, "list the batches that were accepted in bulk, or undo one")
    batches.add_commands(_below(made))
    return parser


def _below(parser: argparse.ArgumentParser, **how: Any) -> Adder:
    """A function that adds subcommands to a parser, each with --db and --json."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--db", metavar="URL", help="URL of the database; default: EMOCLF_DB, else sqlite:///emoclf.db")
    common.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(db=environment.database_url(), json=False)
    commands = parser.add_subparsers(metavar="COMMAND", **how)

    def command(
        name: str, action: Callable[[Store, argparse.Namespace], Answer], summary: str
    ) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, parents=[common], help=summary, description=summary)
        made.set_defaults(action=action)
        return made

    return command
