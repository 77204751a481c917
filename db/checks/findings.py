"""
A finding of the check: a broken promise, how often it is broken, where first, and what would do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

FIRST = 5  # ids that a finding shows
REPAIR = "`cli.py check --repair` computes it again"
BACKUP = "restore a backup from before the damage"
BACKUP_OR_REPAIR = f"{BACKUP}; without one, `cli.py check --repair` goes on with what is left"


@dataclass(frozen=True)
class Finding:
    """One broken promise."""

    what: str  # in words, without numbers, so that the findings of two stores can be compared
    count: int
    first: tuple[str, ...]  # the first ids
    remedy: str

    @property
    def needs_backup(self) -> bool:
        """Whether something is lost that only a backup has."""
        return self.remedy.startswith(BACKUP)


Check = Callable[[Session], Iterator[Finding]]


def found_by(session: Session, what: str, rows: Any, remedy: str = BACKUP) -> Iterator[Finding]:
    """A finding if a query (a `select`) has rows; its first columns are the ids."""
    first = session.execute(rows.limit(FIRST)).all()
    if first:
        count = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or len(first)
        yield Finding(what, count, tuple(" ".join(map(str, row)) for row in first), remedy)


def found_among(what: str, ids: Sequence[object], remedy: str = BACKUP) -> Iterator[Finding]:
    """A finding if there are ids."""
    if ids:
        yield Finding(what, len(ids), tuple(map(str, ids[:FIRST])), remedy)
