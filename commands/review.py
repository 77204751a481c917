"""
The review commands: list the next tweets, and decide one.
"""

import argparse
import uuid

from commands.output import Adder, Answer, given, positive
from db.queue import FIRST, LABELLING, ORDERS
from db.store import Store
from emoclf.labels import EMOTIONS
from emoclf.review.filters import CHOICES, HELP, parse


def add_commands(command: Adder) -> None:
    """Add the commands; `command` creates a parser from a name, an action and a help line."""
    made = command("queue", queue, "list the tweets to review next, and why")
    made.add_argument("--limit", type=positive, default=25, metavar="N", help="at most N tweets; default: %(default)s")
    made.add_argument("--order", choices=ORDERS, help=f"default: {FIRST}, or {LABELLING} where no tweet has labels")
    for name, summary in HELP.items():
        made.add_argument(f"--{name}", choices=CHOICES.get(name), help=summary)
    made = command("decide", decide, "decide the labels of one tweet")
    made.add_argument("tweet", help="key of the tweet, as `queue` lists it")
    made.add_argument(
        "--labels", required=True, help=f"separated by commas, or '' for no emotion: {','.join(EMOTIONS.names)}"
    )
    made.add_argument("--reviewer", required=True, metavar="NAME", help="name of the person who decides")


def queue(store: Store, chosen: argparse.Namespace) -> Answer:
    """`queue`: list the next tweets."""
    from jobs.review.review_card import listing

    return {"items": listing(store, parse(given(chosen, list(HELP))), chosen.order, chosen.limit)}


def decide(store: Store, chosen: argparse.Namespace) -> Answer:
    """`decide TWEET`: decide a tweet."""
    from jobs.review.review_card import decide_tweet

    labels = [name for name in chosen.labels.replace(" ", "").split(",") if name]
    return {"decision": decide_tweet(store, chosen.tweet, labels, chosen.reviewer, str(uuid.uuid4()))}
