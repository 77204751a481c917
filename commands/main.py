"""
Parses the command line, runs one command, prints its result, and sets the exit status.
"""

import argparse
import importlib
import io
import os
import sys
from typing import Any

from commands.output import Action, Adder, Answer, Parser, UrlAction, in_json, in_words
from db.store import open_store
from emoclf import environment
from emoclf.errors import EmoclfError
from emoclf.text.visible import visible
from jobs import logs

# The commands of each module, so that a command loads no other: parsing the options of training takes a while.
MODULES = {
    "data": ("import", "auxiliary", "sample", "export"),
    "imports": ("imports",),
    "maintenance": ("backup", "restore", "check", "upgrade"),
    "review": ("queue", "decide"),
    "models": ("train", "evaluate", "predict", "suggest", "generate", "pretrain"),
    "jobs": ("jobs",),
    "tfhub": ("export-tfhub",),
    "runs": ("runs",),
    "batches": ("batches",),
    "licences": ("licences",),
}
CLOSED_PIPE = 128 + 13  # SIGPIPE
WHAT = "Repair the labels of a multi-label emotion data set, and train BERT on them. COMMAND --help lists its options."

LISTS = {  # commands with commands below them, and their help
    "runs": "list the runs, or show, name, compare, promote, delete or export one, or trace its labels",
    "batches": "list the batches that were accepted in bulk, or undo one",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status.

    It is 0, 1 after an unexpected error, 2 for a user error or a store that `check` finds broken, 130 after Ctrl-C, and
    141 if the reader of the output, such as `head`, has closed the pipe: 128 plus the number of the signal, as a shell
    reports it for other programs.
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
    given = sys.argv[1:] if arguments is None else arguments
    chosen = make_parser(given[0] if given else None).parse_args(given)
    try:
        logs.configure(chosen.db, "cli")
        answer = _answer(chosen)
    except EmoclfError as error:
        print(visible(str(error)), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; `cli.py jobs` lists the job with how to resume it", file=sys.stderr)
        return 130
    except Exception as error:  # noqa: BLE001 - logged with its traceback, which people need not see
        print(visible(logs.sentence(error, f"the command {chosen.action.__name__}")), file=sys.stderr)
        return 1
    print(in_json(answer) if chosen.json else in_words(answer))
    return int(chosen.status_of(answer))


def _answer(chosen: argparse.Namespace) -> Answer:
    """Run the chosen command, on the open store or, if it opens the store itself, on its URL."""
    if not chosen.opens_store:
        return dict(chosen.action(chosen.db, chosen))
    store = open_store(chosen.db)
    try:
        return dict(chosen.action(store, chosen))
    finally:
        store.close()


def make_parser(wanted: str | None = None) -> argparse.ArgumentParser:
    """Create the parser of all commands; where `wanted` is one of them, of the commands in its module."""
    parser = Parser(prog="cli.py", description=WHAT)
    command = _below(parser, required=True)
    only = {name for name, commands in MODULES.items() if wanted in commands}
    for name in only or MODULES:
        group = importlib.import_module(f"commands.{name}")
        if name in LISTS:
            group.add_commands(_below(command(name, group.listing, LISTS[name])))
        else:
            group.add_commands(command)
    return parser


def _below(parser: argparse.ArgumentParser, **how: Any) -> Adder:
    """A function that adds subcommands to a parser, each with --db and --json."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--db", metavar="URL", help="URL of the database; default: EMOCLF_DB, else sqlite:///emoclf.db")
    common.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.set_defaults(db=environment.database_url(), json=False)
    commands = parser.add_subparsers(metavar="COMMAND", **how)

    def command(name: str, action: Action | UrlAction, summary: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, parents=[common], help=summary, description=summary)
        made.set_defaults(action=action, opens_store=True, status_of=lambda answer: 0)
        return made

    return command
