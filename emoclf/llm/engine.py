"""
The `Engine` protocol: a language model that gives a tweet a probability per emotion.

A tweet that cannot be scored is a result (`Unscored`); an engine that cannot answer at all raises `EngineError`.
Engines only score: they never access the store or the labels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Unscored:
    """A tweet that the engine could not score, with the reason; the others of its batch are unaffected."""

    reason: str


class Engine(Protocol):
    """Scores tweets: a probability per emotion, in `EMOTIONS` order.

    `name` and `prompt_version` are stored with every suggestion, so `name` identifies the model and its weights.
    """

    name: str
    prompt_version: str

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, in order: probabilities of shape (11,) in (0, 1), or the reason why there are
        none.

        Results are computed lazily, window by window; to stop the engine, stop iterating.

        Raises
        ------
        EngineError : if the engine cannot answer for any tweet
        """
        ...
