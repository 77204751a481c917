"""
The protocol of an engine: what proposes labels; it gives a tweet a probability per emotion.

In a batch, a bad item is a result (`Unscored`); a dead engine is an exception
(`EngineError`). Engines only score: they never see the store or the labels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Unscored:
    """A tweet that the engine could not score, and why; the others of its batch are unharmed."""

    reason: str


class Engine(Protocol):
    """Scores tweets: a probability per emotion, in `EMOTIONS` order.

    `name` and `prompt_version` are stored beside every suggestion, so `name`
    pins the model and its weights.
    """

    name: str
    prompt_version: str

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, in the order given: probabilities of shape (11,) in (0, 1), or why there are none.

        Lazy: results come window by window; stop reading to stop working.

        Raises
        ------
        EngineError : if the engine can answer no tweet at all
        """
        ...
