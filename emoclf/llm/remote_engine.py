"""
The remote engine: labels from an OpenAI-compatible server, with probabilities where it tells any.

Servers differ in what they can do, so an invented tweet is asked first, in the
best form there is, then in plainer ones, until one is understood.
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
MAX_CHARACTERS = 2000  # of a tweet; what is longer is read up to there
SILENT = 8  # tweets in a row without any answer before the server counts as gone
GARBLED_TRIES = 2  # replies that cannot be read before a tweet is given up

TRIAL = "What a lovely morning, I could sing!"
SCHEMA_FORM = {"type": "json_schema", "json_schema": {"name": "emotions", "strict": True, "schema": ANSWER_SCHEMA}}
FORMATS: tuple[dict[str, Any], ...] = (
    {"response_format": SCHEMA_FORM},
    {"response_format": {"type": "json_object"}},
    {},
)
CHANCES: tuple[dict[str, Any], ...] = ({"logprobs": True, "top_logprobs": 5}, {})
# Qwen3 thinks unless its template is told not to; OpenAI's own server refuses what it does not know.
QUIET: tuple[dict[str, Any], ...] = ({"chat_template_kwargs": {"enable_thinking": False}}, {})


class RemoteEngine:
    """A chat model behind an OpenAI-compatible server, asked for one JSON object per tweet."""

    def __init__(self, server: Server, form: Mapping[str, Any], graded: bool, at_once: int = 8) -> None:
        self.server = server
        self.form = form
        self.graded = graded
        self.at_once = at_once
        self.name = f"{server.address.model}@{server.address.host}"
        self.prompt_version = ANSWERING.version + ("" if graded else YES_NO)

    @classmethod
    def open(cls, uri: str, patience: Patience | None = None, env: Env = CURRENT) -> "RemoteEngine":
        """Connect to the server that an `openai:` URI names, and find out what it can do.

        Raises
        ------
        ModelError : if the URI names no model of the server
        EngineError : if no server answers, or none of its answers can be used
        """
        server = open_server(uri, patience, env)
        form, graded = agree_on_form(server)
        return cls(server, form, graded, openai_requests_at_once(env))

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, as `Engine` promises; `at_once` requests are under way at a time."""
        silent = 0
        for result in self._in_order(texts):
            silent = silent + 1 if isinstance(result, _Silence) else 0
            if isinstance(result, _Silence) and silent == SILENT:
                raise EngineError(f"{result.reason}, for {silent} tweets in a row; check the server, then resume")
            yield result

    def _in_order(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """The results in the order of the texts, computed a little ahead of who reads them."""
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
    """A tweet left without an answer by a server that gave none; the tweet is not at fault."""


def open_server(uri: str, patience: Patience | None = None, env: Env = CURRENT) -> Server:
    """The server and model that an `openai:` URI names, known to be there.

    Raises
    ------
    ModelError : if the URI names no model of the server
    EngineError : if no server answers, or it wants another key
    """
    address = Address.of(uri)
    names = Server(address, patience, env).models()
    model = address.model or (names[0] if len(names) == 1 else "")
    if not model:
        raise ModelError(f"{uri} names no model; write it behind a #: {_listed(names)}")
    # `transformers serve` lists the models of the hub's cache, not the folder that it was started with.
    known = {*names, *(name.removesuffix(":latest") for name in names)}
    if names and model not in known and not model.startswith("/"):
        raise ModelError(f"{address.url} has no model {model!r}; it has {_listed(names)}")
    return Server(Address(address.url, model), patience, env)


def agree_on_form(server: Server) -> tuple[dict[str, Any], bool]:
    """What to put into requests so that this server answers as well as it can, and whether it tells probabilities.

    Raises
    ------
    EngineError : if it answers in no form; the message has what it said last
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
                break  # what it says does not depend on the rest of the form
    raise EngineError(
        f"{server.address.model} does not give eleven answers: {last}; pass a larger or an Instruct model"
    )


def messages(text: str, prompt: LabelPrompt = ANSWERING) -> list[dict[str, str]]:
    """The chat about one tweet."""
    return prompt.messages(fenced(text[:MAX_CHARACTERS]))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) or "its server lists none"
