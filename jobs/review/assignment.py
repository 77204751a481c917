"""
Turns: which reviewer gets which tweet next, and what happens where two decided the same one.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from db import inspections, leases, overlap, shares
from db.queue import RANDOM, next_ids
from db.queue_items import queue_items
from db.store import Store
from db.values import Decided, QueueItem
from emoclf.errors import EmoclfError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import mix
from jobs.review.events import PATIENCE

ATTEMPTS = 5  # how often others may be faster in taking what this reviewer was about to get


class OvertakenError(EmoclfError):
    """Somebody else decided the tweet while it was on a reviewer's screen."""

    def __init__(self, theirs: Decided, labels: Collection[str], reviewer: str) -> None:
        said, own = (", ".join(EMOTIONS.ordered(chosen)) or "no emotion" for chosen in (theirs.labels, labels))
        who = "On another page you" if theirs.reviewer == reviewer else theirs.reviewer
        super().__init__(f"{who} decided a tweet while you had it: {said}. Your answer was not saved: {own}.")
        labels_of_theirs = EMOTIONS.ordered(theirs.labels)
        self.details = {"theirs": {"decision": theirs.id, "reviewer": theirs.reviewer, "labels": labels_of_theirs}}


def next_tweets(
    store: Store,
    reviewer: str,
    wanted: Filter,
    order: str,
    limit: int,
    skipped: Collection[int] = (),
    done: Collection[int] = (),
) -> list[QueueItem]:
    """The tweets that a reviewer gets next, theirs for some minutes.

    First come those that wait for a second reviewer, then the queue. What another reviewer has before them is left
    out, and so is what is `done`. The sample of a batch has to be checked as a whole, by whoever is at it: its tweets
    are taken from those who have them before them, and none of them waits for a second reviewer here.
    """
    for _ in range(ATTEMPTS):
        with store.reading() as session:
            seconds = [] if wanted.sample else overlap.waiting(session, wanted, reviewer, limit)
            listed = dict.fromkeys(seconds, False)
            listed |= _drawn(session, reviewer, wanted, order, limit, skipped, done)
            items = queue_items(session, list(listed)[:limit])
        with store.writing(durable=False, patience=PATIENCE) as session:
            unchanged = _unchanged(session, items)
            held = set(leases.take(session, unchanged, reviewer, from_others=bool(wanted.sample)))
        if held or not items:
            break
    return [replace(item, by_chance=listed[item.tweet_id]) for item in items if item.tweet_id in held]


def give_back(store: Store, reviewer: str) -> None:
    """Let others have at once what a reviewer had before them, who has left."""
    with store.writing(durable=False, patience=PATIENCE) as session:
        leases.take(session, [], reviewer)


def _drawn(
    session: Session,
    reviewer: str,
    wanted: Filter,
    order: str,
    limit: int,
    skipped: Collection[int],
    done: Collection[int],
) -> dict[int, bool]:
    """The ids that come next, each with whether it came by chance; a filtered list holds what it asks for alone."""
    ids = next_ids(session, wanted, order, limit, skipped, None if wanted.sample else reviewer, done)
    if not wanted.is_plain or order == RANDOM:
        return dict.fromkeys(ids, wanted.is_plain)
    share = shares.random_share(session)
    at_random = next_ids(session, wanted, RANDOM, limit, skipped, reviewer, done) if share else []
    return dict(mix(ids, at_random, share, shares.places(session, reviewer), limit))


def _unchanged(session: Session, items: Sequence[QueueItem]) -> list[int]:
    """The ids of those that nobody has decided since they were read."""
    now = inspections.decision_ids(session, [item.tweet_id for item in items])
    return [item.tweet_id for item in items if now[item.tweet_id] == item.decision_id]


def check_turn(session: Session, tweet_id: int, seen: int, labels: Collection[str], reviewer: str) -> None:
    """Refuse a decision that would silently replace a newer one, of another reviewer or of another page of one's own.

    Parameters
    ----------
    seen : the id of the decision in force when the card was filled; 0: there was none

    Raises
    ------
    OvertakenError : if the tweet has been decided otherwise since, or by somebody else
    """
    theirs = inspections.decision(session, tweet_id)
    if theirs is None or theirs.batch is not None or theirs.id <= seen:
        return
    if theirs.reviewer != reviewer or theirs.labels != frozenset(labels):
        raise OvertakenError(theirs, labels, reviewer)
