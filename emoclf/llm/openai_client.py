"""
The client of an OpenAI-compatible server, with retries and increasing pauses if the server is busy or failing.

The key comes from the environment (`EMOCLF_OPENAI_KEY`) and is used only in requests: it is never stored, logged or
shown in a message.
"""

import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from emoclf.environment import CURRENT, OPENAI_KEY, Env, openai_key
from emoclf.errors import EngineError, ModelError, RefusedError, ReplyError
from emoclf.llm.replies import Reply, Token

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
    timeout: float = 180.0  # seconds for one reply: a CPU may be writing eight at once
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
        found = re.fullmatch(r"(https?://)([^/?#]+)([^?#]*)(\?.*)?", url.rstrip("/"))
        if scheme != "openai" or not found:
            raise ModelError(f"{_without_secrets(uri)!r} does not name a server and a model; write it like {EXAMPLE}")
        if "@" in found[2] or found[4]:
            raise ModelError(
                f"{_without_secrets(uri)!r} holds a password or a query; put the key into {OPENAI_KEY} instead"
            )
        return cls(url.rstrip("/"), model)

    @property
    def host(self) -> str:
        """The host and port that tweets are sent to."""
        return self.url.split("/")[2]


class Server:
    """One model on one server."""

    def __init__(self, address: Address, patience: Patience | None = None, env: Env = CURRENT) -> None:
        self.address = address
        self.patience = patience or Patience()
        self._key = openai_key(env)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = httpx2.Timeout(self.patience.timeout, connect=10.0)
        limits = httpx2.Limits(max_keepalive_connections=0)  # no connection stays open that would have to be closed
        self._client = httpx2.Client(headers=headers, timeout=timeout, limits=limits)

    def models(self) -> list[str]:
        """Return the names of the server's models; empty if it does not list any.

        Raises
        ------
        EngineError : if there is no server, or it requires another key
        """
        try:
            response = self._client.get(f"{self.address.url}/models", timeout=10.0)
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise EngineError(
                f"no server answers at {self.address.url} ({type(error).__name__}); start it, or correct the address"
            ) from error
        if response.status_code in (401, 403):
            raise self._refusal(response)
        try:
            return [str(entry["id"]) for entry in response.json()["data"]]
        except (ValueError, KeyError, TypeError):
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
            with self._client.stream("POST", self._endpoint, json=body) as response:
                if response.status_code != 200:
                    response.read()
                    raise self._refusal(response)
                for line in response.iter_lines():
                    yield from _piece(line)
        except httpx2.TransportError as error:
            raise ReplyError(f"{self.address.url} {_trouble(error, self.patience)}") from error

    def _body(self, messages: Sequence[Message], max_tokens: int, form: Mapping[str, Any]) -> dict[str, Any]:
        plain = {"model": self.address.model, "messages": list(messages), "max_tokens": max_tokens, "temperature": 0}
        return {**plain, **form}

    @property
    def _endpoint(self) -> str:
        return f"{self.address.url}/chat/completions"

    def _ask(self, body: dict[str, Any]) -> Reply:
        for attempt in range(1, self.patience.tries + 1):
            asked_to_wait = 0.0
            try:
                response = self._client.post(self._endpoint, json=body)
                if response.status_code == 200:
                    return _reply(response.json())
                if response.status_code not in AGAIN:
                    raise self._refusal(response)
                trouble, asked_to_wait = f"answered {response.status_code}", _retry_after(response)
            except httpx2.TransportError as error:
                trouble = _trouble(error, self.patience)
            except (ValueError, KeyError, TypeError, IndexError):
                trouble = "answered with something that is not a chat completion"
            if attempt < self.patience.tries:
                pause = max(asked_to_wait, self.patience.pause * 2 ** (attempt - 1))
                self.patience.wait(min(pause, self.patience.longest_pause))
        kind = RefusedError if trouble == "answered 500" else ReplyError  # some servers answer 500 to an unknown form
        raise kind(f"{self.address.url} {trouble}, asked {self.patience.tries} times")

    def _refusal(self, response: httpx2.Response) -> EngineError:
        where, status = self.address.url, response.status_code
        if status in (401, 403):
            state = "refused the key in" if self._key else "needs a key; put it into"
            return EngineError(f"{where} {state} {OPENAI_KEY} ({status})")
        words = " ".join(response.text.split())[:_SHOWN]
        message = words.replace(self._key, "…") if self._key else words
        if status == 404:
            return EngineError(f"{where} has no model {self.address.model!r}, or no /chat/completions ({message})")
        return RefusedError(f"{where} refused the request ({status}: {message})")


def _reply(answer: Any) -> Reply:
    choice = answer["choices"][0]
    text = choice["message"]["content"] or ""
    pieces = (choice.get("logprobs") or {}).get("content") or []
    tokens = [
        Token(
            str(piece["token"]),
            {
                str(one["token"]): float(one["logprob"])
                for one in [*(piece.get("top_logprobs") or []), piece]
                if one["logprob"] is not None and not math.isnan(one["logprob"])
            },
        )
        for piece in pieces
    ]
    return Reply(str(text), tokens)


def _piece(line: str) -> Iterator[str]:
    """Return the text in one line of a stream of server-sent events."""
    data = line.removeprefix("data:").strip()
    if not line.startswith("data:") or data == "[DONE]":
        return
    try:
        choices = json.loads(data)["choices"]
        if choices and (text := choices[0]["delta"].get("content")):
            yield str(text)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReplyError("the server streams something that is not a chat completion") from error


def _trouble(error: httpx2.TransportError, patience: Patience) -> str:
    if isinstance(error, httpx2.ConnectError):
        return "cannot be reached"
    if isinstance(error, httpx2.TimeoutException):
        return f"was silent for {patience.timeout:g} seconds"
    return f"cut the connection ({type(error).__name__})"


def _retry_after(response: httpx2.Response) -> float:
    """Return the seconds that a busy server asks for; 0 if it gives none, or a date."""
    asked = response.headers.get("Retry-After", "")
    return float(asked) if re.fullmatch(r"\d+(\.\d+)?", asked) else 0.0


def _without_secrets(uri: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", uri.partition("?")[0])
