"""
The options for synthetic tweets: emotion, number, generating model and judge.
"""

import argparse
from typing import Any

from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import Sampling

DEFAULT_ENGINE = "hf:Qwen/Qwen2.5-1.5B-Instruct"


def add_options(made: argparse.ArgumentParser) -> None:
    """Add the options of `generate`."""
    made.add_argument("--emotion", choices=EMOTIONS.names, required=True, metavar="E")
    made.add_argument("--count", type=int, required=True, metavar="N", help="tweets to write; fewer pass the gates")
    made.add_argument("--engine", default=DEFAULT_ENGINE, metavar="URI", help="default: %(default)s")
    made.add_argument(
        "--judge",
        default="same",
        metavar="URI",
        help="model that checks the tweets; default: the model that writes; none: no check",
    )
    made.add_argument("--seed", type=int, default=13, metavar="S")
    made.add_argument("--temperature", type=float, default=Sampling.temperature, metavar="T", help="0 to 2")
    made.add_argument("--top-p", type=float, default=Sampling.top_p, metavar="P", help="0 to 1")
    made.add_argument(
        "--failures",
        type=int,
        default=12,
        metavar="N",
        help="stop after N requests in a row without a tweet that passes the gates",
    )


def add_training_option(made: argparse.ArgumentParser) -> None:
    """Add the options of `train`."""
    made.add_argument(
        "--synthetic",
        choices=("accepted", "none", "all"),
        default="none",
        help="synthetic tweets to train on as well; default: none",
    )


def order(chosen: argparse.Namespace) -> dict[str, Any]:
    """The job settings from the options."""
    from jobs.synthetic.generate import Order

    names = ("emotion", "count", "engine", "judge", "seed", "temperature", "top_p", "failures")
    return Order(**{name: getattr(chosen, name) for name in names}).settings()
