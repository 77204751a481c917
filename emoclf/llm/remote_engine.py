"""
The engine for OpenAI-compatible servers, with probabilities if the server returns log-probabilities.

Servers support different features, so an invented test tweet is sent first, in the best form and then in simpler ones,
until the server supports one.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np

from emoclf.environment import CURRENT, Env, openai_requests_at_once
from emoclf.errors import EngineError, ModelError, RefusedError, ReplyError
from emoclf.llm.engine import Unscored
from emoclf.llm.openai_client import Address, Patience, Server
from emoclf.llm.prompts import ANSWER_SCHEMA, ANSWERING, YES_NO, LabelPrompt, fenced
from emoclf.llm.replies import Reply, read_answers

MAX_TOKENS = 250  # eleven answers as JSON take 60 to 90
MAX_CHARACTERS = 2000  # of a tweet; longer ones are truncated
SILENT = 8  # consecutive tweets without any answer before the server counts as unreachable
GARBLED_TRIES = 2  # unreadable replies before a tweet is given up

TRIAL = "What a lovely morning, I could sing!"
SCHEMA_FORM = {"type": "json_schema", "json_schema": {"name": "emotions", "strict": True, "schema": ANSWER_SCHEMA}}
FORMATS: tuple[dict[str, Any], ...] = (
    {"response_format": SCHEMA_FORM},
    {"response_format": {"type": "json_object"}},
    {},
)
CHANCES: tuple[dict[str, Any], ...] = ({"logprobs": True, "top_logprobs": 5}, {})
# Qwen3 thinks unless its template disables it; OpenAI's own server rejects unknown fields.
QUIET: tuple[dict[str, Any], ...] = ({"chat_template_kwargs": {"enable_thinking": False}}, {})


class RemoteEngine:
    """A chat model on an OpenAI-compatible server that returns one JSON object per tweet."""

    def __init__(self, server: Server, form: Mapping[str, Any], graded: bool, at_once: int = 8) -> None:
        self.server = server
        self.form = form
        self.graded = graded
        self.at_once = at_once
        self.name = f"{server.address.model}@{server.address.host}"
        self.prompt_version = ANSWERING.version + ("" if graded else YES_NO)

    @classmethod
    def open(cls, uri: str, patience: Patience | None = None, env: Env = CURRENT) -> "RemoteEngine":
        """Connect to the server of an `openai:` URI and find out which features it supports.

        Raises
        ------
        ModelError : if the URI names no model of the server
        EngineError : if no server answers, or none of its answers is usable
        """
        server = open_server(uri, patience, env)
        form, graded = agree_on_form(server)
        return cls(server, form, graded, openai_requests_at_once(env))

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, see `Engine.score`; at most `at_once` requests run at a time."""
        silent = 0
        for result in self._in_order(texts):
            silent = silent + 1 if isinstance(result, _Silence) else 0
            if isinstance(result, _Silence) and silent == SILENT:
                raise EngineError(f"{result.reason}, for {silent} tweets in a row; check the server, then resume")
            yield result

    def _in_order(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield the results in the order of the texts, computed slightly ahead of the consumer."""
        pool = ThreadPoolExecutor(self.at_once)
        ahead: deque[Future[np.ndarray | Unscored]] = deque()
        try:
            for text in texts:
                ahead.append(pool.submit(self._one, text))
                if len(ahead) >= 2 * self.at_once:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, text: str) -> np.ndarray | Unscored:
        if not text.strip():
            return Unscored("the tweet has no text")
        for attempt in range(1, GARBLED_TRIES + 1):
            try:
                reply = self.server.reply(messages(text), MAX_TOKENS, **self.form)
            except RefusedError as error:
                return Unscored(str(error))
            except ReplyError as error:
                return _Silence(str(error))
            try:
                return self._read(reply)
            except ReplyError as error:
                if attempt == GARBLED_TRIES:
                    return Unscored(str(error))
        raise AssertionError("no attempt was made")

    def _read(self, reply: Reply) -> np.ndarray:
        probabilities, graded = read_answers(reply if self.graded else Reply(reply.text))
        if self.graded and not graded:
            raise ReplyError("the reply came without the log-probabilities that the server gave before")
        return probabilities


class _Silence(Unscored):
    """A tweet without an answer because the server gave none; the tweet is not the cause."""


def open_server(uri: str, patience: Patience | None = None, env: Env = CURRENT) -> Server:
    """Return the server and model of an `openai:` URI, after checking that they exist.

    Raises
    ------
    ModelError : if the URI names no model of the server
    EngineError : if no server answers, or it requires another key
    """
    address = Address.of(uri)
    names = Server(address, patience, env).models()
    model = address.model or (names[0] if len(names) == 1 else "")
    if not model:
        raise ModelError(f"{uri} names no model; write it behind a #: {_listed(names)}")
    # `transformers serve` lists the models of the Hub's cache, not the folder that it was started with.
    known = {*names, *(name.removesuffix(":latest") for name in names)}
    if names and model not in known and not model.startswith("/"):
        raise ModelError(f"{address.url} has no model {model!r}; it has {_listed(names)}")
    return Server(Address(address.url, model), patience, env)


def agree_on_form(server: Server) -> tuple[dict[str, Any], bool]:
    """Return the request fields for the best form that this server supports, and whether it returns probabilities.

    Raises
    ------
    EngineError : if it supports no form; the message contains its last error
    """
    last = ""
    for format_ in FORMATS:
        for chances, quiet in product(CHANCES, QUIET):
            form = {**format_, **chances, **quiet}
            try:
                reply = server.reply(messages(TRIAL), MAX_TOKENS, **form)
            except RefusedError as error:
                last = str(error)
                continue
            try:
                return form, read_answers(reply)[1]
            except ReplyError as error:
                last = str(error)
                break  # its answer does not depend on the rest of the form
    raise EngineError(
        f"{server.address.model} does not give eleven answers: {last}; pass a larger or an Instruct model"
    )


def messages(text: str, prompt: LabelPrompt = ANSWERING) -> list[dict[str, str]]:
    """Return the chat about one tweet."""
    return prompt.messages(fenced(text[:MAX_CHARACTERS]))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) or "its server lists none"
