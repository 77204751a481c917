"""
The writers: language models that write sentences about a tweet token by token, opened by the same URIs as engines.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from emoclf.errors import ReplyError
from emoclf.hub.uris import opened
from emoclf.llm import chat_models
from emoclf.llm.prompts import PLACE, fenced

Chat = list[dict[str, str]]  # messages, with PLACE at the position of the tweet


class Writer(Protocol):
    """Writes a reply to a chat about one tweet; `name` is stored with the reply."""

    name: str

    def write(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield the deterministic reply in pieces; to stop the model, stop iterating.

        Raises
        ------
        ReplyError : if there is no reply to this tweet
        EngineError : if there would be no reply to any tweet
        """
        ...


class TorchWriter:
    """A chat model in this process."""

    def __init__(self, model: Any, tokenizer: Any, name: str) -> None:
        self.model, self.tokenizer, self.name = model, tokenizer, name

    @classmethod
    def open(cls, uri: str) -> "TorchWriter":
        """Load the chat model of a `hf:` or `dir:` URI."""
        return cls(*chat_models.open_chat(uri))

    def write(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield the reply in pieces, see `Writer.write`, by greedy decoding."""
        import torch

        ends = self._ends()
        tokens, cache, written, told = self._prompt(chat, tweet), None, [], ""
        for _ in range(max_tokens):
            ids = torch.tensor([tokens], device=self.model.device)
            with torch.inference_mode():
                step = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            token, cache = int(step.logits[0, -1].argmax()), step.past_key_values
            if token in ends:
                return
            tokens = [token]
            written.append(token)
            text = self.tokenizer.decode(written, skip_special_tokens=True)
            if not text.endswith("\ufffd"):  # an emoji is incomplete
                yield text[len(told) :]
                told = text

    def _prompt(self, chat: Chat, tweet: str) -> list[int]:
        """Return the token ids of the chat; control tokens in the tweet are plain text."""
        whole = self.tokenizer.apply_chat_template(
            chat, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        head, _, tail = whole.partition(PLACE)
        plain = {"add_special_tokens": False}
        middle = self.tokenizer.encode(fenced(tweet), split_special_tokens=True, **plain)
        return [*self.tokenizer.encode(head, **plain), *middle, *self.tokenizer.encode(tail, **plain)]

    def _ends(self) -> set[int]:
        configured = self.model.generation_config.eos_token_id
        ends = configured if isinstance(configured, list) else [configured]
        return {end for end in [*ends, self.tokenizer.eos_token_id] if end is not None}


class RemoteWriter:
    """A chat model on an OpenAI-compatible server."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.name = f"{server.address.model}@{server.address.host}"

    @classmethod
    def open(cls, uri: str) -> "RemoteWriter":
        """Connect to the server of an `openai:` URI."""
        from emoclf.llm.remote_engine import open_server

        return cls(open_server(uri))

    def write(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield the reply in pieces, see `Writer.write`."""
        messages = [{**message, "content": message["content"].replace(PLACE, fenced(tweet))} for message in chat]
        has_begun = False
        try:
            for piece in self.server.stream(messages, max_tokens, chat_template_kwargs={"enable_thinking": False}):
                has_begun = True
                yield piece
        except ReplyError:  # the server is busy, or rejects an unknown field
            if has_begun:
                raise
            yield self.server.reply(messages, max_tokens).text


class ScriptedWriter:
    """A writer without weights, for tests and demonstrations: quotes the tweet's first words."""

    name = "scripted"

    def write(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield a sentence word by word."""
        first = " ".join(tweet.split()[:4])
        for word in f'The words "{first}" show it.'.split(" "):
            yield f"{word} "


WRITERS: dict[str, Callable[[str], Writer]] = {
    "dir": TorchWriter.open,
    "hf": TorchWriter.open,
    "openai": RemoteWriter.open,
    "scripted": lambda uri: ScriptedWriter(),
}


def open_writer(uri: str) -> Writer:
    """Open the writer of a model URI, with its weights loaded.

    Raises
    ------
    ModelError : if the model is missing, or is of a kind that cannot write
    EngineError : if no server answers
    """
    return opened(uri, WRITERS, "write")
