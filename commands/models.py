"""
The model commands: train and evaluate BERT, predict, and let a language model suggest labels or generate tweets.
"""

import argparse
from dataclasses import fields
from pathlib import Path

from commands import synthetic_options
from commands.jobs import bar, run_job
from commands.output import Adder, Answer, given, positive
from commands.runs import train_seeds
from db.store import Store
from emoclf.backends.settings import EncoderSettings, TrainingSettings
from emoclf.progress import drain
from emoclf.review.filters import from_address
from emoclf.tweets import SPLITS

AUXILIARY = "auto: start from an encoder trained on the auxiliary corpora (the default where no other base is named)"
PREDICTOR = "default: the promoted run, else the newest run that has files and is not degenerate"
SEEDS = "train N runs, with seed S, S+1, ...; `runs compare` then says whether labels helped (default: 1)"


def add_commands(command: Adder) -> None:
    """Add the commands; `command` creates a parser from a name, an action and a help line."""
    made = command("train", train, "fine-tune BERT and score it on dev")
    made.add_argument("--base", metavar="URI", help=f"packaged:, hf:, tfhub:, dir: (default: {TrainingSettings.base})")
    made.add_argument("--epochs", type=positive, metavar="N", help="default: by the number of tweets")
    made.add_argument("--batch-size", type=positive, metavar="N")
    made.add_argument("--seed", type=int, metavar="S")
    made.add_argument("--seeds", type=positive, default=1, metavar="N", help=SEEDS)
    made.add_argument("--labels", choices=("approved", "original", "reviewed"), default="approved")
    made.add_argument("--name", metavar="TEXT")
    made.add_argument("--auxiliary", choices=("auto", "none"), help=AUXILIARY)
    synthetic_options.add_training_option(made)
    made = command("pretrain", pretrain, "train an encoder on the auxiliary corpora, unless it is there already")
    made.add_argument("--base", metavar="URI", help=f"default: {EncoderSettings.base}")
    made.add_argument("--epochs", type=positive, metavar="N", help=f"default: {EncoderSettings.epochs}")
    made.add_argument("--seed", type=int, metavar="S")
    made = command("evaluate", evaluate, "score a run on a file with its own thresholds; nothing is stored")
    made.add_argument("file", type=Path)
    made.add_argument("--run", type=int, metavar="ID", help=PREDICTOR)
    made = command("predict", predict, "predict every tweet with a run")
    made.add_argument("--run", type=int, metavar="ID", help=PREDICTOR)
    made.add_argument(
        "--out-of-fold", type=int, metavar="K", help="train K models; each predicts the tweets it was not trained on"
    )
    made = command("suggest", suggest, "let an LLM suggest labels")
    made.add_argument("--engine", default="hf:Qwen/Qwen2.5-1.5B-Instruct", metavar="URI", help="default: %(default)s")
    made.add_argument("--limit", type=positive, metavar="N", help="at most N tweets, most doubtful first")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--split", choices=SPLITS)
    which.add_argument("--filter", metavar="ADDRESS", help="only the tweets that the review page shows at this address")
    synthetic_options.add_options(command("generate", generate, "let an LLM write synthetic tweets for a rare emotion"))


def train(store: Store, chosen: argparse.Namespace) -> Answer:
    """`train`: fine-tune BERT."""
    own = [field.name for field in fields(TrainingSettings)]
    settings = given(chosen, [*own, "auxiliary", "labels", "name", "synthetic"])
    return train_seeds(lambda one: run_job(store, "train", one), settings, chosen.seeds)


def pretrain(store: Store, chosen: argparse.Namespace) -> Answer:
    """`pretrain`: train the first-stage encoder."""
    return run_job(store, "pretrain", given(chosen, [field.name for field in fields(EncoderSettings)]))


def evaluate(store: Store, chosen: argparse.Namespace) -> Answer:
    """`evaluate FILE`: score a run on a file."""
    from jobs.training.comparison import evaluate as score_file

    with bar() as draw:
        return drain(score_file(store, chosen.run, chosen.file), draw)


def predict(store: Store, chosen: argparse.Namespace) -> Answer:
    """`predict`: predict all tweets with a run."""
    return run_job(store, "predict", {"run": chosen.run, "out_of_fold": chosen.out_of_fold})


def suggest(store: Store, chosen: argparse.Namespace) -> Answer:
    """`suggest`: let a language model suggest labels."""
    from jobs.llm.suggest import settings_for

    which = from_address(chosen.filter) if chosen.filter else chosen.split
    return run_job(store, "suggest", settings_for(chosen.engine, chosen.limit, which))


def generate(store: Store, chosen: argparse.Namespace) -> Answer:
    """`generate`: let a language model write synthetic tweets."""
    return run_job(store, "generate", synthetic_options.order(chosen))
