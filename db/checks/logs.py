"""
Checks the two logs that people write, decisions and verdicts: nothing is missing, changed, or undone twice.

Rows are only added, so SQLite numbers them without a gap, and an undo names the row that it undoes. A PostgreSQL server
leaves gaps for transactions that failed, so they are no sign of a loss there. Rows missing at the very end leave no
gap; they are found where another table refers to them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from db.checks.findings import BACKUP, FIRST, Finding, found_by
from db.tables.annotations import GuidelineRow
from db.tables.core import DecisionRow, TweetRow
from db.tables.synthetic import VerdictRow


@dataclass(frozen=True)
class _Log:
    """What the two logs have in common."""

    row: Any  # DecisionRow or VerdictRow
    name: str
    kinds: Sequence[str]  # besides undo
    with_labels: Sequence[str]  # the kinds whose rows have labels
    about: str  # the origin of its tweets


LOGS = (
    _Log(DecisionRow, "decisions", ("decide",), ("decide",), "imported"),
    _Log(VerdictRow, "verdicts", ("accept", "reject", "restore"), ("accept",), "synthetic"),
)


def logs(session: Session) -> Iterator[Finding]:
    """Gaps, rows that do not say what they must, and undos that undo nothing or the wrong row."""
    for log in LOGS:
        yield from _gaps(session, log.row.id, log.name)
        for what, condition in _broken(log).items():
            yield from found_by(session, f"{log.name} {what}", _ids(log, condition))
    yield from _gaps(session, GuidelineRow.version, "edits of guidelines")


def _ids(log: _Log, condition: ColumnElement[bool]) -> Select[Any]:
    return select(log.row.id).where(condition).order_by(log.row.id)


def _gaps(session: Session, column: InstrumentedAttribute[int], name: str) -> Iterator[Finding]:
    """The ids that are missing before the largest one."""
    if session.get_bind().dialect.name != "sqlite":
        return
    total, newest = session.execute(select(func.count(), func.max(column))).one()
    if total == (newest or 0):
        return
    known = set(session.scalars(select(column)))
    missing = [i for i in range(1, newest + 1) if i not in known]
    first = tuple(map(str, missing[:FIRST]))
    yield Finding(f"{name} are missing: their numbers have gaps", len(missing), first, BACKUP)


def _broken(log: _Log) -> dict[str, ColumnElement[bool]]:
    """What may be wrong with a row, and the condition for it."""
    row, undone, other = log.row, aliased(log.row), aliased(log.row)
    right_undo = select(undone.id).where(
        undone.id == row.undoes_id, undone.id < row.id, undone.tweet_id == row.tweet_id, undone.kind != "undo"
    )
    twice = select(other.id).where(other.undoes_id == row.undoes_id, other.id < row.id)
    same_event = select(other.id).where(other.event_id == row.event_id, other.id < row.id)
    is_undo = row.kind == "undo"
    others = select(TweetRow.id).where(TweetRow.origin != log.about)
    return {
        "are of an unknown kind": row.kind.not_in((*log.kinds, "undo")),
        "have no labels": row.kind.in_(log.with_labels) & row.labels.is_(None),
        "undo nothing, or not an earlier row on the same tweet": is_undo & ~right_undo.exists(),
        "are no undo and name a row that they undo": ~is_undo & row.undoes_id.is_not(None),
        "undo a row that was undone before": twice.exists(),
        "are stored twice": same_event.exists(),
        "have no reviewer": or_(row.reviewer.is_(None), row.reviewer == ""),
        f"are on tweets that are not {log.about}": row.tweet_id.in_(others),
    }
