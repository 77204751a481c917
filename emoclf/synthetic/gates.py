"""
The gates that a synthetic tweet must pass before a person reviews it; the first failed gate is the reason for the drop.

Gates on the text alone run first, then the comparison with other tweets, then the models: BERT must recognise the
emotion, and so must a judge, an LLM that does not know which emotion was requested. Dropped tweets are stored too, and
so is the result of every gate that ran.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from emoclf.labels import EMOTIONS, SHOWN_BY
from emoclf.llm.prompts import CLOSE, OPEN
from emoclf.synthetic.duplicates import KnownTexts, Repeated
from emoclf.synthetic.gate_results import Gated, GateResult
from emoclf.synthetic.language import is_english
from emoclf.synthetic.personal_data import has_slur, personal_data
from emoclf.synthetic.plans import CONTEXTS

SHORTEST, LONGEST = 3, 280  # words, characters
ECHO = 4  # consecutive words of the prompt that no tweet contains by chance

_LEFTOVERS = re.compile(
    r"\[[a-z ]{2,30}\]|\{[a-z_ ]{2,30}\}|```|\bas an ai\b|\bnumbered line|\bhere (?:are|is) \d|\bnew tweets?\b.*:$|"
    r"\babout \d+ words\b|\bcasual spelling\b|^\W*(?:sure|certainly)\b.*:$|\b(?:hashtag|emoji)s?:|^\W*tweet \d",
    re.IGNORECASE,
)


def _runs(text: str) -> set[tuple[str, ...]]:
    """Return all sequences of `ECHO` words in a text."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + ECHO]) for start in range(len(words) - ECHO + 1)}


_PROMPT_RUNS = {run for words in (*CONTEXTS.values(), *SHOWN_BY.values()) for run in _runs(words)}


def bad_format(text: str) -> str:
    """Return why a text is part of a reply instead of a tweet; empty if it is a tweet."""
    if OPEN in text or CLOSE in text or _LEFTOVERS.search(text) or _runs(text) & _PROMPT_RUNS:
        return "it holds words of the prompt or a placeholder"
    if re.search(r"(\b\w+\b)(?:\W+\1\b){4,}", text, re.IGNORECASE):
        return "it repeats a word again and again"
    return "" if re.search(r"[^\W\d_]", text) else "it has no words"


def bad_language(text: str) -> str:
    """Return why a text cannot be used if it is not English; empty if it is."""
    return "" if is_english(text) else "it is not English"


def bad_length(text: str) -> str:
    """Return why a text is too short or too long for a tweet; empty if it is neither."""
    words = len(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", re.sub(r"[@]\w+", " ", text)))
    if words < SHORTEST:
        return f"it has {words} words, fewer than {SHORTEST}"
    return f"it has {len(text)} characters, more than {LONGEST}" if len(text) > LONGEST else ""


def bad_data(text: str) -> str:
    """Return which personal data a text contains; empty if none."""
    found = personal_data(text)
    return f"it holds {found}" if found else ""


def bad_words(text: str) -> str:
    """Return why a text cannot be used if it contains a slur; empty if it contains none."""
    return "it holds a slur" if has_slur(text) else ""


TEXT_GATES: dict[str, Callable[[str], str]] = {
    "format": bad_format,
    "length": bad_length,
    "language": bad_language,
    "personal data": bad_data,
    "slur": bad_words,
}
DUPLICATE_GATES = ("duplicate", "near duplicate", "same meaning")


class Reader(Protocol):
    """A model that predicts the emotions of texts without knowing which were requested."""

    name: str

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return probabilities of shape (n, 11); a row of NaN if there is no prediction."""
        ...

    def least(self, emotion: str) -> float:
        """Return the probability from which the emotion counts as recognised."""
        ...


@dataclass
class Examined(Gated):
    """A tweet with the results of the gates."""

    text: str
    gates: list[GateResult] = field(default_factory=list)
    nearest: int | None = None  # row of the nearest real tweet
    closeness: float | None = None  # its cosine similarity


class Gatekeeper:
    """Applies the gates batch by batch; tweets that pass the comparison with known texts become known too."""

    def __init__(
        self,
        known: KnownTexts,
        sources: Sequence[str],
        encode: Callable[[Sequence[str]], np.ndarray],
        readers: dict[str, Reader],
    ) -> None:
        """
        Parameters
        ----------
        known : the real tweets, as many as `sources`, then the synthetic ones
        sources : the split of each real tweet (train, dev or test)
        encode : a function from texts to embeddings, as in `emoclf.synthetic.embeddings`
        readers : the models of the gates that ask one, by gate and in this order: "bert", "judge" or others
        """
        self.known, self.sources, self.encode, self.readers = known, sources, encode, readers

    def examine(self, texts: Sequence[str], emotion: str) -> list[Examined]:
        """Apply the gates in order to tweets written for `emotion`; return one result per text."""
        examined = [self._apply_text_gates(text) for text in texts]
        left = [one for one in examined if one.dropped is None]
        vectors = self.encode([one.text for one in left]) if left else np.zeros((0, 0))
        for one, vector in zip(left, vectors, strict=True):
            self._compare(one, vector)
        for gate, reader in self.readers.items():
            self._ask_model(gate, reader, [one for one in left if one.dropped is None], emotion)
        return examined

    def _apply_text_gates(self, text: str) -> Examined:
        one = Examined(text)
        for name, gate in TEXT_GATES.items():
            why = gate(text)
            one.gates.append(GateResult(name, not why, reason=why))
            if why:
                break
        return one

    def _compare(self, one: Examined, vector: np.ndarray) -> None:
        """Compare a tweet with the known texts; it becomes known if it repeats none of them."""
        if self.sources:
            one.nearest, one.closeness = self.known.nearest(vector, len(self.sources))
        found = self.known.repeated(one.text, vector)
        if found is None:
            one.gates += [GateResult(gate, True) for gate in DUPLICATE_GATES]
            self.known.add(one.text, vector)
            return
        passed = DUPLICATE_GATES[: DUPLICATE_GATES.index(found.test)]
        one.gates += [GateResult(gate, True) for gate in passed]
        one.gates.append(GateResult(found.test, False, found.closeness, self._repeats(found)))
        if found.row < len(self.sources):
            one.nearest, one.closeness = found.row, found.closeness

    def _repeats(self, found: Repeated) -> str:
        """Return which known text a tweet repeats, in words."""
        is_real = found.row < len(self.sources)
        where = f"a {self.sources[found.row]} tweet" if is_real else "a synthetic tweet"
        like = "as" if found.test == "same meaning" else "of"
        return f"{found.test} {like} {where} ({found.closeness:.2f})"

    def _ask_model(self, gate: str, reader: Reader, left: Sequence[Examined], emotion: str) -> None:
        if not left:
            return
        for one, row in zip(left, reader.read([one.text for one in left]), strict=True):
            one.gates.append(recognition(gate, reader, emotion, row))


def recognition(gate: str, reader: Reader, emotion: str, row: np.ndarray) -> GateResult:
    """Return whether a model that gives a tweet the probabilities `row`, shape (11,), recognises the emotion."""
    p, least = float(row[EMOTIONS.names.index(emotion)]), reader.least(emotion)
    details: dict[str, Any] = {"reader": reader.name}
    if not np.isnan(row).any():
        details["probabilities"] = [round(float(value), 6) for value in row]
    if np.isnan(p):
        return GateResult(gate, False, None, f"{reader.name} gave no usable answer", details)
    why = "" if p >= least else f"{reader.name} gives {emotion} {p:.2f}, below {least:.2f}"
    return GateResult(gate, not why, round(p, 6), why, details)
