"""
Column types that store label sets, probabilities and times.
"""

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from emoclf.labels import EMOTIONS

_from_mask = lru_cache(maxsize=1 << len(EMOTIONS))(EMOTIONS.from_mask)  # of a million tweets, few sets differ


def now() -> dt.datetime:
    """The current time in UTC."""
    return dt.datetime.now(dt.UTC)


class Labels(TypeDecorator[frozenset[str]]):
    """A set of emotions as an integer; bit j is emotion j of the label set, so that SQL can test `labels & 16`."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> int | None:
        return None if value is None else EMOTIONS.to_mask(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> frozenset[str] | None:
        return None if value is None else _from_mask(value)


class Probabilities(TypeDecorator[Sequence[float]]):
    """One probability per emotion as a JSON list with six decimals, in label order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[float] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps([round(float(p), 6) for p in value], separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Moment(TypeDecorator[dt.datetime]):
    """A time in UTC; SQLite drops time zones, so they are restored on reading."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)
