"""
Builds the data of the review card: the next tweets, the decisions that can be undone, and the progress.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from msgspec.structs import replace
from sqlalchemy.orm import Session

from db import filters, shares
from db.decisions import DecisionsInForce, decisions_in_force, undoable_decisions
from db.queue import in_order, next_ids
from db.queue_items import queue_items
from db.store import Store
from db.tweets import twin_originals
from db.values import Decided, QueueItem
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import draw
from jobs.doubts.ranking import Calibrations
from jobs.review.assignment import next_tweets
from jobs.review.cards import LETTERS, card
from jobs.review.events import NOTHING, Saved
from jobs.review.guidelines import for_card
from jobs.review.reopened import opened_again, undone_cards
from jobs.review.review_messages import Guidelines, ReviewCardData, ReviewTweet, UndoableDecision

PREFETCHED = 25  # tweets held by the card: over half a minute of the fastest reviewing
UNDOABLE = 10  # decisions that a page can undo before the server sends older ones


@dataclass(frozen=True)
class Linked:
    """A tweet opened by a link."""

    tweet_id: int
    split: str
    is_done: bool = False  # decided or skipped since, so that it is no longer shown first


@dataclass(frozen=True)
class ListRequest:
    """The list of tweets that a reviewer has chosen, and what happened to it since the page was opened."""

    reviewer: str
    wanted: Filter
    order: str
    total: int  # number of tweets that match the filter and the order, decided or not
    skipped: Sequence[int] = ()  # in this view, in order of skipping
    first: Linked | None = None  # a tweet to show before the queue, decided or not
    done: Collection[int] = ()  # decided or skipped since the page was opened; left out of a list of decided tweets


@dataclass(frozen=True)
class _Found:
    """What is read from the store for the tweets of a card."""

    queued: Sequence[QueueItem]  # the next tweets, without the linked one
    linked: Sequence[QueueItem]
    past: Sequence[Decided]  # the decisions that can be undone, newest first
    undoable: Mapping[int, QueueItem]  # their tweets, by id
    cards: Mapping[int, ReviewTweet]  # of all these tweets, as if they were undecided
    in_force: DecisionsInForce
    guidelines: Guidelines


def review_card_data(
    store: Store, calibrations: Calibrations, request: ListRequest, saved: Saved = NOTHING
) -> ReviewCardData:
    """The data of the card; the next tweets are leased to the reviewer."""
    wanted = request.wanted
    done = request.done if wanted.keeps_decided else ()
    items = next_tweets(store, request.reviewer, wanted, request.order, PREFETCHED, request.skipped, done)
    with store.reading() as session:
        found = _read(session, calibrations, request, items)
        tweets, history = _tweets(session, found, wanted), _history(session, found)
        decided = filters.decided(session, in_order(wanted, request.order))
        leased_to_others = not items and bool(next_ids(session, wanted, request.order, 1, done=request.done))
    return ReviewCardData(
        view=view_of(request),
        title=f"{wanted.split} · {request.order}" + ("" if wanted.is_plain else " · filtered"),
        store=store.name,
        reviewer=request.reviewer,
        emotions=LETTERS,
        guidelines=found.guidelines,
        tweets=tweets,
        history=history,
        leased_to_others=leased_to_others,
        is_sample=bool(wanted.sample),
        decided=decided,
        total=max(request.total, decided),  # the total may be slightly out of date
        all_decided=wanted.state == "yes",
        skipped=list(request.skipped),
        **saved.answer,
    )


def view_of(request: ListRequest) -> str:
    """The view of the card: a change of reviewer, order, filter or link resets it."""
    linked = [str(request.first.tweet_id)] if request.first else []
    return "/".join([request.reviewer, request.order, urlencode(request.wanted.to_query()), *linked])


def _read(session: Session, calibrations: Calibrations, request: ListRequest, items: Sequence[QueueItem]) -> _Found:
    first = request.first
    linked = queue_items(session, [first.tweet_id]) if first and not first.is_done else []
    past = undoable_decisions(session, request.reviewer, UNDOABLE)
    undoable = {item.tweet_id: item for item in queue_items(session, [one.tweet_id for one in past])}
    decided = [item.tweet_id for item in (*items, *linked) if item.decision_id]
    linked_ids = {item.tweet_id for item in linked}
    return _Found(
        queued=[item for item in items if item.tweet_id not in linked_ids],
        linked=linked,
        past=past,
        undoable=undoable,
        cards=tweet_cards(session, calibrations, (*items, *linked, *undoable.values())),
        in_force=decisions_in_force(session, [*decided, *undoable]),
        guidelines=for_card(session),
    )


def tweet_cards(session: Session, calibrations: Calibrations, items: Sequence[QueueItem]) -> dict[int, ReviewTweet]:
    """The card of each tweet, by its id, as if it were undecided."""
    twins = twin_originals(session, items)
    return {item.tweet_id: card(item, calibrations, twins.get(item.twin_group, frozenset())) for item in items}


def _tweets(session: Session, found: _Found, wanted: Filter) -> list[ReviewTweet]:
    """The linked tweet, then the queue; decided tweets show the decision in force.

    A second reviewer must not see the first decision, so the queue of a list that hides decided tweets shows none.
    """
    reopened = {i: opened_again(found.cards[i], ones[0], found.guidelines) for i, ones in found.in_force.items()}
    shown = {**found.cards, **reopened}
    in_queue = found.cards if wanted.state == "no" else shown
    share = _blind_share(session, wanted)
    queue = [_queue_card(in_queue[item.tweet_id], item, share, wanted) for item in found.queued]
    return [*(shown[item.tweet_id] for item in found.linked), *queue]


def _history(session: Session, found: _Found) -> list[UndoableDecision]:
    """The decisions that can be undone, each with the card of its tweet after the undo."""
    undone = undone_cards(session, found.in_force, found.past, found.undoable, found.cards, found.guidelines)
    return [
        UndoableDecision(event_id=decision.event_id, labels=EMOTIONS.ordered(decision.labels), card=shown)
        for decision, shown in zip(found.past, undone, strict=True)
    ]


def _blind_share(session: Session, wanted: Filter) -> float:
    """The blind share of a list: 1 for a sample, because showing a suggestion biases the reviewer (anchoring)."""
    return 1.0 if wanted.sample else shares.blind_share(session, wanted.split)


def _queue_card(shown: ReviewTweet, item: QueueItem, blind_share: float, wanted: Filter) -> ReviewTweet:
    """A card of the queue: marks tweets of the random sample, and draws whether it is blind.

    The share is recorded so that blind decisions are compared only with others under the same share; None for a sample,
    which is always blind. A card that shows a decision in force is never blind, because its answer starts from that
    decision.
    """
    is_reopened = shown.in_force is not None
    return replace(
        shown,
        by_chance=item.by_chance,
        blind=not is_reopened and draw(item.key, "blind") < blind_share,
        blind_share=None if wanted.sample or is_reopened else blind_share,
        second=item.decision_id is not None and not is_reopened,
    )
