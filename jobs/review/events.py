"""
Stores the events that a card sends, each in its own transaction, and reports the result of each.

The browser keeps an event until it is acknowledged, which happens after its commit. An event is refused only if it can
never be stored: it is malformed, or names an unknown tweet or label. After any other error the event waits and the
browser sends it again; a second copy of a stored event has no effect.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from db.store import Store
from emoclf.errors import EmoclfError, NotFoundError, StoreError, StoreUnavailableError, UnstorableError
from jobs import logs
from jobs.review.card_messages import Event, Refusal, UnreadableMessageError, parse

PATIENCE = 2.0  # seconds that an event waits for other writers before the browser must send it again


class RefusedEventError(EmoclfError):
    """An event can never be stored, and the card shows its tweet again; `answer` is sent to the browser."""

    def __init__(self, message: str, **answer: Any) -> None:
        super().__init__(message)
        self.answer = answer  # fields of `Refusal`


@dataclass(frozen=True)
class CardKind:
    """A kind of card: the events that it sends, and how they are stored."""

    what: str  # the name of its events in messages, such as "decision"
    messages: Any  # the union of its events
    outbox_name: Callable[[Store], str]  # the name under which the browser keeps its unsent events
    add: Callable[[Session, Any, str], object]  # stores an event in the name of a reviewer, or raises


@dataclass(frozen=True)
class Saved:
    """The results of the events in an outbox. Events in neither list wait and must be sent again."""

    acknowledged: list[str]  # event ids
    refused: list[Refusal]
    waiting: str = ""  # why events wait, in a few words; empty if none do
    is_away: bool = False  # whether they wait because the store is unavailable
    tweet_ids: set[int] = field(default_factory=set, compare=False)  # of the stored events

    @property
    def answer(self) -> dict[str, Any]:
        """The results as fields of `jobs.review.card_messages.CardData`."""
        return {"acknowledged": self.acknowledged, "refused": self.refused, "waiting": self.waiting}


NOTHING = Saved([], [])


def with_posted(saved: Saved, posted: Saved) -> Saved:
    """The results of an outbox, with events that the card has posted before among the stored ones."""
    return replace(saved, acknowledged=[*saved.acknowledged, *posted.acknowledged])


@dataclass(frozen=True)
class Unreadable:
    """An event that could not be parsed."""

    event_id: str
    error: UnreadableMessageError
    tweet_id: None = None


def read_outbox(card: CardKind, outbox_name: str, outbox: Sequence[object]) -> list[Event | Unreadable]:
    """Parse the events of a card, without those for another store: the browser keeps them for that store."""
    events = [one for one in outbox if isinstance(one, Mapping)]
    return [_read(card, one) for one in events if one.get("store", outbox_name) == outbox_name]


def _read(card: CardKind, value: Mapping[str, Any]) -> Event | Unreadable:
    try:
        event: Event = parse(value, card.messages, card.what)
    except UnreadableMessageError as error:
        return Unreadable(str(value.get("event_id", "")), UnreadableMessageError(f"{error}; it was not saved"))
    return event


def save_each(events: Sequence[Event | Unreadable], save: Callable[[Event], None]) -> Saved:
    """Save events in order, an undo after the event it undoes. A waiting event delays later events of its tweet.

    Parameters
    ----------
    save : stores one event or raises
    """
    saved = Saved([], [])
    waiting, delayed = "", set()  # the reason, and the tweets of waiting events
    for event in in_order(events):
        if event.tweet_id in delayed:
            continue
        try:
            if isinstance(event, Unreadable):
                raise event.error
            save(event)
            saved.acknowledged.append(event.event_id)
            saved.tweet_ids.add(event.tweet_id)
        except StoreUnavailableError as away:  # all further events would fail too
            return replace(saved, waiting=away.why, is_away=True)
        except Exception as error:  # noqa: BLE001 - a bug must not lose a decision
            if can_never_be_stored(error):
                answer = error.answer if isinstance(error, RefusedEventError) else {}
                saved.refused.append(Refusal(event.event_id, str(error), **answer))
                continue
            delayed.add(event.tweet_id)
            waiting = _why_it_waits(error, event.event_id)
    return replace(saved, waiting=waiting)


def _why_it_waits(error: Exception, event_id: str) -> str:
    """The reason for the reviewer, with the id under which the log has the error."""
    error_id = logs.log_unexpected(error, f"saving event {event_id[:40]!r}")
    words = str(error) if isinstance(error, EmoclfError) else "something unexpected went wrong"
    return f"{words} (error {error_id})"


def in_order(events: Iterable[Event | Unreadable]) -> list[Event | Unreadable]:
    """The events in order, but each undo after the event it undoes: clocks, and so the order, can be wrong.

    >>> from jobs.review.review_messages import FlagEvent, Undo
    >>> flag = FlagEvent(event_id="e1", tweet_id=1, comment="")
    >>> [one.event_id for one in in_order([Undo(event_id="u1", tweet_id=1, undoes="e1"), flag])]
    ['e1', 'u1']
    """
    listed = list(events)
    positions = {event.event_id: position for position, event in enumerate(listed)}
    ranks = [
        max(position, positions.get(getattr(event, "undoes", ""), -1) + 0.5) for position, event in enumerate(listed)
    ]
    return [listed[position] for position in sorted(range(len(listed)), key=ranks.__getitem__)]


def can_never_be_stored(error: Exception) -> bool:
    """Whether sending the same event again can never succeed."""
    if isinstance(error, StoreError):
        return isinstance(error, NotFoundError | UnstorableError)
    return isinstance(error, EmoclfError)
