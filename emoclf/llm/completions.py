"""
Reads chat completions and lists of models from the JSON of an OpenAI-compatible server, which may send anything.

Every function raises ValueError for what it cannot read, and nothing else.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from emoclf.llm.limited_http import parsed
from emoclf.llm.replies import Reply, Token

_MOST_PROBABLE = 0.01  # log-probabilities above 0 by a rounding error are taken for 0
_LEAST_PROBABLE = -1e6  # some servers send minus infinity, or a whole number with many digits
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL and halves of surrogate pairs, which no database stores


def read_completion(body: bytes) -> Reply:
    """Return the reply in a chat completion.

    >>> read_completion(b'{"choices": [{"message": {"content": "yes"}}]}')
    Reply(text='yes', tokens=[])
    """
    choice = _first(_mapping(parsed(body)), "choices")
    message = _mapping(choice.get("message"))
    if "content" not in message:
        raise ValueError("no content")
    pieces = _list(_mapping(choice.get("logprobs") or {}).get("content") or [])
    return Reply(_text(message["content"] or ""), [_token(_mapping(piece)) for piece in pieces])


def read_piece(line: bytes) -> str:
    """Return the text in one line of a stream of server-sent events; empty if it has none.

    >>> read_piece(b'data: {"choices": [{"delta": {"content": "ye"}}]}'), read_piece(b"data: [DONE]"), read_piece(b"")
    ('ye', '', '')
    """
    data = line.removeprefix(b"data:").strip()
    if not line.startswith(b"data:") or data == b"[DONE]":
        return ""
    event = _mapping(parsed(data))
    if not _list(event.get("choices")):
        return ""
    return _text(_mapping(_first(event, "choices").get("delta")).get("content") or "")


def read_models(body: bytes) -> list[str]:
    """Return the names in a list of models."""
    return [_text(_mapping(one).get("id")) for one in _list(_mapping(parsed(body)).get("data"))]


def _token(piece: dict[str, Any]) -> Token:
    alternatives = [*map(_mapping, _list(piece.get("top_logprobs") or [])), piece]
    return Token(_text(piece.get("token")), dict(_chances(alternatives)))


def _chances(alternatives: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    for one in alternatives:
        chance = one.get("logprob")
        if chance is None or (isinstance(chance, float) and math.isnan(chance)):
            continue
        if isinstance(chance, bool) or not isinstance(chance, int | float) or chance > _MOST_PROBABLE:
            raise ValueError("no log-probability")
        yield _text(one.get("token")), min(0.0, float(max(chance, _LEAST_PROBABLE)))


def _first(value: dict[str, Any], name: str) -> dict[str, Any]:
    choices = _list(value.get(name))
    if not choices:
        raise ValueError(f"no {name}")
    return _mapping(choices[0])


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("no list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return _UNSTORABLE.sub("\ufffd", value)
