"""
Review: what the card shows of the queue, and what becomes of the events it sends back.

The card holds the next tweets and an outbox of events that are not yet
acknowledged. An event is acknowledged only after its commit; sent again, it
changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from db import commands, filters, flags, guidelines, inforce, queries, shares, summaries
from db.queue import next_ids, next_items
from db.store import Store
from db.values import Decided, QueueItem
from emoclf.chance import draw
from emoclf.errors import EmoclfError, SettingError
from emoclf.filters import Filter
from emoclf.labels import EMOTIONS
from jobs.again import opened_again, undone_cards
from jobs.cards import LETTERS, card
from jobs.doubts import Calibrations, load_calibrations
from jobs.guiding import for_card, version_of
from jobs.turns import OvertakenError, check_turn, next_tweets

PREFETCHED = 25  # tweets that the card holds: over half a minute of the fastest reviewing
UNDOABLE = 20  # decisions that the card can take back without asking

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Saved:
    """What became of an outbox: the events in the store, and a sentence for each that cannot be stored."""

    acknowledged: list[str]
    refused: list[dict[str, Any]]  # event_id, why; theirs where another reviewer was faster


NOTHING = Saved([], [])


@dataclass(frozen=True)
class Linked:
    """A tweet that the review was opened on, by a link."""

    tweet_id: int
    split: str
    is_done: bool = False  # decided or skipped since: the queue goes on without it


def linked(store: Store, key: str) -> Linked:
    """The tweet that a link names by its ID.

    Raises
    ------
    NotFoundError : if there is none
    """
    with store.reading() as session:
        [item] = queries.queue_items(session, [queries.tweet_id(session, key)])
        return Linked(item.tweet_id, item.split)


def save_events(store: Store, reviewer: str, events: Sequence[Event]) -> Saved:
    """Store events in order, each in its own transaction; an event names who made it, else `reviewer` did.

    The card sends again what an earlier page could not deliver, and by then somebody else may sit there.
    """
    saved = Saved([], [])
    for event in events:
        event_id = str(event.get("event_id", ""))
        try:
            _save(store, reviewer, event_id, event)
            saved.acknowledged.append(event_id)
        except OvertakenError as faster:
            saved.refused.append({"event_id": event_id, "why": str(faster), "theirs": faster.theirs})
        except (EmoclfError, KeyError, TypeError, ValueError) as problem:
            saved.refused.append({"event_id": event_id, "why": _sentence(problem)})
    return saved


def _save(store: Store, reviewer: str, event_id: str, event: Event) -> None:
    if not event_id:
        raise ValueError("it has no event_id")
    reviewer = str(event.get("reviewer") or reviewer)
    with store.writing() as session:
        if event["kind"] == "undo":
            commands.add_undo(session, event_id, event["undoes"], reviewer)
        elif event["kind"] == "decide":
            if commands.decision_id(session, event_id) is None:
                check_turn(session, event, reviewer)
            labels, shown = EMOTIONS.check(event["labels"]), dict(event["shown"])
            seconds = float(event["seconds"]) if event.get("seconds") is not None else None
            right = right_sources(labels, shown)
            how: dict[str, Any] = {name: event.get(name) is True for name in ("by_chance", "blind")}
            tweet_id, how["guidelines"] = int(event["tweet_id"]), version_of(event)
            commands.add_decision(session, event_id, tweet_id, reviewer, labels, right, shown, seconds, **how)
        elif event["kind"] == "flag":
            comment = event["comment"] if event["comment"] is None else str(event["comment"]).strip()
            flags.add_flag(session, event_id, int(event["tweet_id"]), reviewer, comment)
        else:
            raise ValueError(f"its kind is {event['kind']!r}, expected decide, undo or flag")


def decide_tweet(store: Store, key: str, labels: Sequence[str], reviewer: str, event_id: str) -> int:
    """Decide one tweet without a screen: nothing but the original was shown. Return the decision's id.

    Raises
    ------
    NotFoundError, LabelError : if there is no such tweet or label
    """
    chosen = EMOTIONS.check(labels)
    if not reviewer.strip():
        raise SettingError("the reviewer has no name; every decision is stored with who made it")
    with store.writing() as session:
        tweet_id = queries.tweet_id(session, key)
        [item] = queries.queue_items(session, [tweet_id])
        shown = {"original": EMOTIONS.ordered(item.original)}
        right, version = right_sources(chosen, shown), guidelines.version(session)
        return commands.add_decision(session, event_id, tweet_id, reviewer, chosen, right, shown, guidelines=version)


def _sentence(problem: Exception) -> str:
    if isinstance(problem, EmoclfError):
        return str(problem)
    return f"this decision could not be read ({type(problem).__name__}: {problem}); it was not saved"


def right_sources(labels: frozenset[str], shown: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each emotion the sources on the screen that said what the reviewer decided.

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
    """All that the card needs to go on: the next tweets, what was saved, what can be undone, and how far it is.

    Parameters
    ----------
    total : how many tweets the filter finds, decided or not
    first : a tweet that comes before the queue, decided or not; the card then starts anew
    done : what was decided or skipped since the page was opened; a list of decided tweets goes on without it

    Returns
    -------
    dict : see `ui.card.review_card`; `elsewhere` says that tweets are left, all of them in front of other reviewers,
        `again` that the list holds decided tweets alone
    """
    items = next_tweets(store, reviewer, wanted, order, PREFETCHED, skipped, done if wanted.keeps_decided else ())
    with store.reading() as session:
        ahead = queries.queue_items(session, [first.tweet_id]) if first and not first.is_done else []
        past = queries.history(session, reviewer, UNDOABLE)
        undoable = {item.tweet_id: item for item in queries.queue_items(session, [d.tweet_id for d in past])}
        cards = _cards(session, calibrations, (*items, *ahead, *undoable.values()))
        decided, name = filters.decided(session, wanted), summaries.store_name(session)
        blind, guide = _blind_share(session, wanted), for_card(session)
        standing = inforce.standing(session, [*(i.tweet_id for i in (*items, *ahead) if i.decision_id), *undoable])
        undone = undone_cards(session, standing, past, undoable, cards, guide)
        elsewhere = not items and bool(next_ids(session, wanted, order, 1, done=done))
    again = {i: opened_again(cards[i], ones[0], guide) for i, ones in standing.items()}
    told = again if wanted.state != "no" else {}  # else a decided tweet waits for a second reviewer, who decides unseen
    linked_ids = {item.tweet_id for item in ahead}
    return {
        "view": _view(reviewer, order, wanted, first),
        "store": name,
        "reviewer": reviewer,
        "title": f"{wanted.split} · {order}" + ("" if wanted.is_plain else " · filtered"),
        "emotions": LETTERS,
        "guidelines": guide,
        "tweets": [
            *(again.get(i, cards[i]) for i in linked_ids),
            *(_drawn(told.get(i.tweet_id, cards[i.tweet_id]), i, blind) for i in items if i.tweet_id not in linked_ids),
        ],
        "elsewhere": elsewhere,
        "sample": bool(wanted.sample),
        **vars(saved),
        "history": [_past(decision, shown) for decision, shown in zip(past, undone, strict=True)],
        "decided": decided,
        "total": max(total, decided),  # it was counted a moment before
        "again": wanted.state == "yes",
    }


def _cards(session: Session, calibrations: Calibrations, items: Sequence[QueueItem]) -> dict[int, dict[str, Any]]:
    """The card of each tweet, by its id."""
    twins = queries.twin_originals(session, items)
    return {item.tweet_id: card(item, calibrations, twins[item.twin_group]) for item in items}


def touched(
    store: Store, tweet_ids: Collection[int | None], shown: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The tweets that events were about and that are not among those shown, as `jobs.beside.beside` takes them.

    Such a tweet is in no list any more and yet may be on a card.
    """
    known = {tweet["id"] for tweet in shown}
    missing = [i for i in tweet_ids if i is not None and i not in known]
    if not missing:  # as after nearly every key
        return []
    with store.reading() as session:
        items = queries.queue_items(session, missing)
    return [{"id": item.tweet_id, "original": EMOTIONS.ordered(item.original)} for item in items]


def _view(reviewer: str, order: str, wanted: Filter, first: Linked | None) -> str:
    """What the list is: another reviewer, order, filter or link makes another, and the card starts anew."""
    return "/".join([reviewer, order, *wanted.to_query().values(), *([str(first.tweet_id)] if first else [])])


def _past(decision: Decided, shown: dict[str, Any]) -> dict[str, Any]:
    """A decision that can be undone, and the card of its tweet as it is after the undo."""
    return {"event_id": decision.event_id, "labels": EMOTIONS.ordered(decision.labels), "card": shown}


def _blind_share(session: Session, wanted: Filter) -> float:
    """The share of the list that comes blind: a sample all of it, since a suggestion on the screen whispers."""
    return 1.0 if wanted.sample else shares.blind_share(session, wanted.split)


def _drawn(shown: dict[str, Any], item: QueueItem, blind_share: float) -> dict[str, Any]:
    """A card of the queue: with whether chance brought it, and blind where chance says so.

    A card that shows a decision in force is never blind: its answer starts from that decision.
    """
    second = item.decision_id is not None and shown["in_force"] is None
    blind = shown["in_force"] is None and draw(item.key, "blind") < blind_share
    return shown | {"by_chance": item.by_chance, "blind": blind, "second": second}


def listing(store: Store, wanted: Filter, order: str, limit: int) -> list[dict[str, Any]]:
    """The next tweets of a list and why they are there, for a command line: tweet, text, doubt, emotion, reason."""
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
