"""
The server side of the review card: stores its events, and decides single tweets from the command line.

The card holds the next tweets (`jobs.review.card_data`) and an outbox of events that are not yet acknowledged; see
`jobs.review.events`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET
from sqlalchemy.orm import Session

from db import flags, guidelines
from db.decisions import NewDecision, add_decision, add_undo, decision_id
from db.queue import default_order, next_items
from db.queue_items import queue_items
from db.store import Store
from db.tweets import find_tweet
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from jobs.doubts.ranking import load_calibrations
from jobs.review.assignment import refuse_overtaken
from jobs.review.card_data import Linked, tweet_cards
from jobs.review.card_messages import Event, Undo, to_browser
from jobs.review.cards import original_of
from jobs.review.events import PATIENCE, CardKind, Saved, read_outbox, save_each
from jobs.review.review_messages import REVIEW_EVENTS, Decision, FlagEvent, Shown


def linked(store: Store, key: str) -> Linked:
    """The tweet with the ID in a link.

    Raises
    ------
    NotFoundError : if there is none
    """
    with store.reading() as session:
        [item] = queue_items(session, [find_tweet(session, key)])
        return Linked(item.tweet_id, item.split)


def _add(session: Session, event: Decision | Undo | FlagEvent, reviewer: str) -> None:
    """Store an event of the review card."""
    match event:
        case Undo():
            add_undo(session, event.event_id, event.undoes, reviewer)
        case FlagEvent():
            comment = None if event.comment is None else event.comment.strip()
            flags.add_flag(session, event.event_id, event.tweet_id, reviewer, comment)
        case Decision():
            if event.seen is not UNSET and decision_id(session, event.event_id) is None:
                refuse_overtaken(session, event.tweet_id, event.seen or 0, EMOTIONS.check(event.labels), reviewer)
            _add_decision(session, event, reviewer)


def _add_decision(session: Session, event: Decision, reviewer: str) -> int:
    labels, shown = EMOTIONS.check(event.labels), to_browser(event.shown)
    new = NewDecision(
        event_id=event.event_id,
        tweet_id=event.tweet_id,
        reviewer=reviewer,
        labels=labels,
        right_sources=right_sources(labels, shown),
        shown=shown,
        seconds=event.seconds,
        by_chance=event.by_chance,
        blind=event.blind,
        guidelines=event.guidelines,
    )
    return add_decision(session, new)


REVIEW_CARD = CardKind("decision", REVIEW_EVENTS, lambda store: store.name, _add)


def save_events(store: Store, reviewer: str, outbox: Sequence[object], card: CardKind = REVIEW_CARD) -> Saved:
    """Store the events of a card, each in a transaction of its own; an event without a reviewer is by `reviewer`.

    The card may send events of an earlier page, when another reviewer was using it.
    """

    def save(event: Event) -> None:
        with store.writing(patience=PATIENCE) as session:
            card.add(session, event, event.reviewer or reviewer)

    return save_each(read_outbox(card, card.outbox_name(store), outbox), save)


def decide_tweet(store: Store, key: str, labels: Sequence[str], reviewer: str, event_id: str) -> int:
    """Decide one tweet from the command line, where only the original is shown. Return the decision's id.

    Raises
    ------
    NotFoundError, LabelError : if there is no such tweet or label
    """
    chosen = EMOTIONS.check(labels)
    if not reviewer.strip():
        raise SettingError("the name of the reviewer is empty; every decision is stored with the name of its reviewer")
    with store.writing() as session:
        tweet_id = find_tweet(session, key)
        [item] = queue_items(session, [tweet_id])
        decision = Decision(
            event_id=event_id,
            tweet_id=tweet_id,
            labels=EMOTIONS.ordered(chosen),
            shown=Shown(original=original_of(item)),
            guidelines=guidelines.version(session),
        )
        return _add_decision(session, decision, reviewer)


def right_sources(labels: frozenset[str], shown: Mapping[str, Any]) -> dict[str, list[str]]:
    """The sources on the screen that agree with the decision, for each emotion.

    Parameters
    ----------
    shown : `jobs.review.card_messages.Shown` as plain JSON

    >>> right_sources(frozenset({"joy"}), {"original": ["joy"], "suggestion": None})["joy"]
    ['original']
    >>> right_sources(frozenset({"joy"}), {"original": None})["joy"]  # a tweet that came without labels
    []
    """
    given = {} if shown["original"] is None else {"original": frozenset(shown["original"])}
    for source in ("suggestion", "prediction"):
        if shown.get(source):
            given[source] = frozenset(shown[source]["labels"])
    return {
        emotion: [source for source, chosen in given.items() if (emotion in chosen) == (emotion in labels)]
        for emotion in EMOTIONS.names
    }


def listing(store: Store, wanted: Filter, order: str | None, limit: int) -> list[dict[str, Any]]:
    """The next tweets of a list for the command line: tweet, text, doubt, emotion, reason.

    `order` None: the most doubtful first, or what to label next if the list has only tweets without labels.
    """
    calibrations = load_calibrations(store)
    with store.reading() as session:
        items = next_items(session, wanted, order or default_order(session, wanted), limit)
        reasons = {tweet_id: one.reason for tweet_id, one in tweet_cards(session, calibrations, items).items()}
    return [
        {
            "tweet": i.key,
            "text": i.text,
            "doubt": None if i.known_doubt is None else round(i.known_doubt, 4),
            "emotion": i.emotion,
            "reason": reasons[i.tweet_id],
        }
        for i in items
    ]
