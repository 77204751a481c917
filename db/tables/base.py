"""
The base class of all tables, which maps Python types to column types.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Text
from sqlalchemy.orm import DeclarativeBase

from db.tables.columns import Labels, Moment, Probabilities


class Base(DeclarativeBase):
    """The base class of all tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        dt.datetime: Moment,
        frozenset[str]: Labels,
        Sequence[float]: Probabilities,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        list[str]: JSON,
        list[int]: JSON,
        str: Text,
    }
