"""
The server side of the review card: builds the data it shows and stores its events.

The card holds the next tweets and an outbox of events that are not yet acknowledged; see `jobs.review.events`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from db import filters, flags, guidelines, shares
from db.decisions import NewDecision, add_decision, add_undo, decision_id, standing_decisions, undoable_decisions
from db.queue import next_ids, next_items
from db.queue_items import queue_items
from db.store import Store
from db.tweets import find_tweet, twin_originals
from db.values import Decided, QueueItem
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import draw
from jobs.doubts.ranking import Calibrations, load_calibrations
from jobs.review.assignment import check_turn, next_tweets
from jobs.review.cards import LETTERS, card
from jobs.review.events import NOTHING, PATIENCE, Event, Saved, readable, save_each, seconds_of
from jobs.review.guidelines import for_card, version_of
from jobs.review.reopened import opened_again, undone_cards

PREFETCHED = 25  # tweets held by the card: over half a minute of the fastest reviewing
UNDOABLE = 20  # decisions the card can undo without asking the server


@dataclass(frozen=True)
class Linked:
    """A tweet opened by a link."""

    tweet_id: int
    split: str
    is_done: bool = False  # decided or skipped since: the queue continues without it


def linked(store: Store, key: str) -> Linked:
    """The tweet with the ID in a link.

    Raises
    ------
    NotFoundError : if there is none
    """
    with store.reading() as session:
        [item] = queue_items(session, [find_tweet(session, key)])
        return Linked(item.tweet_id, item.split)


def save_events(store: Store, reviewer: str, events: Sequence[Event]) -> Saved:
    """Store the events of the review card; an event without a reviewer is by `reviewer`.

    The card may send events of an earlier page, when another reviewer was using it.
    """

    def save(event: Event) -> None:
        with readable("decision"):
            write = _read(event, str(event.get("reviewer") or reviewer))
        with store.writing(patience=PATIENCE) as session:
            write(session)

    return save_each(store.name, events, save)


def _read(event: Event, reviewer: str) -> Callable[[Session], object]:
    """Check an event and return the function that stores it."""
    if not event.get("event_id"):
        raise ValueError("it has no event_id")
    if event["kind"] not in READERS:
        raise ValueError(f"its kind is {event['kind']!r}, expected decide, undo or flag")
    return READERS[event["kind"]](event, reviewer)


def _read_decision(event: Event, reviewer: str) -> Callable[[Session], object]:
    labels, shown = EMOTIONS.check(event["labels"]), dict(event["shown"])
    new = NewDecision(
        event_id=event["event_id"],
        tweet_id=int(event["tweet_id"]),
        reviewer=reviewer,
        labels=labels,
        right_sources=right_sources(labels, shown),
        shown=shown,
        seconds=seconds_of(event),
        by_chance=event.get("by_chance") is True,
        blind=event.get("blind") is True,
        guidelines=version_of(event),
    )
    seen = int(event["seen"] or 0) if "seen" in event else None

    def write(session: Session) -> None:
        if seen is not None and decision_id(session, new.event_id) is None:
            check_turn(session, new.tweet_id, seen, labels, reviewer)
        add_decision(session, new)

    return write


def _read_undo(event: Event, reviewer: str) -> Callable[[Session], object]:
    event_id, undoes = str(event["event_id"]), str(event["undoes"])
    return lambda session: add_undo(session, event_id, undoes, reviewer)


def _read_flag(event: Event, reviewer: str) -> Callable[[Session], object]:
    comment = event["comment"] if event["comment"] is None else str(event["comment"]).strip()
    event_id, tweet_id = str(event["event_id"]), int(event["tweet_id"])
    return lambda session: flags.add_flag(session, event_id, tweet_id, reviewer, comment)


READERS = {"decide": _read_decision, "undo": _read_undo, "flag": _read_flag}


def decide_tweet(store: Store, key: str, labels: Sequence[str], reviewer: str, event_id: str) -> int:
    """Decide one tweet from the command line, where only the original is shown. Return the decision's id.

    Raises
    ------
    NotFoundError, LabelError : if there is no such tweet or label
    """
    chosen = EMOTIONS.check(labels)
    if not reviewer.strip():
        raise SettingError("the reviewer has no name; every decision is stored with who made it")
    with store.writing() as session:
        tweet_id = find_tweet(session, key)
        [item] = queue_items(session, [tweet_id])
        shown = {"original": EMOTIONS.ordered(item.original)}
        new = NewDecision(
            event_id=event_id,
            tweet_id=tweet_id,
            reviewer=reviewer,
            labels=chosen,
            right_sources=right_sources(chosen, shown),
            shown=shown,
            guidelines=guidelines.version(session),
        )
        return add_decision(session, new)


def right_sources(labels: frozenset[str], shown: Mapping[str, Any]) -> dict[str, list[str]]:
    """The sources on the screen that agree with the decision, for each emotion.

    >>> right_sources(frozenset({"joy"}), {"original": ["joy"], "suggestion": None})["joy"]
    ['original']
    """
    said = {"original": frozenset(shown["original"])}
    for source in ("suggestion", "prediction"):
        if shown.get(source):
            said[source] = frozenset(shown[source]["labels"])
    return {
        emotion: [source for source, chosen in said.items() if (emotion in chosen) == (emotion in labels)]
        for emotion in EMOTIONS.names
    }


def card_data(
    store: Store,
    calibrations: Calibrations,
    reviewer: str,
    wanted: Filter,
    order: str,
    total: int,
    skipped: Sequence[int] = (),
    saved: Saved = NOTHING,
    first: Linked | None = None,
    done: Collection[int] = (),
) -> dict[str, Any]:
    """The data of the card: next tweets, saved events, undoable decisions, and progress.

    Parameters
    ----------
    total : number of tweets that match the filter, decided or not
    first : a tweet to show before the queue, decided or not; the card then starts anew
    done : tweets decided or skipped since the page was opened; left out of a list of decided tweets

    Returns
    -------
    dict : see `ui.cards.review_card.review_card`; `elsewhere` is true if the only tweets left are leased to other
        reviewers, `again` if the list contains only decided tweets
    """
    items = next_tweets(store, reviewer, wanted, order, PREFETCHED, skipped, done if wanted.keeps_decided else ())
    with store.reading() as session:
        ahead = queue_items(session, [first.tweet_id]) if first and not first.is_done else []
        past = undoable_decisions(session, reviewer, UNDOABLE)
        undoable = {item.tweet_id: item for item in queue_items(session, [d.tweet_id for d in past])}
        cards = _cards(session, calibrations, (*items, *ahead, *undoable.values()))
        decided = filters.decided(session, wanted)
        blind, guide = _blind_share(session, wanted), for_card(session)
        standing = standing_decisions(session, [*(i.tweet_id for i in (*items, *ahead) if i.decision_id), *undoable])
        undone = undone_cards(session, standing, past, undoable, cards, guide)
        elsewhere = not items and bool(next_ids(session, wanted, order, 1, done=done))
    again = {i: opened_again(cards[i], ones[0], guide) for i, ones in standing.items()}
    linked_ids = {item.tweet_id for item in ahead}
    queued = [item for item in items if item.tweet_id not in linked_ids]
    return {
        **_heading(reviewer, order, wanted, first),
        "store": store.name,
        "reviewer": reviewer,
        "emotions": LETTERS,
        "guidelines": guide,
        "tweets": [*(again.get(i, cards[i]) for i in linked_ids), *_queued(queued, cards, again, blind, wanted)],
        "elsewhere": elsewhere,
        "sample": bool(wanted.sample),
        **vars(saved),
        "history": [_past(decision, shown) for decision, shown in zip(past, undone, strict=True)],
        "decided": decided,
        "total": max(total, decided),  # `total` may be slightly out of date
        "again": wanted.state == "yes",
    }


def _cards(session: Session, calibrations: Calibrations, items: Sequence[QueueItem]) -> dict[int, dict[str, Any]]:
    """The card of each tweet, by its id."""
    twins = twin_originals(session, items)
    return {item.tweet_id: card(item, calibrations, twins[item.twin_group]) for item in items}


def touched(
    store: Store, tweet_ids: Collection[int | None], shown: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The tweets of events that are not among those shown, for `jobs.review.side_panel.beside`.

    Such a tweet may still be on a card although no list contains it.
    """
    known = {tweet["id"] for tweet in shown}
    missing = [i for i in tweet_ids if i is not None and i not in known]
    if not missing:  # the usual case
        return []
    with store.reading() as session:
        items = queue_items(session, missing)
    return [{"id": item.tweet_id, "original": EMOTIONS.ordered(item.original)} for item in items]


def _heading(reviewer: str, order: str, wanted: Filter, first: Linked | None) -> dict[str, str]:
    """The title of the list, and its `view`: a change of reviewer, order, filter or link resets the card."""
    view = [reviewer, order, urlencode(wanted.to_query()), *([str(first.tweet_id)] if first else [])]
    return {
        "view": "/".join(view),
        "title": f"{wanted.split} · {order}" + ("" if wanted.is_plain else " · filtered"),
    }


def _queued(
    items: Sequence[QueueItem],
    cards: Mapping[int, dict[str, Any]],
    again: Mapping[int, dict[str, Any]],
    blind_share: float,
    wanted: Filter,
) -> list[dict[str, Any]]:
    """The cards of the queue; those in `again` show the decision in force, unless a second reviewer is to decide."""
    told = again if wanted.state != "no" else {}  # a second reviewer must not see the first decision
    return [_drawn(told.get(item.tweet_id, cards[item.tweet_id]), item, blind_share, wanted) for item in items]


def _past(decision: Decided, shown: dict[str, Any]) -> dict[str, Any]:
    """A decision that can be undone, with the card of its tweet after the undo."""
    return {"event_id": decision.event_id, "labels": EMOTIONS.ordered(decision.labels), "card": shown}


def _blind_share(session: Session, wanted: Filter) -> float:
    """The blind share of a list: 1 for a sample, because showing a suggestion biases the reviewer (anchoring)."""
    return 1.0 if wanted.sample else shares.blind_share(session, wanted.split)


def _drawn(shown: dict[str, Any], item: QueueItem, blind_share: float, wanted: Filter) -> dict[str, Any]:
    """A card of the queue: marks tweets of the random sample, and draws whether it is blind.

    The share is recorded so that blind decisions are compared only with others under the same share; None for a sample,
    which is always blind. A card that shows a decision in force is never blind, because its answer starts from that
    decision.
    """
    is_again = shown["in_force"] is not None
    return shown | {
        "by_chance": item.by_chance,
        "blind": not is_again and draw(item.key, "blind") < blind_share,
        "blind_share": None if wanted.sample or is_again else blind_share,
        "second": item.decision_id is not None and not is_again,
    }


def listing(store: Store, wanted: Filter, order: str, limit: int) -> list[dict[str, Any]]:
    """The next tweets of a list for the command line: tweet, text, doubt, emotion, reason."""
    calibrations = load_calibrations(store)
    with store.reading() as session:
        items = next_items(session, wanted, order, limit)
        reasons = {tweet_id: one["reason"] for tweet_id, one in _cards(session, calibrations, items).items()}
    return [
        {
            "tweet": i.key,
            "text": i.text,
            "doubt": round(i.doubt, 4),
            "emotion": i.emotion,
            "reason": reasons[i.tweet_id],
        }
        for i in items
    ]
