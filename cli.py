"""
The command line: the app's deeds without a browser. Each command parses, does one deed, and prints its answer.
"""

import argparse
import io
import json
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import cli_bulk
import cli_runs
import cli_synthetic
import cli_tfhub
from cli_words import Answer, in_words, positive
from db import maintenance, records
from db.queue import FIRST, ORDERS
from db.store import Store, default_url, open_store
from emoclf.corpora import read_emotions
from emoclf.errors import EmoclfError, SettingError
from emoclf.filters import CHOICES, HELP, from_address, parse
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, drain
from emoclf.settings import EncoderSettings, TrainingSettings
from emoclf.tweets import SPLITS

AUXILIARY = "auto: begin from an encoder trained on the auxiliary corpora; default: auto where no other base is named"
PREDICTOR = "default: the promoted run, else the newest that has files and is not degenerate"
SEEDS = "train N runs, with seed S, S+1, ...; `runs compare` then says whether labels helped (default: 1)"
WHAT = (
    "approved (default): training labels, the decision where there is one, else the original; "
    "decided: those of decided tweets only; decisions, suggestions, everything, synthetic or guidelines"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status is 0, 2 for what the user can mend, 130 when stopped with Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a tweet may hold what this terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    chosen = make_parser().parse_args(arguments)
    try:
        store = open_store(chosen.db)
        try:
            answer = chosen.deed(store, chosen)
        finally:
            store.close()
    except EmoclfError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; `cli.py jobs` says what is kept", file=sys.stderr)
        return 130
    print(json.dumps(answer, ensure_ascii=False) if chosen.json else in_words(answer))
    return 0


def import_(store: Store, chosen: argparse.Namespace) -> Answer:
    """import FILE."""
    from jobs.corpora import import_corpus
    from jobs.importing import import_file

    if chosen.auxiliary is None:
        return import_file(store, chosen.file, chosen.split)
    if chosen.emotions is None or chosen.split:
        raise SettingError("--auxiliary goes with --emotions, names with commas or a file of them, and without --split")
    emotions = read_emotions(chosen.emotions)
    return import_corpus(store, chosen.file, chosen.auxiliary, emotions, chosen.first_number, chosen.licence)


def auxiliary(store: Store, chosen: argparse.Namespace) -> Answer:
    """auxiliary."""
    from jobs.corpora import listing, remove

    if chosen.remove is not None:
        return {"removed": chosen.remove, "texts": remove(store, chosen.remove)}
    return {"corpora": listing(store)}


def sample(store: Store, chosen: argparse.Namespace) -> Answer:
    """sample."""
    from jobs.sample import load_sample

    return load_sample(store)


def train(store: Store, chosen: argparse.Namespace) -> Answer:
    """train."""
    own = [field.name for field in fields(TrainingSettings)]
    settings = given(chosen, [*own, "auxiliary", "labels", "name", "synthetic"])
    return cli_runs.train_seeds(lambda one: run_job(store, "train", one), settings, chosen.seeds)


def pretrain(store: Store, chosen: argparse.Namespace) -> Answer:
    """pretrain."""
    return run_job(store, "pretrain", given(chosen, [field.name for field in fields(EncoderSettings)]))


def given(chosen: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """The options of these names that were given."""
    return {name: value for name, value in vars(chosen).items() if name in names and value is not None}


def evaluate(store: Store, chosen: argparse.Namespace) -> Answer:
    """evaluate FILE."""
    from jobs.comparing import evaluate as score_file

    with bar() as draw:
        return drain(score_file(store, chosen.run, chosen.file), draw)


def predict(store: Store, chosen: argparse.Namespace) -> Answer:
    """predict."""
    return run_job(store, "predict", {"run": chosen.run, "out_of_fold": chosen.out_of_fold})


def suggest(store: Store, chosen: argparse.Namespace) -> Answer:
    """suggest."""
    from jobs.suggest import settings_for

    which = from_address(chosen.filter) if chosen.filter else chosen.split
    return run_job(store, "suggest", settings_for(chosen.engine, chosen.limit, which))


def generate(store: Store, chosen: argparse.Namespace) -> Answer:
    """generate."""
    return run_job(store, "generate", cli_synthetic.order(chosen))


def queue(store: Store, chosen: argparse.Namespace) -> Answer:
    """queue."""
    from jobs.review import listing

    return {"items": listing(store, parse(given(chosen, list(HELP))), chosen.order, chosen.limit)}


def decide(store: Store, chosen: argparse.Namespace) -> Answer:
    """decide TWEET."""
    from jobs.review import decide_tweet

    labels = [name for name in chosen.labels.replace(" ", "").split(",") if name]
    return {"decision": decide_tweet(store, chosen.tweet, labels, chosen.reviewer, str(uuid.uuid4()))}


def export(store: Store, chosen: argparse.Namespace) -> Answer:
    """export FILE."""
    from jobs.exporting import write_export
    from jobs.licensing import write_credits

    written = write_export(store, chosen.file, chosen.what)
    credited = write_credits(store, chosen.file)
    return {**written.figures, "credits": str(credited) if credited else None}


def jobs(store: Store, chosen: argparse.Namespace) -> Answer:
    """jobs."""
    from jobs.runner import find_lost

    find_lost(store)
    with store.reading() as session:
        found = records.jobs(session)
    keys = ("id", "kind", "state", "done", "total", "message")
    return {"jobs": [{key: getattr(job, key) for key in keys} for job in found]}


def backup(store: Store, chosen: argparse.Namespace) -> Answer:
    """backup FILE."""
    return {"backup": str(maintenance.backup(store, chosen.file))}


def upgrade(store: Store, chosen: argparse.Namespace) -> Answer:
    """upgrade: opening the store has done it already."""
    return {"schema": maintenance.schema_version(store)}


def run_job(store: Store, kind: str, settings: dict[str, Any]) -> Answer:
    """Run a job in this process with a progress bar; `jobs` lists it like those the app starts."""
    from jobs import runner

    job_id = runner.queue_job(store, kind, settings)
    try:
        with bar() as draw:
            return runner.execute(store, job_id, draw)
    except runner.Cancelled:
        raise KeyboardInterrupt from None


@contextmanager
def bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on standard error."""
    from tqdm import tqdm

    with tqdm(file=sys.stderr, bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {elapsed}{postfix}") as drawn:

        def draw(progress: Progress) -> None:
            drawn.total, drawn.n = progress.total or None, progress.done
            drawn.set_postfix_str(progress.message)

        yield draw


def make_parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    parser = argparse.ArgumentParser(prog="cli.py", description=__doc__)
    command = _below(parser, required=True)
    _data_commands(command)
    _model_commands(command)
    cli_tfhub.add_command(command)
    _store_commands(command)
    runs = command("runs", cli_runs.listing, "list the runs, or show, name, compare, promote, delete, export one")
    cli_runs.add_commands(_below(runs))
    accepted = command("batches", cli_bulk.listing, "list what was accepted in bulk, or undo a batch")
    cli_bulk.add_commands(_below(accepted), run_job)
    return parser


def _below(parser: argparse.ArgumentParser, **how: Any) -> cli_runs.Adder:
    """What adds commands below a parser, each of which takes --db and --json."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--db", metavar="URL", help="default: EMOCLF_DB, else sqlite:///emoclf.db")
    common.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.set_defaults(db=default_url(), json=False)
    commands = parser.add_subparsers(metavar="COMMAND", **how)

    def command(name: str, deed: Callable[[Store, argparse.Namespace], Answer], says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[common], help=says, description=says)
        made.set_defaults(deed=deed)
        return made

    return command


def _data_commands(command: cli_runs.Adder) -> None:
    made = command("import", import_, "import tweets from .txt, .tsv, .csv, .jsonl or .parquet")
    made.add_argument("file", type=Path)
    made.add_argument("--split", choices=SPLITS, help="default: a split column, else the file's name, else train")
    made.add_argument("--auxiliary", metavar="NAME", help="a corpus with emotions of its own, for a first stage")
    made.add_argument("--emotions", metavar="LIST", help="those of the corpus: with commas, or a file of one a line")
    made.add_argument("--first-number", type=int, choices=(0, 1), help="of its emotions, where its numbers do not tell")
    made.add_argument("--licence", metavar="TEXT", help="of the corpus; recorded with every run that learned from it")
    made = command("auxiliary", auxiliary, "list the auxiliary corpora, or remove one")
    made.add_argument("--remove", metavar="NAME")
    command("sample", sample, "load the invented sample and its recorded suggestions")
    made = command("queue", queue, "list the tweets to review next, and why")
    made.add_argument("--limit", type=positive, default=25, metavar="N")
    made.add_argument("--order", choices=ORDERS, default=FIRST)
    for name, says in HELP.items():
        made.add_argument(f"--{name}", choices=CHOICES.get(name), help=says)
    made = command("decide", decide, "decide the labels of one tweet")
    made.add_argument("tweet", help="its key, as `queue` lists it")
    made.add_argument("--labels", required=True, help=f"with commas, or '' for none: {','.join(EMOTIONS.names)}")
    made.add_argument("--reviewer", required=True, metavar="NAME")
    made = command("export", export, "write what the store holds to .csv, .jsonl or .parquet")
    made.add_argument("file", type=Path)
    made.add_argument("--what", default="approved", help=WHAT)


def _model_commands(command: cli_runs.Adder) -> None:
    made = command("train", train, "fine-tune BERT and score it on dev")
    made.add_argument("--base", metavar="URI", help=f"packaged:, hf:, tfhub:, dir: (default: {TrainingSettings.base})")
    made.add_argument("--epochs", type=positive, metavar="N", help="default: by the number of tweets")
    made.add_argument("--batch-size", type=positive, metavar="N")
    made.add_argument("--seed", type=int, metavar="S")
    made.add_argument("--seeds", type=positive, default=1, metavar="N", help=SEEDS)
    made.add_argument("--labels", choices=("approved", "original", "reviewed"), default="approved")
    made.add_argument("--name", metavar="TEXT")
    made.add_argument("--auxiliary", choices=("auto", "none"), help=AUXILIARY)
    cli_synthetic.add_training_option(made)
    made = command("pretrain", pretrain, "train an encoder on the auxiliary corpora, unless it is there already")
    made.add_argument("--base", metavar="URI", help=f"default: {EncoderSettings.base}")
    made.add_argument("--epochs", type=positive, metavar="N", help=f"default: {EncoderSettings.epochs}")
    made.add_argument("--seed", type=int, metavar="S")
    made = command("evaluate", evaluate, "score a run on a file with its own thresholds; nothing is stored")
    made.add_argument("file", type=Path)
    made.add_argument("--run", type=int, metavar="ID", help=PREDICTOR)
    made = command("predict", predict, "let a run speak on every tweet")
    made.add_argument("--run", type=int, metavar="ID", help=PREDICTOR)
    made.add_argument("--out-of-fold", type=int, metavar="K", help="train K models, each predicting what it never saw")
    made = command("suggest", suggest, "let an LLM suggest labels")
    made.add_argument("--engine", default="hf:Qwen/Qwen2.5-1.5B-Instruct", metavar="URI", help="default: %(default)s")
    made.add_argument("--limit", type=positive, metavar="N", help="at most so many tweets, most doubtful first")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--split", choices=SPLITS)
    which.add_argument("--filter", metavar="ADDRESS", help="only what the review shows at this address")
    cli_synthetic.add_options(command("generate", generate, "let an LLM write synthetic tweets for a rare emotion"))


def _store_commands(command: cli_runs.Adder) -> None:
    command("jobs", jobs, "list the jobs")
    made = command("backup", backup, "copy the database to a file while it is in use")
    made.add_argument("file", type=Path)
    command("upgrade", upgrade, "bring the database up to date")


if __name__ == "__main__":
    sys.exit(main())
