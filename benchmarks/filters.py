"""
Filters: how long a filter's counts and its next tweets take, with a million tweets in the store.

Every kind of filter, and some combinations, run on invented tweets with originals, suggestions, predictions, doubts,
flags, guidelines and decisions. A time is the median of five queries, each in its own transaction. The next tweets are
those available to one reviewer.
"""

import random
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from benchmarks.claims import Claim, run
from benchmarks.review_latency import fill
from db import filters, flags, guidelines
from db.chunking import chunks
from db.decisions import NewDecision, add_decision
from db.queue import FIRST, ORDERS, next_ids, set_rank_inputs
from db.queue_items import queue_items
from db.store import Store, open_store
from db.values import RankInputs
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter, from_address
from emoclf.review.guidelines import Guideline
from jobs.review.card_data import PREFETCHED

TARGET_MS, REPEATS = 200, 5
COUNTS = (filters.count, filters.listed, filters.decided)
QUERIES = (
    "",
    "text=happy",  # in more than half of the tweets
    "text=happy coffee rain",
    "text=777",  # in one tweet
    "text=nowhere",
    "emotion=joy",
    "emotion=trust&source=original",
    "emotion=joy&source=suggestion&decided=any",
    "emotion=joy&source=decision",
    "differ=original-suggestion",
    "differ=original-prediction&emotion=trust",
    "differ=suggestion-prediction",
    "differ=original-decision",
    "doubt=0.5-0.6",
    "doubt=0.999-1",
    "reviewer=ana",
    "flagged=yes",
    "outdated=joy",
    "decided=yes",
    "decided=any",
    "text=love&emotion=fear&source=prediction&doubt=0.2-0.9",
)


def measure(quick: bool) -> list[Claim]:
    """Return two claims: for the counts of the slowest filter, and for its next tweets."""
    size = 50_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), size)
        store = open_store(f"sqlite:///{Path(folder) / 'emoclf.db'}")
        add_predictions_and_decisions(store, size)
        counts = {
            f"{query or 'all'}, {count.__name__}": milliseconds(store, counting(from_address(query), count))
            for query in QUERIES
            for count in COUNTS
        }
        next_tweets = {
            f"{query or 'all'}, {order}": milliseconds(store, listing(from_address(query), order))
            for query in QUERIES
            for order in (ORDERS if query in ("", "emotion=joy", "text=happy") else (FIRST,))
        }
        store.close()
    return [
        claim(f"median of a filter's counts, the slowest of {len(counts)}, {size:,} tweets", counts),
        claim(f"median of a filter's next 25 tweets, the slowest of {len(next_tweets)}, {size:,} tweets", next_tweets),
    ]


def claim(what: str, times: dict[str, float]) -> Claim:
    """Return the largest of the medians."""
    detail = {query: round(ms, 1) for query, ms in times.items()}
    return Claim(what, max(times.values()), TARGET_MS, "ms", at_most=True, detail=detail)


def counting(wanted: Filter, count: Callable[[Session, Filter], int]) -> Callable[[Session], object]:
    """Return a query for one of a filter's counts."""
    return lambda session: count(session, wanted)


def listing(wanted: Filter, order: str) -> Callable[[Session], object]:
    """Return a query for the tweets of a card."""
    return lambda session: queue_items(session, next_ids(session, wanted, order, PREFETCHED, reviewer="cleo"))


def milliseconds(store: Store, query: Callable[[Session], object]) -> float:
    """Return the median of several times."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        with store.reading() as session:
            query(session)
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times))


def add_predictions_and_decisions(store: Store, size: int) -> None:
    """Add suggestions and predictions for every tweet, and decisions or flags of two reviewers for one in a hundred."""
    rng = random.Random(1)
    for chunk in chunks(range(1, size + 1), 5000):
        with store.writing() as session:
            set_rank_inputs(session, [rank_inputs(tweet_id, rng) for tweet_id in chunk])
    with store.writing() as session:
        guidelines.edit(session, "joy", Guideline("Also delight.", ("yes", "best day"), ("no", "worst")), "ana", 0)
    for chunk in chunks(rng.sample(range(1, size + 1), size // 100), 500):
        with store.writing() as session:
            for tweet_id in chunk:
                decide_or_flag(session, tweet_id, rng)


def decide_or_flag(session: Session, tweet_id: int, rng: random.Random) -> None:
    """Add mostly decisions, half of them under the older guideline of joy; one time in twenty a flag."""
    event, who = str(uuid.UUID(int=rng.getrandbits(128))), rng.choice(("ana", "ben"))
    if rng.random() < 0.05:
        flags.add_flag(session, event, tweet_id, who, "irony?")
    else:
        add_decision(session, NewDecision(event, tweet_id, who, labels(rng), guidelines=rng.randint(0, 1)))


def rank_inputs(tweet_id: int, rng: random.Random) -> RankInputs:
    """Return random inputs of a tweet's queue rank."""
    emotion, gain = rng.choice(EMOTIONS.names), rng.random() / 1000
    return RankInputs(tweet_id, rng.random(), emotion, gain, labels(rng), labels(rng))


def labels(rng: random.Random) -> frozenset[str]:
    """Return a quarter of the emotions, at random."""
    return EMOTIONS.from_mask(rng.getrandbits(len(EMOTIONS)) & rng.getrandbits(len(EMOTIONS)))


if __name__ == "__main__":
    run(measure)
