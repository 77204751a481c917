"""
Guidelines: their texts, of which each edit adds one, and the decisions that were made under an older text.
"""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.tables.annotations import GuidelineRow
from db.tables.columns import now
from db.tables.core import DecisionRow
from db.values import GuidelineVersion
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.review.guidelines import FIRST, SHIPPED, Guideline

BEFORE = -1  # the version of a decision from before there were guidelines


class EditedMeanwhileError(SettingError):
    """Somebody else edited the guideline while another was writing."""

    def __init__(self, emotion: str, theirs: GuidelineVersion) -> None:
        super().__init__(f"{theirs.reviewer} edited the guideline of {emotion} meanwhile; yours is not saved yet")
        self.theirs = theirs


def version(session: Session) -> int:
    """The version of the whole set; every edit raises it."""
    return session.scalar(select(func.max(GuidelineRow.version))) or FIRST


def current(session: Session) -> dict[str, GuidelineVersion]:
    """The guideline in force, by emotion, in the order of the label set."""
    return {emotion: texts[-1] for emotion, texts in everything(session).items()}


def everything(session: Session) -> dict[str, list[GuidelineVersion]]:
    """By emotion every text there has been, oldest first; the first came with the program."""
    found = {name: [GuidelineVersion(FIRST, SHIPPED[name], None, None)] for name in EMOTIONS.names}
    for row in session.scalars(select(GuidelineRow).order_by(GuidelineRow.version)):
        text = Guideline(row.definition, tuple(row.examples), tuple(row.counter_examples))
        found[row.emotion].append(GuidelineVersion(row.version, text, row.reviewer, row.created_at))
    return found


def edit(session: Session, emotion: str, text: Guideline, reviewer: str, seen: int) -> int:
    """Put another text in force; one that changes nothing adds none. Return the version that is in force then.

    Parameters
    ----------
    seen : the version that was on the screen when the edit began

    Raises
    ------
    EditedMeanwhileError : if that version is in force no more; nothing is written
    """
    standing = current(session)[emotion]
    if standing.version != seen:
        raise EditedMeanwhileError(emotion, standing)
    if text == standing.text:
        return standing.version
    row = GuidelineRow(emotion=emotion, definition=text.definition, reviewer=reviewer, created_at=now())
    row.examples, row.counter_examples = list(text.examples), list(text.counter_examples)
    session.add(row)
    session.flush()
    return row.version


def is_outdated(emotion: str) -> ColumnElement[bool]:
    """That a decision was made before the text of this emotion that is in force now."""
    newest = select(func.coalesce(func.max(GuidelineRow.version), FIRST)).where(GuidelineRow.emotion == emotion)
    return func.coalesce(DecisionRow.guidelines, BEFORE) < newest.scalar_subquery()
