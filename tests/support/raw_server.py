"""A server that answers every request with given bytes, whether or not they are HTTP."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Send = Callable[[bytes], None]
Behaviour = Callable[[Send], None]  # sends what it likes; the connection is closed when it returns


class RawServer:
    """What the server does with the next requests, and the requests that it got."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[bytes] = []
        self.url = ""


@contextmanager
def raw_server(behaviour: Behaviour) -> Iterator[RawServer]:
    """Serve until the end of the block, one request at a time."""
    server = RawServer(behaviour)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        thread = threading.Thread(target=_serve, args=(listening, server))
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # wakes `accept`
            thread.join()


def _serve(listening: socket.socket, server: RawServer) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, suppress(OSError):  # the client has gone
            server.requests.append(_request(connection))
            server.behaviour(connection.sendall)


def _request(connection: socket.socket) -> bytes:
    """The whole of one request."""
    with connection.makefile("rb") as stream:
        head = b"".join(iter(stream.readline, b"\r\n"))
        length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")), 0)
        return head + stream.read(length)


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A complete HTTP response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body
