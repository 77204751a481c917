"""Records the events of all browsers, and compares them with the store."""

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from db.store import Store
from db.tables.core import DecisionRow, TweetRow
from emoclf.errors import StoreUnavailableError
from emoclf.labels import EMOTIONS


@dataclass
class RecordedEvent:
    """An event of a reviewer, and the tweet on the screen at that time."""

    reviewer: str
    event: dict[str, Any]
    text: str


@dataclass
class EventLog:
    """Reports of the browsers, by event id; `faults` counts violations."""

    store: Store
    events: dict[str, RecordedEvent] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)  # refused, and confirmed by the reviewer
    unchecked: set[str] = field(default_factory=set)  # removed from the browser while the store was unavailable
    faults: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    header_checks: int = 0
    superseded: int = 0  # decisions refused because another reviewer was first, which the reviewer was told
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, reviewer: str, what: str, data: dict[str, Any]) -> None:
        """Record that an event was created, found in the storage of an earlier page, or removed from the browser."""
        with self.lock:
            if what == "let go":
                self._release(data["event_id"])
            else:
                self.events.setdefault(
                    data["event"]["event_id"], RecordedEvent(reviewer, data["event"], data.get("text", ""))
                )

    def _release(self, event_id: str) -> None:
        self.released.add(event_id)
        try:
            is_lost = event_id not in stored(self.store, [event_id]) and not self.is_settled(event_id)
        except StoreUnavailableError:
            self.unchecked.add(event_id)  # checked again by `close`
            return
        if is_lost:
            self.fault("let go by the browser and not in the store", f"event {event_id}")

    def is_settled(self, event_id: str) -> bool:
        """Whether another reviewer was first, and this one has confirmed that or decided again."""
        if event_id in self.confirmed:
            return True
        own = self.events.get(event_id)
        if own and any(one.event.get("undoes") == event_id for one in self.events.values()):
            return True  # undone by its reviewer before it was refused
        if own and own.event.get("undoes") in self.events:
            return self.is_settled(own.event["undoes"])
        return own is not None and any(
            one.event["tweet_id"] == own.event["tweet_id"] and one.reviewer == own.reviewer and one.event.get("seen")
            for other, one in self.events.items()
            if other != event_id
        )

    def fault(self, kind: str, example: str) -> None:
        """Count a violation, and keep a few examples."""
        self.faults[kind] += 1
        self.examples = [*self.examples, f"{kind}: {example}"][:20]

    def check_header(self, store: Store, reviewer: str, shown: dict[str, Any]) -> None:
        """Check a header that says "saved": nothing waits in the browser, and all its events are in the store."""
        self.header_checks += 1
        if shown["state"] != "saved":
            return
        if shown["pending"]:
            self.fault("header says saved while something waits", f"{reviewer}: {shown['pending']}")
        with self.lock:
            own = [event_id for event_id, one in self.events.items() if one.reviewer == reviewer]
        try:
            missing = set(own) - stored(store, own) - self.released
        except StoreUnavailableError:
            return
        if missing:
            self.fault("header says saved and the store lacks it", f"{reviewer}: {sorted(missing)[:3]}")

    def close(self) -> None:
        """After recovery, check that every event is in the store once, on its own tweet, with its labels."""
        with self.store.reading() as session:
            columns = (DecisionRow.event_id, DecisionRow.tweet_id, DecisionRow.kind, DecisionRow.labels)
            rows = select(*columns, DecisionRow.reviewer, TweetRow.key).join(
                TweetRow, TweetRow.id == DecisionRow.tweet_id
            )
            found = session.execute(rows.where(DecisionRow.batch_id.is_(None))).all()
        by_id = {row.event_id: row for row in found}
        if len(by_id) != len(found):
            self.fault("stored twice", f"{len(found) - len(by_id)} rows")
        for event_id, one in self.events.items():
            row = by_id.get(event_id)
            if row is None and self.is_settled(event_id):
                self.superseded += 1
            elif row is None:
                self.fault("made and not in the store", f"event {event_id} of {one.reviewer}")
            elif not _matches(row, one):
                self.fault("stored on another tweet, or with other labels", f"event {event_id} of {one.reviewer}")
        for event_id in set(by_id) - set(self.events):
            if not event_id.startswith("sample "):
                self.fault("in the store and made by nobody", f"event {event_id}")


def _matches(row: Any, one: RecordedEvent) -> bool:
    if row.reviewer != one.reviewer or row.tweet_id != one.event["tweet_id"] or row.kind != one.event["kind"]:
        return False
    if row.kind != "decide":
        return True
    number = re.search(r"\d+$", one.text)  # the tweet on the screen; unknown if an earlier page made the event
    is_own = number is None or row.key == f"k{number.group()}"
    return is_own and row.labels == EMOTIONS.check(one.event["labels"])


def stored(store: Store, event_ids: list[str]) -> set[str]:
    """Which of these events are decisions in the store."""
    with store.reading() as session:
        return {
            event_id
            for start in range(0, len(event_ids), 500)
            for event_id in session.scalars(
                select(DecisionRow.event_id).where(DecisionRow.event_id.in_(event_ids[start : start + 500]))
            )
        }
