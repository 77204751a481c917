"""
Stores the events that a card sends, each in its own transaction, and reports the result of each.

The browser keeps an event until it is acknowledged, which happens after its commit. An event is refused only if it can
never be stored: it is malformed, or names an unknown tweet or label. After any other error the event waits and the
browser sends it again; a second copy of a stored event has no effect.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from emoclf.errors import EmoclfError, NotFoundError, StoreError, StoreUnavailableError, UnstorableError
from jobs import logs

Event = Mapping[str, Any]
PATIENCE = 2.0  # seconds that an event waits for other writers before the browser must send it again


class UnreadableEventError(EmoclfError):
    """An event does not have the form that cards send."""


@dataclass(frozen=True)
class Saved:
    """The results of the events in an outbox. Events in neither list wait and must be sent again."""

    acknowledged: list[str]  # event ids
    refused: list[dict[str, Any]]  # event_id, why; `theirs` if another reviewer decided first
    waiting: str = ""  # why events wait, in a few words; empty if none do
    is_away: bool = False  # whether they wait because the store is not writable now

    def tweets_of(self, events: Sequence[Event]) -> set[int]:
        """The tweets of the stored events."""
        stored = [e for e in events if isinstance(e, Mapping) and e.get("event_id") in self.acknowledged]
        return {event["tweet_id"] for event in stored if isinstance(event.get("tweet_id"), int)}


NOTHING = Saved([], [])


def save_each(store_name: str, events: Sequence[Event], save: Callable[[Event], None]) -> Saved:
    """Save events in order, an undo after the event it undoes. A waiting event delays later events of its tweet.

    Parameters
    ----------
    store_name : events for another store are skipped: the browser keeps them for that store
    save : stores one event or raises
    """
    acknowledged: list[str] = []
    refused: list[dict[str, Any]] = []
    waiting, is_away, held = "", False, set()
    for event in in_order([event for event in events if isinstance(event, Mapping)]):
        event_id, tweet = str(event.get("event_id", "")), str(event.get("tweet_id"))
        if event.get("store", store_name) != store_name or tweet in held:
            continue
        try:
            save(event)
            acknowledged.append(event_id)
        except StoreUnavailableError as away:
            waiting, is_away = away.why, True  # all further events would fail too
            break
        except Exception as error:  # noqa: BLE001 - a fault of the program must not cost a decision
            if can_never_be_stored(error):
                refused.append({"event_id": event_id, "why": str(error), **getattr(error, "details", {})})
                continue
            error_id = logs.log_unexpected(error, f"saving event {event_id[:40]!r}")
            held.add(tweet)
            words = str(error) if isinstance(error, EmoclfError) else "something unexpected went wrong"
            waiting = f"{words} (error {error_id})"
    return Saved(acknowledged, refused, waiting, is_away)


def in_order(events: Sequence[Event]) -> list[Event]:
    """The events in order, but each undo after the event it undoes: clocks, and so the order, can be wrong.

    >>> [event["event_id"] for event in in_order([{"event_id": "u1", "undoes": "e1"}, {"event_id": "e1"}])]
    ['e1', 'u1']
    """
    positions = {str(event.get("event_id")): i for i, event in enumerate(events)}
    ranks = [max(i, positions.get(str(event.get("undoes")), -1) + 0.5) for i, event in enumerate(events)]
    return [events[i] for i in sorted(range(len(events)), key=ranks.__getitem__)]


def can_never_be_stored(error: Exception) -> bool:
    """Whether sending the same event again can never succeed."""
    if isinstance(error, StoreError):
        return isinstance(error, NotFoundError | UnstorableError)
    return isinstance(error, EmoclfError)


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Convert errors while reading an event to `UnreadableEventError`; `what` names the event, such as "decision"."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as problem:
        raise UnreadableEventError(
            f"this {what} could not be read ({type(problem).__name__}: {problem}); it was not saved"
        ) from problem


def seconds_of(event: Event) -> float | None:
    """The seconds the reviewer looked at the tweet; None if the event has none."""
    return None if event.get("seconds") is None else float(event["seconds"])
