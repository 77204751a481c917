"""
The options for synthetic tweets: emotion, number, generating model and judge.
"""

import argparse

from emoclf.labels import EMOTIONS
from jobs.settings.conversion import choices
from jobs.settings.synthetic import GenerateSettings
from jobs.settings.training import TrainSettings


def add_options(made: argparse.ArgumentParser) -> None:
    """Add the options of `generate`."""
    made.add_argument("--emotion", choices=EMOTIONS.names, required=True, metavar="E", help="emotion of the tweets")
    made.add_argument(
        "--count", type=int, required=True, metavar="N", help="number of tweets to write; some will not pass the gates"
    )
    made.add_argument(
        "--engine", default=GenerateSettings.engine, metavar="URI", help="model that writes; default: %(default)s"
    )
    made.add_argument(
        "--judge",
        default=GenerateSettings.judge,
        metavar="URI",
        help="model that predicts the emotions of each tweet; default: the model that writes; none: no judge",
    )
    made.add_argument("--seed", type=int, default=GenerateSettings.seed, metavar="S", help="random seed")
    made.add_argument("--temperature", type=float, default=GenerateSettings.temperature, metavar="T", help="0 to 2")
    made.add_argument("--top-p", type=float, default=GenerateSettings.top_p, metavar="P", help="0 to 1")
    made.add_argument(
        "--failures",
        type=int,
        default=GenerateSettings.failures,
        metavar="N",
        help="stop after N requests in a row without a tweet that passes the gates",
    )


def add_training_option(made: argparse.ArgumentParser) -> None:
    """Add the options of `train`."""
    made.add_argument(
        "--synthetic",
        choices=choices(TrainSettings, "synthetic"),
        default=TrainSettings.synthetic,
        help="synthetic tweets to train on as well; default: %(default)s",
    )
