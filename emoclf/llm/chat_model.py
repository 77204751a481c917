"""
The `ChatModel` protocol: a language model that scores the emotions of tweets, generates replies, and streams a reply.

A tweet that cannot be scored is a result (`Unscored`); a model that cannot answer at all raises `EngineError`. Chat
models never access the store or the labels. Whatever holds for every model stands on top of the protocol:
`emoclf.llm.labelling`, `emoclf.llm.rationales` and `emoclf.synthetic`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from emoclf.errors import SettingError

Chat = list[dict[str, str]]  # messages with the keys role and content


@dataclass(frozen=True)
class Unscored:
    """A tweet that the model could not score, with the reason; the others of its batch are unaffected."""

    reason: str


@dataclass(frozen=True)
class Sampling:
    """How replies are sampled at random."""

    temperature: float = 0.9
    top_p: float = 0.95  # sample from the most likely words that together have this probability

    def __post_init__(self) -> None:
        if not 0 < self.temperature <= 2:
            raise SettingError(f"temperature is {self.temperature}, expected more than 0 and at most 2")
        if not 0 < self.top_p <= 1:
            raise SettingError(f"top_p is {self.top_p}, expected more than 0 and at most 1")


class ChatModel(Protocol):
    """A language model; opening it loads its weights or connects to its server, once for all three uses."""

    @property
    def name(self) -> str:
        """The model and its weights, or its server; stored with every answer."""
        ...

    @property
    def prompt_version(self) -> str:
        """The version of the prompt with which `score` labels tweets; stored with every suggestion.

        The first use prepares the scoring: a prefix is computed, or the server is asked which features it supports.

        Raises
        ------
        ModelError : if this model cannot score tweets
        EngineError : if no answer of its server is usable
        """
        ...

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, in order: probabilities in `EMOTIONS` order, shape (11,), or why there are none.

        The texts are not blank, and NaN means that the model returned no number; `emoclf.llm.labelling.label` accepts
        any texts. Results are computed lazily, some tweets ahead; to stop the model, stop iterating.

        Raises
        ------
        ModelError : if this model cannot score tweets
        EngineError : if it cannot answer for any tweet
        """
        ...

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a random reply to each chat, in order.

        The same chats, sampling and seed give the same replies on the same machine; a server may not guarantee this.

        Raises
        ------
        ReplyError : if there is no reply this time
        EngineError : if there will never be one
        """
        ...

    def stream(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield the deterministic reply to a chat about one tweet in pieces; to stop the model, stop iterating.

        Parameters
        ----------
        chat : messages with `emoclf.llm.prompts.PLACE` at the position of the tweet

        Raises
        ------
        ReplyError : if there is no reply to this tweet
        EngineError : if there would be no reply to any tweet
        """
        ...
