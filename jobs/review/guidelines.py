"""
Guiding: the guidelines as the card shows them, an owner's edit, and the decisions that an edit may touch again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from db import filters, guidelines, summaries
from db.store import Store
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.guidelines import Guideline


@dataclass(frozen=True)
class Touched:
    """Tweets of a split that were decided before the guideline of an emotion was as it is now."""

    wanted: Filter
    found: int
    named: int  # of them, those where a source or the decision names the emotion


def for_card(session: Session) -> dict[str, Any]:
    """What the card shows: {"version", "of": by emotion {"version", "definition", "examples", "counter_examples"}}."""
    standing = guidelines.current(session)
    shown = {
        emotion: {
            "version": one.version,
            "definition": one.text.definition,
            "examples": list(one.text.examples),
            "counter_examples": list(one.text.counter_examples),
        }
        for emotion, one in standing.items()
    }
    return {"version": max(one.version for one in standing.values()), "of": shown}


def version_of(event: Mapping[str, Any]) -> int | None:
    """The version that was on the reviewer's screen; None where an event from an earlier page does not say."""
    return None if event.get("guidelines") is None else int(event["guidelines"])


def edit(store: Store, emotion: str, text: Guideline, reviewer: str, seen: int) -> int:
    """Put another text in force; returns the version that is in force then.

    Raises
    ------
    EditedMeanwhileError : if `seen` is in force no more
    SettingError : if nobody says who edits
    LabelError : if there is no such emotion
    """
    [emotion] = EMOTIONS.check([emotion])
    if not reviewer.strip():
        raise SettingError("the reviewer has no name; every guideline is stored with who wrote it")
    with store.writing() as session:
        return guidelines.edit(session, emotion, text, reviewer, seen)


def touched(store: Store, emotion: str) -> list[Touched]:
    """What an older text of this emotion decided, for each split where there is any."""
    with store.reading() as session:
        asked = [Filter(split, outdated=emotion) for split in summaries.sizes(session)]
        found = [Touched(one, filters.listed(session, one), _named(session, one)) for one in asked]
    return [one for one in found if one.found]


def _named(session: Session, wanted: Filter) -> int:
    return filters.listed(session, Filter(wanted.split, outdated=wanted.outdated, emotion=wanted.outdated))
