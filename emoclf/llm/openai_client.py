"""
The client of an OpenAI-compatible server, with retries and increasing pauses if the server is busy or failing.

A server gets a key only if one is configured for it (`emoclf.llm.servers`). The key is used only in requests: it is
never stored, logged or shown in a message. What a server sends is limited in bytes and time, and read as data.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx2

from emoclf.environment import CURRENT, OPENAI_HOST, OPENAI_KEY, Env
from emoclf.errors import EngineError, ModelError, RefusedError, ReplyError
from emoclf.llm import completions
from emoclf.llm.limited_http import Answer, OverLimitError, answered
from emoclf.llm.replies import Reply
from emoclf.llm.servers import Origin, key_for

AGAIN = (408, 425, 429, 500, 502, 503, 504)  # status codes after which the same request may succeed
EXAMPLE = "openai:http://localhost:8000/v1#Qwen/Qwen2.5-7B-Instruct"
_SHOWN = 200  # characters of a server's own error text in a message

Message = Mapping[str, str]


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, and how often to retry."""

    tries: int = 4
    pause: float = 1.0  # seconds before the first retry, doubled before each further one
    longest_pause: float = 30.0  # seconds, whatever the server asks for
    timeout: float = 180.0  # seconds of silence: a CPU may be writing eight replies at once
    total: float = 600.0  # seconds for one reply, however steadily it arrives
    most_bytes: int = 8_000_000  # of one reply; a list of all models of a large provider takes one million
    wait: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Address:
    """The address of a server and the name of a model on it; `model` is empty if the URI omits it."""

    url: str
    model: str

    @classmethod
    def of(cls, uri: str) -> "Address":
        """Parse `openai:http://host:port/v1#model`.

        >>> Address.of("openai:http://localhost:8000/v1#Qwen/Qwen3-8B")
        Address(url='http://localhost:8000/v1', model='Qwen/Qwen3-8B')

        Raises
        ------
        ModelError : if it is invalid, or contains a password, which would be stored with it
        """
        scheme, _, rest = uri.partition(":")
        url, _, model = rest.partition("#")
        url = url.rstrip("/")
        found = re.fullmatch(r"https?://([^/?#]+)([^?#]*)(\?.*)?", url)
        if found and ("@" in found[1] or found[3]):
            raise ModelError(
                f"{_without_secrets(uri)!r} holds a password or a query; put the key into {OPENAI_KEY} and the server "
                f"into {OPENAI_HOST} instead"
            )
        try:
            if scheme != "openai":
                raise ValueError(scheme)
            Origin.of(url)
        except ValueError as error:
            raise ModelError(
                f"{_without_secrets(uri)!r} does not name a server and a model; write it like {EXAMPLE}"
            ) from error
        return cls(url, model)

    @property
    def origin(self) -> Origin:
        """The scheme, host and port that tweets are sent to."""
        return Origin.of(self.url)

    @property
    def host(self) -> str:
        """The host and port that tweets are sent to, as they are written in the URI."""
        return self.url.split("/")[2]


class Server:
    """One model on one server.

    Raises
    ------
    SettingError : if a key is configured without its server
    ModelError : if the server has a key that would be readable on the way
    """

    def __init__(self, address: Address, patience: Patience | None = None, env: Env = CURRENT) -> None:
        self.address = address
        self.patience = patience or Patience()
        self._key = key_for(address.url, env)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = httpx2.Timeout(self.patience.timeout, connect=10.0)
        limits = httpx2.Limits(max_keepalive_connections=0)  # no connection stays open that would have to be closed
        # A proxy would see what is sent to this machine over plain HTTP.
        is_direct = address.origin.is_this_machine
        self._client = httpx2.Client(headers=headers, timeout=timeout, limits=limits, trust_env=not is_direct)

    def models(self) -> list[str]:
        """Return the names of the server's models; empty if it does not list any.

        Raises
        ------
        EngineError : if there is no server, or it requires another key
        """
        try:
            with self._answered("GET", "/models", timeout=10.0) as answer:
                if answer.status in (401, 403) or 300 <= answer.status < 400:
                    raise self._refusal(answer)
                return [self._hidden(name) for name in completions.read_models(answer.body())]
        except OverLimitError as error:
            raise EngineError(f"{self.address.url} {error}; check that the address is right") from error
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise EngineError(
                f"no server answers at {self.address.url} ({type(error).__name__}); start it, or correct the address"
            ) from error
        except ValueError:
            return []

    def reply(self, messages: Sequence[Message], max_tokens: int, **form: Any) -> Reply:
        """Return the model's deterministic reply to `messages`; `form` holds further fields of the request.

        Raises
        ------
        RefusedError : if the server does not support the request
        ReplyError : if there is no readable reply after several attempts
        EngineError : if the server would answer no request like this one
        """
        return self._ask(self._body(messages, max_tokens, form))

    def stream(self, messages: Sequence[Message], max_tokens: int, **form: Any) -> Iterator[str]:
        """Yield the reply in pieces as it is written; an interrupted stream is not retried."""
        body = self._body(messages, max_tokens, {"stream": True, **form})
        try:
            with self._answered("POST", "/chat/completions", json=body) as answer:
                if answer.status != 200:
                    raise self._refusal(answer)
                for line in answer.lines():
                    if piece := completions.read_piece(line):
                        yield self._hidden(piece)
        except OverLimitError as error:
            raise ReplyError(f"{self.address.url} {error}") from error
        except httpx2.TransportError as error:
            raise ReplyError(f"{self.address.url} {_trouble(error, self.patience)}") from error
        except ValueError as error:
            raise ReplyError(f"{self.address.url} streams something that is not a chat completion") from error

    def _body(self, messages: Sequence[Message], max_tokens: int, form: Mapping[str, Any]) -> dict[str, Any]:
        plain = {"model": self.address.model, "messages": list(messages), "max_tokens": max_tokens, "temperature": 0}
        return {**plain, **form}

    def _answered(self, method: str, path: str, **request: Any) -> AbstractContextManager[Answer]:
        limits = self.patience.total, self.patience.most_bytes
        return answered(self._client, method, f"{self.address.url}{path}", *limits, **request)

    def _hidden(self, text: str) -> str:
        """Return a text of the server without the key, which it knows."""
        return text.replace(self._key, "…") if self._key else text

    def _ask(self, body: dict[str, Any]) -> Reply:
        for attempt in range(1, self.patience.tries + 1):
            asked_to_wait = 0.0
            try:
                with self._answered("POST", "/chat/completions", json=body) as answer:
                    if answer.status == 200:
                        reply = completions.read_completion(answer.body())
                        return Reply(self._hidden(reply.text), reply.tokens)
                    if answer.status not in AGAIN:
                        raise self._refusal(answer)
                    trouble, asked_to_wait = f"answered {answer.status}", _retry_after(answer)
            except OverLimitError as error:  # it would do so again
                raise ReplyError(f"{self.address.url} {error}") from error
            except httpx2.TransportError as error:
                trouble = _trouble(error, self.patience)
            except ValueError:
                trouble = "answered with something that is not a chat completion"
            if attempt < self.patience.tries:
                pause = max(asked_to_wait, self.patience.pause * 2 ** (attempt - 1))
                self.patience.wait(min(pause, self.patience.longest_pause))
        kind = RefusedError if trouble == "answered 500" else ReplyError  # some servers answer 500 to an unknown form
        raise kind(f"{self.address.url} {trouble}, asked {self.patience.tries} times")

    def _refusal(self, answer: Answer) -> EngineError:
        where, status = self.address.url, answer.status
        if status in (401, 403):
            if self._key:
                return EngineError(f"{where} refused the key of {self.address.origin} ({status}); correct it")
            return EngineError(
                f"{where} needs a key ({status}); put it into {OPENAI_KEY} and the server into {OPENAI_HOST}"
            )
        if 300 <= status < 400:
            return EngineError(
                f"{where} sends requests on to another address ({status}), which is not followed; name that address if "
                "you trust it"
            )
        words = " ".join(answer.body().decode("utf-8", "replace").split())
        message = self._hidden(words)[:_SHOWN]
        if status == 404:
            return EngineError(f"{where} has no model {self.address.model!r}, or no /chat/completions ({message})")
        return RefusedError(f"{where} refused the request ({status}: {message})")


def _trouble(error: httpx2.TransportError, patience: Patience) -> str:
    if isinstance(error, httpx2.ConnectError):
        return "cannot be reached"
    if isinstance(error, httpx2.TimeoutException):
        return f"was silent for {patience.timeout:g} seconds"
    return f"cut the connection ({type(error).__name__})"


def _retry_after(answer: Answer) -> float:
    """Return the seconds that a busy server asks for; 0 if it gives none, or a date."""
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if re.fullmatch(r"\d+(\.\d+)?", asked) else 0.0


def _without_secrets(uri: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", uri.partition("?")[0])
