"""Helpers for bulk accept on the fixture `many`: draw, check and accept batches."""

from typing import Any

from db.queue import set_rank_inputs
from db.store import Store
from db.tweets import add_tweets, labelled_tweets
from db.values import RankInputs
from emoclf.progress import drain
from emoclf.review.filters import Filter
from emoclf.tweets import Tweet
from jobs.review import review_card
from jobs.review.accept import accept
from jobs.review.bulk import batch_progress, draw_sample
from tests.support.decisions import decide

JOY, LOVE, ANGER = frozenset({"joy"}), frozenset({"love"}), frozenset({"anger"})
SIZE = 10  # sample size
HAPPY = Filter(text="happy")


def fill(store: Store) -> None:
    """Add the tweets of the fixture `many` with suggestions and predictions."""
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"so happy {i}", JOY) for i in range(1, 101)])
        add_tweets(session, [Tweet("d1", "happy days", JOY, split="dev")])
        sources = [(LOVE if i <= 60 else None, JOY if i <= 40 else None) for i in range(1, 101)]
        set_rank_inputs(session, [RankInputs(i, 0.1, "joy", 0.0, *two) for i, two in enumerate(sources, 1)])


def drawn(store: Store, source: str = "suggestion", wanted: Filter = HAPPY, name: str = "happy ones") -> int:
    """Draw a sample of the happy tweets; return the batch's id."""
    return draw_sample(store, wanted, source, SIZE, name, "ana")


def sample_of(store: Store, number: int) -> list[int]:
    """The ids of the tweets in a batch's sample."""
    return [one.tweet_id for one in batch_progress(store, number).sample]


def check(store: Store, number: int, *labels: str, n: int = SIZE) -> None:
    """Decide n tweets of a sample blind with the same labels."""
    ids = sample_of(store, number)[:n]
    events = [decide(f"s{number}-{i}", i, *labels, blind=True, seconds=4.0) for i in ids]
    assert review_card.save_events(store, "ana", events).refused == []


def checked(store: Store, *labels: str, **options: Any) -> int:
    """Draw a sample and decide all of it; return the batch's id."""
    number = drawn(store, **options)
    check(store, number, *(labels or ("love",)))
    return number


def accepted(store: Store, **options: Any) -> int:
    """Draw and decide a sample and accept the batch; return its id."""
    number = checked(store, **options)
    drain(accept(store, number, "ana"))
    return number


def in_force(store: Store) -> dict[int, tuple[frozenset[str], str | None]]:
    """The labels in force and their batch, by decided tweet."""
    with store.reading() as session:
        tweets = labelled_tweets(session, ["train"], "reviewed")
    return {one.tweet_id: (one.labels, one.batch) for one in tweets}
