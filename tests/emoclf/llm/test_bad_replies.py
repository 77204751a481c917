"""Tests of servers that misbehave: whatever they send is one sentence or a valid answer, within limits."""

import copy
import gzip
import json
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from emoclf.environment import OPENAI_HOST, OPENAI_KEY
from emoclf.errors import EngineError, ReplyError
from emoclf.llm.answer_form import AnswerForm
from emoclf.llm.chat_model import Unscored
from emoclf.llm.labelling import label
from emoclf.llm.openai_client import Address, Patience, Server
from emoclf.llm.remote_model import RemoteChatModel
from tests.support.raw_server import Send, http, raw_server
from tests.support.scripted_server import HAPPY, TABLE, answer_to, completion

KEY = "sk-canary-2"
CHAT = [{"role": "user", "content": HAPPY}]
BOMB = gzip.compress(bytes(10_000_000))
GOOD = completion(answer_to(HAPPY, TABLE[HAPPY]), TABLE[HAPPY])[1]
ODD = [None, True, -1, 3.5, 10**400, "", "x\0\ud800", [], {}, [[]], {"a": 1}, float("nan"), float("inf"), -float("inf")]


def server_at(url: str, **limits: Any) -> Server:
    """A client with a key that never waits or tries again."""
    patience = Patience(tries=1, wait=lambda seconds: None, **limits)
    return Server(Address.of(f"openai:{url}#tiny"), patience, {OPENAI_KEY: KEY, OPENAI_HOST: url})


def is_one_sentence(message: str) -> bool:
    """Whether an error is short, printable, on one line, and without the key."""
    return 10 < len(message) < 500 and message.isprintable() and KEY not in message and "Traceback" not in message


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, one in inner for found in places(one, (*path, name)))]


def with_one_change(draw: random.Random) -> Any:
    """A chat completion in which one value is missing or of another kind."""
    wrapped = [copy.deepcopy(GOOD)]
    *above, last = (0, *draw.choice(places(GOOD)))
    holder: Any = wrapped
    for step in above:
        holder = holder[step]
    if above and draw.random() < 0.3:
        del holder[last]
    else:
        holder[last] = draw.choice(ODD)
    return wrapped[0]


def damaged(draw: random.Random) -> bytes:
    """The response of a server with one fault."""
    good = json.dumps(GOOD).encode()
    at = draw.randrange(1, len(good))
    body = json.dumps(with_one_change(draw)).encode()
    faults: list[Callable[[], bytes]] = [
        lambda: http(body),
        lambda: http(body),
        lambda: http(body),
        lambda: http(good[:at]),
        lambda: http(good[:at] + bytes([draw.randrange(128, 256)]) + good[at:]),
        lambda: http(draw.randbytes(at)),
        lambda: http(b"[" * 10_000 + b"]" * 10_000),
        lambda: http(b'{"choices":' * 10_000),
        lambda: http(f"<html>{KEY}</html>".encode(), draw.choice(["200 OK", "400 Bad", "404 No", "500 Oops"])),
        lambda: http(b"", draw.choice(["200 OK", "204 No Content", "302 Found", "401 No", "599 Odd"])),
        lambda: http(good, "307 Temporary Redirect", "Location: http://evil.test/v1"),
        lambda: http(BOMB, "200 OK", "Content-Encoding: gzip"),
        lambda: http(good)[: at + 50],
        lambda: draw.randbytes(at),
        lambda: b"",
    ]
    return draw.choice(faults)()


def send_once(reply: bytes, send: Send) -> None:
    """Send a whole response."""
    send(reply)


def test_two_hundred_bad_replies_are_each_a_sentence_or_a_valid_answer() -> None:
    draw = random.Random(13)
    replies = [damaged(draw) for _ in range(200)]
    valid = 0
    with raw_server(lambda send: None) as server:
        model = RemoteChatModel(server_at(server.url, timeout=5, total=10), at_once=1)
        model.__dict__["form"] = AnswerForm({}, graded=True)  # agreed on before
        for number, reply in enumerate(replies):
            server.behaviour = partial(send_once, reply)
            try:
                [result] = label(model, [HAPPY])
            except EngineError as error:
                result = Unscored(str(error))
            if isinstance(result, Unscored):
                assert is_one_sentence(result.reason), (number, result.reason, reply[:200])
            else:
                valid += 1
                assert np.all((result >= 0) & (result <= 1)), (number, reply[:200])
        assert all(request.count(KEY.encode()) == 1 for request in server.requests)
    assert 5 < valid < 100  # a change of a field that is not read leaves a valid answer


@pytest.mark.parametrize(
    "body", [json.dumps(one).encode() for one in ODD[1:7]] + [b"[" * 10_000, b"\xff", b"<html>", b""]
)
def test_a_list_of_models_that_cannot_be_read_counts_as_none(body: bytes) -> None:
    with raw_server(lambda send: send(http(body))) as server:
        assert server_at(server.url).models() == []


def hold(send: Send) -> None:
    """Keep the connection open until the client has gone, sending a byte of a header now and then."""
    pause = threading.Event()
    while True:
        pause.wait(0.02)
        send(b"a")


@pytest.mark.parametrize("method", ["reply", "stream", "models"])
def test_a_reply_that_never_ends_is_cut_off_by_its_size(method: str) -> None:
    def endless(send: Send) -> None:
        send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            send(b"data: {}\n" * 1000)

    with raw_server(endless) as server, pytest.raises(EngineError, match="more than 50,000 bytes") as error:
        call(server_at(server.url, most_bytes=50_000), method)
    assert is_one_sentence(str(error.value))


@pytest.mark.parametrize("method", ["reply", "stream", "models"])
@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["none", "head", "body"]
)
def test_a_reply_that_drips_is_cut_off_by_its_total_time(method: str, start: bytes) -> None:
    def dripping(send: Send) -> None:
        send(start)
        hold(send)

    with raw_server(dripping) as server, pytest.raises(EngineError, match=r"more than 0\.2 seconds") as error:
        call(server_at(server.url, total=0.2), method)
    assert is_one_sentence(str(error.value))


def test_a_small_compressed_reply_cannot_fill_the_memory() -> None:
    bomb = http(BOMB, "200 OK", "Content-Encoding: gzip")
    with raw_server(lambda send: send(bomb)) as server, pytest.raises(ReplyError, match="compressed reply"):
        server_at(server.url).reply(CHAT, 5)
    assert b"accept-encoding: identity" in server.requests[0].lower()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
@pytest.mark.parametrize("method", ["reply", "stream", "models"])
def test_a_redirect_is_not_followed(method: str, status: str) -> None:
    with raw_server(lambda send: send(http(b""))) as other:
        moved = http(b"", status, f"Location: {other.url}")
        with raw_server(lambda send: send(moved)) as server, pytest.raises(EngineError, match="is not followed; name"):
            call(server_at(server.url), method)
        assert other.requests == []


def test_a_server_that_repeats_its_key_does_not_get_it_into_a_reply() -> None:
    answer = http(json.dumps({"choices": [{"message": {"content": f"Bearer {KEY} \ud800\0"}}]}).encode())
    with raw_server(lambda send: send(answer)) as server:
        assert server_at(server.url).reply(CHAT, 5).text == "Bearer … \ufffd\ufffd"


def test_a_proxy_does_not_see_what_is_sent_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(lambda send: send(http(b"{}"))) as proxy, raw_server(lambda send: send(http(b"{}"))) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        server_at(server.url).models()
        assert (len(proxy.requests), len(server.requests)) == (0, 1)


def call(server: Server, method: str) -> Any:
    """Ask a server in one of the three ways."""
    if method == "models":
        return server.models()
    if method == "stream":
        return list(server.stream(CHAT, 5))
    return server.reply(CHAT, 5)
