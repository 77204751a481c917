"""
Sends a request to a server that is not trusted: its reply is limited in bytes and in total time, and never followed.

A time-out of a socket alone does not limit a reply, since a server may send one byte a second for ever. So a timer
shuts the connection down, also while headers are sent. Compressed replies are refused: a small one could fill the
memory.
"""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from emoclf.errors import ReplyError


class OverLimitError(ReplyError):
    """A reply is too large, takes too long, or comes in a form that cannot be limited."""


class Answer:
    """A reply whose body has not been read yet."""

    def __init__(self, response: httpx2.Response, most_bytes: int) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._most_bytes = most_bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the body; raise OverLimitError if it is too large or compressed."""
        if self.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise OverLimitError("sends a compressed reply, which was not asked for")
        read = 0
        for chunk in self._response.iter_raw():
            read += len(chunk)
            if read > self._most_bytes:
                raise OverLimitError(f"sends more than {self._most_bytes:,} bytes in one reply")
            yield chunk

    def body(self) -> bytes:
        """Return the whole body, see `chunks`."""
        return b"".join(self.chunks())

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the body as they arrive, see `chunks`."""
        rest: list[bytes] = []
        for chunk in self.chunks():
            *ended, last = chunk.split(b"\n")
            for line in ended:
                yield b"".join([*rest, line])
                rest = []
            rest.append(last)
        yield b"".join(rest)


class _Deadline:
    """Shuts a request's connection down when its time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def check(self) -> None:
        """Raise OverLimitError if the time is over; a body that was cut by it can look complete."""
        if self.is_over:
            raise OverLimitError(f"takes more than {self.seconds:g} seconds for one reply")

    def trace(self, event: str, details: Mapping[str, Any]) -> None:
        """Note the connection when it is made, and again when it is encrypted; an extension of httpx2."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            connection = details["return_value"].get_extra_info("socket")
            with self._lock:
                self._sockets.append(connection)
            if self.is_over:
                self._end()

    def _end(self) -> None:
        self.is_over = True
        with self._lock:
            for connection in self._sockets:
                with suppress(OSError):  # closed, or replaced by the encrypted one
                    connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def answered(
    client: httpx2.Client, method: str, url: str, seconds: float, most_bytes: int, **request: Any
) -> Iterator[Answer]:
    """Send a request and give its answer; `request` holds further arguments of `httpx2.Client.stream`.

    Raises
    ------
    OverLimitError : if the reply is too large, takes longer than `seconds`, or is compressed
    httpx2.TransportError : if there is no reply
    """
    with _Deadline(seconds) as deadline:
        try:
            headers, extensions = {"Accept-Encoding": "identity"}, {"trace": deadline.trace}
            with client.stream(
                method, url, headers=headers, extensions=extensions, follow_redirects=False, **request
            ) as response:
                yield Answer(response, most_bytes)
                deadline.check()
        except (httpx2.TransportError, ValueError):
            deadline.check()
            raise


def parsed(body: bytes) -> Any:
    """Return the value of a JSON text; raise ValueError if it is none, or nested so deeply that it cannot be read."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
