"""
Stores events that a card posts to the server directly, without a run of its page.

A run of the page computes all that the page shows, and the browser draws it again, which takes longer than a key press
should. So a card posts its events to `PATH`, and is told which of them are stored. All else takes the way through the
page: events that are refused or must wait are sent again that way, and the next tweets come with the next run.

A session has a mailbox for each card, known by a secret token that only its page has: other websites cannot post, and a
mailbox ends with its session. After a restart the token is unknown, and the card sends its events through the page.
"""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from weakref import WeakValueDictionary

import msgspec
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from jobs.review.events import NOTHING, Saved

PATH = "/emoclf/events"
LARGEST = 10_000_000  # bytes of a message; an outbox of a thousand decisions has about one
REMEMBERED = 200  # events; a card asks for a run of its page long before it has posted as many
_open: "WeakValueDictionary[str, Mailbox]" = WeakValueDictionary()


class Mailbox:
    """The events that one card of one session has posted."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.save: Callable[[Sequence[object]], Saved] = lambda outbox: NOTHING
        self._lock = threading.Lock()
        self._stored: deque[str] = deque(maxlen=REMEMBERED)
        self._tweet_ids: set[int] = set()

    def post(self, outbox: Sequence[object]) -> list[str]:
        """Store events; return the ids of those that are stored."""
        saved = self.save(outbox)
        with self._lock:
            self._stored.extend(saved.acknowledged)
            self._tweet_ids |= saved.tweet_ids
        return saved.acknowledged

    def collect(self) -> Saved:
        """The newest events that were posted and stored, and the tweets of those posted since the last call."""
        with self._lock:
            tweet_ids, self._tweet_ids = self._tweet_ids, set()
            return Saved(list(self._stored), [], tweet_ids=tweet_ids)


def mailbox(key: str, save: Callable[[Sequence[object]], Saved]) -> Mailbox:
    """The mailbox of this session's card `key`, which stores events with `save` from now on."""
    found: Mailbox = st.session_state.setdefault(f"{key}-mailbox", Mailbox())
    found.save = save
    _open[found.token] = found
    return found


class _Post(msgspec.Struct):
    """What a card posts."""

    token: str
    outbox: list[object]


async def _receive(request: Request) -> JSONResponse:
    """Store posted events. On any other answer than 200 the card sends them through its page."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return JSONResponse({"error": f"a message has at most {LARGEST:,} bytes"}, 413)
    try:
        message = msgspec.json.decode(bytes(body), type=_Post)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return JSONResponse({"error": "expected a token and an outbox as JSON"}, 400)
    found = _open.get(message.token)
    if found is None:
        return JSONResponse({"error": "this page is unknown since the app was restarted; it sends again"}, 404)
    return JSONResponse({"acknowledged": await run_in_threadpool(found.post, message.outbox)})


ROUTE = Route(PATH, _receive, methods=["POST"])
