"""
Answers: reads eleven yes-or-no answers out of a written reply, and how sure the model was of each.

Nothing is guessed: a reply that leaves an emotion out, or answers one twice, is no answer.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.errors import ReplyError
from emoclf.labels import EMOTIONS

_LEAST = 1e-6  # probabilities stay this far from 0 and 1
_YES, _NO = ("true", "yes"), ("false", "no")
_SHOWN = 80  # characters of a reply that an error quotes


@dataclass(frozen=True)
class Token:
    """A piece of a reply, with the log-probabilities of what could have stood there, itself included."""

    text: str
    chances: Mapping[str, float]


@dataclass(frozen=True)
class Reply:
    """What a model wrote; `tokens` is empty where the server tells no log-probabilities."""

    text: str
    tokens: Sequence[Token] = ()


def read_answers(reply: Reply) -> tuple[np.ndarray, bool]:
    """The probability of yes per emotion, shape (11,), and whether they are probabilities or plain 1 and 0.

    >>> words = ", ".join(f'"{name}": {"true" if name == "joy" else "false"}' for name in EMOTIONS.names)
    >>> probabilities, graded = read_answers(Reply("{" + words + "}"))
    >>> probabilities.tolist(), graded
    ([0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], False)

    Raises
    ------
    ReplyError : if an emotion is not answered exactly once
    """
    text = "".join(token.text for token in reply.tokens) or reply.text
    start = text.rfind("</think>") + 1  # what a model thought aloud is no answer
    found = [_find(text, name, start) for name in EMOTIONS.names]
    said = np.array([float(match[1].lower() in _YES) for match in found])
    if not reply.tokens:
        return said, False
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
    """The token that the character at `offset` belongs to."""
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
    """The probability of yes among yes and no; one that is not listed can have what the listed ones leave at most."""
    mass = {text: math.exp(chance) for text, chance in token.chances.items()}
    left = max(0.0, 1.0 - sum(mass.values()))
    yes = sum(p for text, p in mass.items() if _begins(text, _YES)) or left
    no = sum(p for text, p in mass.items() if _begins(text, _NO)) or left
    return min(1 - _LEAST, max(_LEAST, yes / (yes + no))) if yes + no else 0.5


def _begins(token: str, words: tuple[str, str]) -> bool:
    """Whether a token is the beginning of one of these words, or begins with it.

    >>> _begins(' "Tr', ("true", "yes")), _begins(" ", ("true", "yes"))
    (True, False)
    """
    seen = token.lstrip(" \t\n:=\"'*").lower()
    return bool(seen) and any(word.startswith(seen) or seen.startswith(word) for word in words)
