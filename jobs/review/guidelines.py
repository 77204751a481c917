"""
Guidelines for the card, edits by the owner, and counts of decisions made under an older text.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import filters, guidelines, summaries
from db.store import Store
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.guidelines import Guideline
from jobs.review.review_messages import Guidelines, GuidelineText


@dataclass(frozen=True)
class Touched:
    """The tweets of a split decided under an older guideline of an emotion."""

    wanted: Filter
    found: int
    named: int  # how many of them have the emotion in a source or the decision


def for_card(session: Session) -> Guidelines:
    """The guidelines for the card."""
    current = guidelines.current(session)
    shown = {
        emotion: GuidelineText(
            version=one.version,
            definition=one.text.definition,
            examples=list(one.text.examples),
            counter_examples=list(one.text.counter_examples),
        )
        for emotion, one in current.items()
    }
    return Guidelines(version=max(one.version for one in current.values()), of=shown)


def edit(store: Store, emotion: str, text: Guideline, reviewer: str, seen: int) -> int:
    """Save a new guideline and return the version in force.

    Raises
    ------
    EditedMeanwhileError : if `seen` is no longer in force
    SettingError : if the editor's name is missing
    LabelError : if there is no such emotion
    """
    [emotion] = EMOTIONS.check([emotion])
    if not reviewer.strip():
        raise SettingError("the name of the reviewer is empty; every guideline is stored with the name of its author")
    with store.writing() as session:
        return guidelines.edit(session, emotion, text, reviewer, seen)


def touched(store: Store, emotion: str) -> list[Touched]:
    """The decisions under an older text of this emotion, for each split that has any."""
    with store.reading() as session:
        asked = [Filter(split, outdated=emotion) for split in summaries.sizes(session)]
        found = [Touched(one, filters.listed(session, one), _named(session, one)) for one in asked]
    return [one for one in found if one.found]


def _named(session: Session, wanted: Filter) -> int:
    return filters.listed(session, Filter(wanted.split, outdated=wanted.outdated, emotion=wanted.outdated))
