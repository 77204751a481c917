"""
The chat model on an OpenAI-compatible server; it scores a tweet by one JSON object with eleven answers.

Probabilities are those of the answers' tokens if the server returns log-probabilities, else 1 and 0.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property

import numpy as np

from emoclf.environment import CURRENT, Env, openai_requests_at_once
from emoclf.errors import EngineError, ModelError, RefusedError, ReplyError
from emoclf.llm.answer_form import MAX_TOKENS, AnswerForm, agree_on_form, messages
from emoclf.llm.chat_model import Chat, Sampling, Unscored
from emoclf.llm.openai_client import Address, Patience, Server
from emoclf.llm.prompts import PLACE, fenced
from emoclf.llm.replies import Reply, read_answers

SILENT = 8  # consecutive tweets without any answer before the server counts as unreachable
GARBLED_TRIES = 2  # unreadable replies before a tweet is given up


class RemoteChatModel:
    """One model on one server."""

    def __init__(self, server: Server, at_once: int = 8) -> None:
        self.server = server
        self.at_once = at_once
        self.name = f"{server.address.model}@{server.address.host}"

    @classmethod
    def open(cls, uri: str, patience: Patience | None = None, env: Env = CURRENT) -> "RemoteChatModel":
        """Connect to the server of an `openai:` URI.

        Raises
        ------
        ModelError : if the URI names no model of the server
        EngineError : if no server answers, or it requires another key
        """
        return cls(open_server(uri, patience, env), openai_requests_at_once(env))

    @cached_property
    def form(self) -> AnswerForm:
        """The form of its answers about a tweet, agreed on with a test tweet when it is first needed."""
        return agree_on_form(self.server)

    @property
    def prompt_version(self) -> str:
        """See `ChatModel.prompt_version`."""
        return self.form.prompt_version

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, see `ChatModel.score`; at most `at_once` requests run at a time."""
        silent = 0
        for result in self._in_order(texts, self.form):
            silent = silent + 1 if isinstance(result, _Silence) else 0
            if isinstance(result, _Silence) and silent == SILENT:
                raise EngineError(f"{result.reason}, for {silent} tweets in a row; check the server, then resume")
            yield result

    def _in_order(self, texts: Sequence[str], form: AnswerForm) -> Iterator[np.ndarray | Unscored]:
        """Yield the results in the order of the texts, computed slightly ahead of the consumer."""
        pool = ThreadPoolExecutor(self.at_once)
        ahead: deque[Future[np.ndarray | Unscored]] = deque()
        try:
            for text in texts:
                ahead.append(pool.submit(self._score_one, text, form))
                if len(ahead) >= 2 * self.at_once:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _score_one(self, text: str, form: AnswerForm) -> np.ndarray | Unscored:
        for attempt in range(1, GARBLED_TRIES + 1):
            try:
                reply = self.server.reply(messages(text), MAX_TOKENS, **form.fields)
            except RefusedError as error:
                return Unscored(str(error))
            except ReplyError as error:
                return _Silence(str(error))
            try:
                return _read(reply, form)
            except ReplyError as error:
                if attempt == GARBLED_TRIES:
                    return Unscored(str(error))
        raise AssertionError("no attempt was made")

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a reply to each chat, see `ChatModel.generate`; the requests run in parallel."""

        def ask(place: int) -> str:
            fields = {"temperature": sampling.temperature, "top_p": sampling.top_p, "seed": seed + place}
            return self.server.reply(chats[place], max_tokens, **fields).text

        with ThreadPoolExecutor(len(chats)) as pool:
            return list(pool.map(ask, range(len(chats))))

    def stream(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield the reply in pieces, see `ChatModel.stream`; a server that does not stream is asked for the whole."""
        filled = [{**message, "content": message["content"].replace(PLACE, fenced(tweet))} for message in chat]
        has_begun = False
        try:
            for piece in self.server.stream(filled, max_tokens, chat_template_kwargs={"enable_thinking": False}):
                has_begun = True
                yield piece
        except ReplyError:  # the server is busy, or rejects an unknown field
            if has_begun:
                raise
            yield self.server.reply(filled, max_tokens).text


class _Silence(Unscored):
    """A tweet without an answer because the server gave none; the tweet is not the cause."""


def _read(reply: Reply, form: AnswerForm) -> np.ndarray:
    probabilities, graded = read_answers(reply if form.graded else Reply(reply.text))
    if form.graded and not graded:
        raise ReplyError("the reply came without the log-probabilities that the server gave before")
    return probabilities


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
        raise ModelError(f"{uri} does not name a model; write its name after a #: {_listed(names)}")
    # `transformers serve` lists the models of the Hub's cache, not the folder that it was started with.
    known = {*names, *(name.removesuffix(":latest") for name in names)}
    if names and model not in known and not model.startswith("/"):
        raise ModelError(f"{address.url} has no model {model!r}; it has {_listed(names)}")
    return Server(Address(address.url, model), patience, env)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) or "its server lists none"
