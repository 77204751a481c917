"""
Sessions of the real app without a browser: each speaks Streamlit's protocol over a WebSocket, as the review card does.

A session opens the Review page, reads the card's data from the messages of the server, and sends the card's outbox
until its events are acknowledged. What a browser adds, drawing and its storage, is left to `benchmarks.drill`.
"""

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from ui.reviewer import COOKIE

CARD = "emoclf_review_card"
PAGE = "review"
TRIES = 10  # how often an event is sent
SILENCE_SECONDS = 15.0  # after which an event is sent again; a loaded machine answers late
OPEN_SECONDS = 120.0
LARGEST = 64_000_000  # bytes of a message


class Session:
    """One tab with the Review page."""

    def __init__(self, connection: ClientConnection, labels: Sequence[str]) -> None:
        self.connection, self.labels = connection, labels
        self.card_id, self.data, self.page = "", dict[str, Any](), ""
        self.made: dict[str, int] = {}  # tweet by event
        self.settled, self.refused = set[str](), set[str]()  # events

    @classmethod
    async def open(cls, port: int, reviewer: str, labels: Sequence[str]) -> "Session":
        """Open the page in the name of a reviewer."""
        connection = await connect(
            f"ws://localhost:{port}/_stcore/stream",
            additional_headers={"Cookie": f"{COOKIE}={quote(reviewer)}"},
            origin=f"http://localhost:{port}",  # type: ignore[arg-type]
            max_size=LARGEST,
            open_timeout=OPEN_SECONDS,
        )
        session = cls(connection, labels)
        await session._send({})
        async with asyncio.timeout(OPEN_SECONDS):
            while not session.card_id:  # a first run without the card is followed by another one
                await session._read_run()
        return session

    async def decide(self) -> bool:
        """Decide the next tweet and send the event until it is acknowledged; False if there is no tweet left."""
        seen = set(self.made.values())
        waiting = [one for one in self.data.get("tweets", []) if one["id"] not in seen]
        if not waiting:
            return False
        event = self._event(waiting[0])
        self.made[event["event_id"]] = waiting[0]["id"]
        for attempt in range(TRIES):  # numbered, because Streamlit reports only changed values to Python
            await self._send({"outbox": [event | {"attempt": attempt}], "skipped": []})
            if await self._is_settled(event["event_id"]):
                return True
        raise AssertionError(f"an event was neither acknowledged nor refused: {self.data.get('away')}")

    async def _is_settled(self, event_id: str) -> bool:
        """Read answers until one settles the event, or none comes any more."""
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                while event_id not in self.settled:
                    await self._read_run()
        except TimeoutError:
            return False
        return True

    def _event(self, tweet: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "event_id": str(uuid.uuid4()),
            "kind": "decide",
            "tweet_id": tweet["id"],
            "seen": None,
            "labels": list(self.labels),
            "shown": {"original": [], "suggestion": None, "prediction": None},
            "seconds": 2.0,
        }

    async def _send(self, state: Mapping[str, Any]) -> None:
        """Rerun the page with the state of the card."""
        message = BackMsg()
        message.rerun_script.query_string = "split=train"
        message.rerun_script.page_name = "" if self.page else PAGE
        message.rerun_script.page_script_hash = self.page
        if self.card_id:
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id, widget.json_value = self.card_id, json.dumps(state)
        await self.connection.send(message.SerializeToString())

    async def _read_run(self) -> None:
        """Read messages until a run of the script has ended."""
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(bytes(await self.connection.recv()))  # type: ignore[arg-type]
            self._read(answer)
            if answer.WhichOneof("type") == "script_finished":
                return

    def _read(self, answer: ForwardMsg) -> None:
        kind = answer.WhichOneof("type")
        if kind == "navigation":
            self.page = answer.navigation.page_script_hash
        if kind != "delta" or answer.delta.WhichOneof("type") != "new_element":
            return
        element = answer.delta.new_element
        if element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == CARD:
            self.card_id = element.bidi_component.id
            self.data = json.loads(element.bidi_component.json)
            refused = [one["event_id"] for one in self.data.get("refused", [])]
            self.settled |= {*self.data.get("acknowledged", []), *refused}
            self.refused |= set(refused)
