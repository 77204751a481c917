"""
The model commands: train and evaluate BERT, predict, and let a language model suggest labels or generate tweets.
"""

import argparse

from commands import synthetic_options
from commands.jobs import bar, run_job
from commands.output import Adder, Answer, given, positive
from commands.reading import add_reading_options, data_file, reading_of
from commands.runs import train_seeds
from db.store import Store
from emoclf.backends.settings import EncoderSettings
from emoclf.progress import drain
from emoclf.review.filters import from_address
from jobs.settings.conversion import choices, names
from jobs.settings.llm import SuggestSettings
from jobs.settings.synthetic import GenerateSettings
from jobs.settings.training import PredictSettings, TrainSettings

AUXILIARY = "auto: start from an encoder trained on the auxiliary corpora (the default unless --base is given)"
PREDICTOR = "number of the run; default: the promoted run, else the newest run that has files and is not degenerate"
SEEDS = "train N runs with the seeds S, S+1, ..., so that `runs compare` can tell whether labels helped (default: 1)"


def add_commands(command: Adder) -> None:
    """Add the commands; `command` creates a parser from a name, an action and a help line."""
    made = command("train", train, "fine-tune BERT and score it on dev")
    made.add_argument(
        "--base", metavar="URI", help=f"base model: packaged:, hf:, tfhub: or dir: (default: {TrainSettings.base})"
    )
    made.add_argument(
        "--epochs", type=positive, metavar="N", help="passes over the tweets; default: by the number of tweets"
    )
    made.add_argument("--batch-size", type=positive, metavar="N", help="tweets per training step")
    made.add_argument("--seed", type=int, metavar="S", help=f"random seed (default: {TrainSettings.seed})")
    made.add_argument("--seeds", type=positive, default=1, metavar="N", help=SEEDS)
    made.add_argument(
        "--labels",
        choices=choices(TrainSettings, "labels"),
        default=TrainSettings.labels,
        help="labels to train on; default: %(default)s",
    )
    made.add_argument("--name", metavar="TEXT", help="name of the run")
    made.add_argument("--auxiliary", choices=choices(TrainSettings, "auxiliary"), help=AUXILIARY)
    synthetic_options.add_training_option(made)
    made = command(
        "pretrain", pretrain, "train an encoder on the auxiliary corpora, unless the same one exists already"
    )
    made.add_argument("--base", metavar="URI", help=f"default: {EncoderSettings.base}")
    made.add_argument("--epochs", type=positive, metavar="N", help=f"default: {EncoderSettings.epochs}")
    made.add_argument("--seed", type=int, metavar="S")
    made = command("evaluate", evaluate, "score a run on a labelled file, with the run's thresholds; nothing is stored")
    made.add_argument("file", type=data_file)
    made.add_argument("--run", type=int, metavar="ID", help=PREDICTOR)
    add_reading_options(made, may_lack_labels=False)
    made = command("predict", predict, "predict every tweet with a run")
    made.add_argument("--run", type=int, metavar="ID", help=PREDICTOR)
    made.add_argument(
        "--out-of-fold",
        type=int,
        metavar="K",
        help="train K models, each of which predicts the train tweets that it was not trained on",
    )
    made = command("suggest", suggest, "let an LLM suggest labels")
    made.add_argument("--engine", default=SuggestSettings.engine, metavar="URI", help="default: %(default)s")
    made.add_argument(
        "--limit", type=positive, metavar="N", help="suggest for at most N tweets, the most doubtful first"
    )
    which = made.add_mutually_exclusive_group()
    which.add_argument("--split", choices=choices(SuggestSettings, "split"), help="only the tweets of this split")
    which.add_argument("--filter", metavar="ADDRESS", help="only the tweets that the review page shows at this address")
    synthetic_options.add_options(command("generate", generate, "let an LLM write synthetic tweets for a rare emotion"))


def train(store: Store, chosen: argparse.Namespace) -> Answer:
    """`train`: fine-tune BERT."""
    settings = TrainSettings(**given(chosen, names(TrainSettings)))
    return train_seeds(lambda one: run_job(store, "train", one), settings, chosen.seeds)


def pretrain(store: Store, chosen: argparse.Namespace) -> Answer:
    """`pretrain`: train the first-stage encoder."""
    return run_job(store, "pretrain", EncoderSettings(**given(chosen, names(EncoderSettings))))


def evaluate(store: Store, chosen: argparse.Namespace) -> Answer:
    """`evaluate FILE`: score a run on a file."""
    from jobs.training.comparison import evaluate as score_file

    with bar() as draw:
        return drain(score_file(store, chosen.run, chosen.file, reading_of(chosen)), draw)


def predict(store: Store, chosen: argparse.Namespace) -> Answer:
    """`predict`: predict all tweets with a run."""
    return run_job(store, "predict", PredictSettings(chosen.run, chosen.out_of_fold))


def suggest(store: Store, chosen: argparse.Namespace) -> Answer:
    """`suggest`: let a language model suggest labels."""
    wanted = from_address(chosen.filter).to_query() if chosen.filter else None
    return run_job(store, "suggest", SuggestSettings(chosen.engine, chosen.limit, chosen.split, wanted))


def generate(store: Store, chosen: argparse.Namespace) -> Answer:
    """`generate`: let a language model write synthetic tweets."""
    return run_job(store, "generate", GenerateSettings(**given(chosen, names(GenerateSettings))))
