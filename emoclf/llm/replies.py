"""
Parses eleven yes-or-no answers from a written reply, with the probability of each.

A reply that omits an emotion or answers one twice is rejected; nothing is guessed.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.errors import ReplyError
from emoclf.labels import EMOTIONS

_LEAST = 1e-6  # probabilities are clipped to this distance from 0 and 1
_YES, _NO = ("true", "yes"), ("false", "no")
_SHOWN = 80  # characters of a reply in an error message


@dataclass(frozen=True)
class Token:
    """A token of a reply, with the log-probabilities of the alternatives at its position, including itself."""

    text: str
    chances: Mapping[str, float]


@dataclass(frozen=True)
class Reply:
    """A model's reply; `tokens` is empty if the server returns no log-probabilities."""

    text: str
    tokens: Sequence[Token] = ()


def read_answers(reply: Reply) -> tuple[np.ndarray, bool]:
    """Return the probability of yes per emotion, shape (11,), and False if they are only 1 for yes and 0 for no.

    >>> words = ", ".join(f'"{name}": {"true" if name == "joy" else "false"}' for name in EMOTIONS.names)
    >>> probabilities, graded = read_answers(Reply("{" + words + "}"))
    >>> probabilities.tolist(), graded
    ([0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], False)

    Raises
    ------
    ReplyError : if an emotion is not answered exactly once
    """
    text = "".join(token.text for token in reply.tokens) or reply.text
    start = text.rfind("</think>") + 1  # the reasoning of a model is not part of the answer
    found = [_find(text, name, start) for name in EMOTIONS.names]
    answers = np.array([float(match[1].lower() in _YES) for match in found])
    if not reply.tokens:
        return answers, False
    chances = [_chance(_token_at(reply.tokens, match.start(1))) for match in found]
    return np.array(chances), True


def _find(text: str, name: str, start: int) -> re.Match[str]:
    pattern = re.compile(rf"""\b{name}\b["'*]*\s*[:=]\s*["'*]*(true|false|yes|no)\b""", re.IGNORECASE)
    matches = list(pattern.finditer(text, start))
    if len(matches) != 1:
        seen = " ".join(text[start:].split())
        shown = seen if len(seen) <= _SHOWN else seen[:_SHOWN] + "…"
        times = "not" if not matches else "more than once"
        raise ReplyError(f"the reply answers {name} {times}: {shown!r}")
    return matches[0]


def _token_at(tokens: Sequence[Token], offset: int) -> Token:
    """Return the token that contains the character at `offset`."""
    for token, end in zip(tokens, _ends(tokens), strict=True):
        if offset < end:
            return token
    raise ValueError(f"offset {offset} lies behind the reply")


def _ends(tokens: Sequence[Token]) -> Iterator[int]:
    end = 0
    for token in tokens:
        end += len(token.text)
        yield end


def _chance(token: Token) -> float:
    """Return the probability of yes among yes and no; an unlisted one gets at most the remaining probability."""
    mass = {text: math.exp(chance) for text, chance in token.chances.items()}
    left = max(0.0, 1.0 - sum(mass.values()))
    yes = sum(p for text, p in mass.items() if _begins(text, _YES)) or left
    no = sum(p for text, p in mass.items() if _begins(text, _NO)) or left
    return min(1 - _LEAST, max(_LEAST, yes / (yes + no))) if yes + no else 0.5


def _begins(token: str, words: tuple[str, str]) -> bool:
    """Return whether a token is the beginning of one of these words, or begins with it.

    >>> _begins(' "Tr', ("true", "yes")), _begins(" ", ("true", "yes"))
    (True, False)
    """
    seen = token.lstrip(" \t\n:=\"'*").lower()
    return bool(seen) and any(word.startswith(seen) or seen.startswith(word) for word in words)
