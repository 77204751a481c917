"""
The engines that run in this process, and `open_engine`, which opens any engine by its model URI.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from emoclf.errors import EngineError
from emoclf.hub.uris import opened
from emoclf.labels import EMOTIONS
from emoclf.llm import chat_models, prompts
from emoclf.llm.engine import Engine, Unscored

if TYPE_CHECKING:
    from emoclf.llm.one_pass import OnePassScorer

WINDOW = 64  # tweets sorted by length together; results and progress are reported in this step


class TorchEngine:
    """A chat model in this process that uses one-pass label scoring."""

    def __init__(self, scorer: "OnePassScorer", name: str) -> None:
        self.scorer = scorer
        self.name = name
        self.prompt_version = prompts.LABELLING.version

    @classmethod
    def open(cls, uri: str) -> "TorchEngine":
        """Load the chat model of a `hf:` or `dir:` URI."""
        from emoclf.llm.one_pass import GPU_SETTINGS, OnePassScorer, ScoringSettings

        model, tokenizer, name = chat_models.open_chat(uri)
        settings = GPU_SETTINGS if model.device.type == "cuda" else ScoringSettings()
        return cls(OnePassScorer(model, tokenizer, settings=settings), name)

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, see `Engine.score`; tweets are truncated to 256 tokens."""
        for start in range(0, len(texts), WINDOW):
            yield from self._score_window(texts[start : start + WINDOW])

    def _score_window(self, texts: Sequence[str]) -> list[np.ndarray | Unscored]:
        written = [row for row, text in enumerate(texts) if text.strip()]
        results: list[np.ndarray | Unscored] = [Unscored("the tweet has no text")] * len(texts)
        for row, odds in zip(written, self._log_odds([texts[row] for row in written]), strict=True):
            finite = bool(np.isfinite(odds).all())
            results[row] = _sigmoid(odds) if finite else Unscored("the model returned a value that is not a number")
        return results

    def _log_odds(self, texts: Sequence[str]) -> np.ndarray:
        try:
            return self.scorer.log_odds(texts)
        except RuntimeError as error:  # raised by torch: out of memory, a lost GPU
            first_line = str(error).strip().partition("\n")[0]
            raise EngineError(
                f"{self.name} stopped: {first_line}; free memory or pass a smaller model, then start again"
            ) from error


# The word beginnings that the scripted engine treats as signs of each emotion.
SIGNS = {
    "anger": ("angry", "anger", "annoy", "furious", "rage", "mad"),
    "anticipation": ("wait", "soon", "tomorrow", "ready", "excite"),
    "disgust": ("disgust", "gross", "vile", "hate", "sick"),
    "fear": ("afraid", "fear", "scare", "terr", "anxi", "worr", "nervous"),
    "joy": ("joy", "happy", "happi", "fun", "smil", "laugh", "glad", "delight"),
    "love": ("love", "loving", "adore", "heart", "darling"),
    "optimism": ("hope", "optimis", "better", "believe", "confiden"),
    "pessimism": ("pessimis", "never", "hopeless", "pointless", "cynic"),
    "sadness": ("sad", "cry", "grief", "miss", "lonely", "depress"),
    "surprise": ("surpris", "wow", "omg", "unexpected", "amaz"),
    "trust": ("trust", "faith", "reliable", "honest", "admir"),
}


class ScriptedEngine:
    """An engine without weights, for tests and demonstrations: looks a text up in its table, or else for emotion words.

    A table gives probabilities by emotion, 0.05 for missing ones; None marks a tweet that cannot be scored.

    >>> [probabilities] = ScriptedEngine().score(["So happy I could cry"])
    >>> [name for name, p in zip(EMOTIONS.names, probabilities) if p > 0.5]
    ['joy', 'sadness']
    """

    name = "scripted"
    prompt_version = "scripted-1"

    def __init__(self, table: Mapping[str, Mapping[str, float] | None] | None = None) -> None:
        self.table = table or {}
        for row in self.table.values():
            EMOTIONS.check(row or {})

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, see `Engine.score`."""
        for text in texts:
            found = self.table[text] if text in self.table else _signs(text)
            if found is None or not text.strip():
                yield Unscored("the script has no answer for this tweet")
            else:
                yield np.array([found.get(name, 0.05) for name in EMOTIONS.names])


def _open_remote(uri: str) -> Engine:
    from emoclf.llm.remote_engine import RemoteEngine

    return RemoteEngine.open(uri)


ENGINES: dict[str, Callable[[str], Engine]] = {
    "dir": TorchEngine.open,
    "hf": TorchEngine.open,
    "openai": _open_remote,
    "scripted": lambda uri: ScriptedEngine(),
}


def open_engine(uri: str) -> Engine:
    """Open the engine of a model URI, with its weights loaded; `scripted:words` has none.

    Raises
    ------
    ModelError : if the model is missing, or is of a kind that cannot suggest labels
    """
    return opened(uri, ENGINES, "suggest labels")


def _signs(text: str) -> dict[str, float]:
    words = re.findall(r"[a-z]+", text.lower())
    return {name: 0.9 for name, signs in SIGNS.items() if any(word.startswith(signs) for word in words)}


def _sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Return probabilities clipped to (0, 1), so that their log-odds stay finite."""
    probabilities: np.ndarray = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return probabilities
