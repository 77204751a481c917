"""
Reads and writes guidelines: every edit adds a version, and outdated decisions can be found.
"""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.tables.annotations import GuidelineRow
from db.tables.columns import now
from db.tables.core import DecisionRow
from db.values import GuidelineVersion
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.review.guidelines import BUILT_IN, FIRST, Guideline

BEFORE = -1  # stands for the version of decisions made before guidelines existed


class EditedMeanwhileError(SettingError):
    """Somebody else changed the guideline since the edit began."""

    def __init__(self, emotion: str, theirs: GuidelineVersion) -> None:
        super().__init__(f"{theirs.reviewer} edited the guideline of {emotion} meanwhile; your text is not saved yet")
        self.theirs = theirs


def version(session: Session) -> int:
    """The version of the whole set; every edit increments it."""
    return session.scalar(select(func.max(GuidelineRow.version))) or FIRST


def current(session: Session) -> dict[str, GuidelineVersion]:
    """The guideline in force of each emotion, in label order."""
    return {emotion: texts[-1] for emotion, texts in everything(session).items()}


def everything(session: Session) -> dict[str, list[GuidelineVersion]]:
    """Every version of each emotion's guideline, oldest first; the first one is built in."""
    found = {name: [GuidelineVersion(FIRST, BUILT_IN[name], None, None)] for name in EMOTIONS.names}
    for row in session.scalars(select(GuidelineRow).order_by(GuidelineRow.version)):
        text = Guideline(row.definition, tuple(row.examples), tuple(row.counter_examples))
        found[row.emotion].append(GuidelineVersion(row.version, text, row.reviewer, row.created_at))
    return found


def edit(session: Session, emotion: str, text: Guideline, reviewer: str, seen: int) -> int:
    """Save a new guideline and return the version in force; an unchanged text adds no version.

    Parameters
    ----------
    seen : the version on the screen when the edit began

    Raises
    ------
    EditedMeanwhileError : if that version is no longer in force; nothing is written
    """
    in_force = current(session)[emotion]
    if in_force.version != seen:
        raise EditedMeanwhileError(emotion, in_force)
    if text == in_force.text:
        return in_force.version
    row = GuidelineRow(emotion=emotion, definition=text.definition, reviewer=reviewer, created_at=now())
    row.examples, row.counter_examples = list(text.examples), list(text.counter_examples)
    session.add(row)
    session.flush()
    return row.version


def is_outdated(emotion: str) -> ColumnElement[bool]:
    """The condition that a decision was made before the current guideline of this emotion."""
    newest = select(func.coalesce(func.max(GuidelineRow.version), FIRST)).where(GuidelineRow.emotion == emotion)
    return func.coalesce(DecisionRow.guidelines, BEFORE) < newest.scalar_subquery()
