"""
Assigns tweets to reviewers, and refuses decisions that would silently replace someone else's.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from db import inspections, leases, overlap, shares
from db.queue import LABELLING, RANDOM, in_order, next_ids
from db.queue_items import queue_items
from db.store import Store
from db.values import Decided, QueueItem
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import mix
from jobs.review.card_messages import NewerDecision
from jobs.review.events import PATIENCE, RefusedEventError

GONE = -1  # in place of the id of a decision
ATTEMPTS = 5  # retries if other reviewers lease the same tweets first


class OvertakenError(RefusedEventError):
    """The tweet was decided elsewhere while it was on a reviewer's screen."""

    def __init__(self, theirs: Decided, labels: Collection[str], reviewer: str) -> None:
        newer = NewerDecision(decision=theirs.id, reviewer=theirs.reviewer, labels=EMOTIONS.ordered(theirs.labels))
        other, own = (", ".join(chosen) or "no emotion" for chosen in (newer.labels, EMOTIONS.ordered(labels)))
        who = "On another page you" if theirs.reviewer == reviewer else theirs.reviewer
        words = f"{who} decided a tweet while you had it: {other}. Your answer was not saved: {own}."
        super().__init__(words, newer_decision=newer)


def next_tweets(
    store: Store,
    reviewer: str,
    wanted: Filter,
    order: str,
    limit: int,
    skipped: Collection[int] = (),
    done: Collection[int] = (),
) -> list[QueueItem]:
    """The next tweets for a reviewer, leased for a few minutes.

    Tweets that wait for a second reviewer come first, then the queue, without tweets leased to others and those in
    `done`. One reviewer must be able to check the whole sample of a batch, so in its list the leases of others end, and
    no tweet comes first for a second reviewer.
    """
    for _ in range(ATTEMPTS):
        with store.reading() as session:
            seconds = [] if wanted.sample else overlap.waiting(session, in_order(wanted, order), reviewer, limit)
            listed = dict.fromkeys(seconds, False)
            listed |= _drawn(session, reviewer, wanted, order, limit, skipped, done)
            items = queue_items(session, list(listed)[:limit])
        with store.writing(durable=False, patience=PATIENCE) as session:
            unchanged = _unchanged(session, items)
            held = set(leases.take(session, unchanged, reviewer, from_others=bool(wanted.sample)))
        if held or not items:
            break
    shown = [item for item in items if item.tweet_id in held]
    return [replace(one, by_chance=listed[one.tweet_id] and one.original is not None) for one in shown]


def give_back(store: Store, reviewer: str) -> None:
    """End the leases of a reviewer who has left."""
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
    """The next ids, each with whether it comes from the random sample of tweets with original labels.

    Filtered lists have no random sample, nor have the tweets without labels.
    """
    ids = next_ids(session, wanted, order, limit, skipped, None if wanted.sample else reviewer, done)
    if not wanted.is_plain or order in (RANDOM, LABELLING):
        return dict.fromkeys(ids, wanted.is_plain and order == RANDOM)
    share, labelled = shares.random_share(session), replace(wanted, original="yes")
    at_random = next_ids(session, labelled, RANDOM, limit, skipped, reviewer, done) if share else []
    return dict(mix(ids, at_random, share, shares.log_length(session, reviewer), limit))


def _unchanged(session: Session, items: Sequence[QueueItem]) -> list[int]:
    """The ids of the tweets without a new decision since they were read; a tweet may also be gone since."""
    now = inspections.decision_ids(session, [item.tweet_id for item in items])
    return [item.tweet_id for item in items if now.get(item.tweet_id, GONE) == item.decision_id]


def refuse_overtaken(session: Session, tweet_id: int, seen: int, labels: Collection[str], reviewer: str) -> None:
    """Refuse a decision that would silently replace a newer one by another reviewer or from another page.

    Parameters
    ----------
    seen : the id of the decision in force when the card was filled; 0: none

    Raises
    ------
    OvertakenError : if the tweet was decided differently since, or by another reviewer
    """
    theirs = inspections.decision(session, tweet_id)
    if theirs is None or theirs.batch is not None or theirs.id <= seen:
        return
    if theirs.reviewer != reviewer or theirs.labels != frozenset(labels):
        raise OvertakenError(theirs, labels, reviewer)
