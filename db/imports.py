"""
Reads and writes the records of imports, and finds free tweet ids.

The id of a tweet is never used again, also after its import was undone: a browser may still hold a decision on it.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.tables.columns import now
from db.tables.core import SuggestionRow, TweetRow
from db.tables.imports import ImportRow
from emoclf.errors import NotFoundError
from emoclf.llm.prompts import IMPORTED


@dataclass(frozen=True)
class Import:
    """One import that added tweets or labels to the store."""

    id: int
    file: str
    sha256: str
    imported_by: str
    split: str  # of its tweets and why, such as "dev, from the file name"
    tweets: int  # added by the import
    labelled: int  # tweets stored without labels that took theirs from it
    unchanged: int
    rejected: int
    created_at: dt.datetime
    undone_by: str | None
    undone_at: dt.datetime | None
    left: int  # of its tweets, and of those with its labels or suggestions, that are still in the store

    @property
    def named(self) -> str:
        """The import in a sentence.

        >>> import datetime as dt
        >>> when = dt.datetime(2026, 5, 4, 15, 30, tzinfo=dt.UTC)
        >>> Import(3, "dev.csv", "", "ana", "dev", 9, 0, 0, 0, when, None, None, 9).named
        'import 3 (dev.csv, 2026-05-04 15:30 UTC, by ana)'
        """
        return f"import {self.id} ({self.file}, {moment(self.created_at)}, by {self.imported_by})"


def moment(at: dt.datetime) -> str:
    """A time in a sentence, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def new_ids(session: Session, n: int) -> Sequence[int]:
    """Ids for n new tweets, ascending, none of which a tweet ever had; call it in the transaction that adds them."""
    if session.get_bind().dialect.name == "postgresql":
        drawn = "SELECT nextval(pg_get_serial_sequence('tweets', 'id')) FROM generate_series(1, :n)"
        return sorted(session.scalars(text(drawn), {"n": n}))
    # SQLite would use the largest ids again once their tweets are deleted.
    used = [session.scalar(select(func.max(column))) or 0 for column in (TweetRow.id, ImportRow.last_tweet)]
    return range(max(used) + 1, max(used) + n + 1)


def add_import(session: Session, **fields: Any) -> int:
    """Add a record, before its tweets, whose ids follow with `set_range`; return its id."""
    row = ImportRow(first_tweet=0, last_tweet=0, **fields)
    session.add(row)
    session.flush()
    return row.id


def set_range(session: Session, import_id: int, first: int, last: int) -> None:
    """Record the smallest and the largest id of an import's tweets."""
    session.execute(update(ImportRow).where(ImportRow.id == import_id).values(first_tweet=first, last_tweet=last))


def list_imports(session: Session, ids: Collection[int] | None = None) -> list[Import]:
    """The imports, newest first; all, or those with these ids."""
    own, labelled = (
        select(func.count()).select_from(TweetRow).where(column == ImportRow.id).correlate(ImportRow).scalar_subquery()
        for column in (TweetRow.import_id, TweetRow.labels_import_id)
    )
    rows = select(ImportRow, own + labelled).order_by(ImportRow.id.desc())
    if ids is not None:
        rows = rows.where(ImportRow.id.in_(ids))
    names = [name for name in Import.__dataclass_fields__ if name != "left"]
    suggested = _suggested(session)
    return [
        Import(**{name: getattr(row, name) for name in names}, left=n + suggested.get(row.id, 0))
        for row, n in session.execute(rows)
    ]


def suggestions_for_others(import_id: InstrumentedAttribute[int] | int) -> tuple[ColumnElement[bool], ...]:
    """The conditions of the suggestions that an import gave to tweets of other imports, joined with all three tables.

    They have the time of the import. Those of stores of earlier versions were made a moment later, and belong to none.
    """
    return (
        ImportRow.id == import_id,
        SuggestionRow.created_at == ImportRow.created_at,
        SuggestionRow.prompt_version.startswith(IMPORTED),
        TweetRow.id == SuggestionRow.tweet_id,
        TweetRow.import_id.is_distinct_from(ImportRow.id),
    )


def _suggested(session: Session) -> dict[int, int]:
    """The number of suggestions that each import gave to tweets of other imports, if it gave any."""
    rows = select(ImportRow.id, func.count()).where(*suggestions_for_others(ImportRow.id)).group_by(ImportRow.id)
    return dict(session.execute(rows).all())


def get_import(session: Session, import_id: int) -> Import:
    """One import.

    Raises
    ------
    NotFoundError : if there is none
    """
    found = list_imports(session, [import_id])
    if not found:
        raise NotFoundError(f"there is no import {import_id}; `cli.py imports` lists them")
    return found[0]


def same_file(session: Session, sha256: str) -> Import | None:
    """The newest import of a file with the same bytes that still has tweets in the store."""
    ids = session.scalars(select(ImportRow.id).where(ImportRow.sha256 == sha256)).all()
    return next((one for one in list_imports(session, ids) if one.left), None) if ids else None


def no_tweet(session: Session, tweet_id: int) -> NotFoundError:
    """The error for a tweet that is not in the store; it says if the tweet was removed with its import."""
    within = (ImportRow.first_tweet <= tweet_id, ImportRow.last_tweet >= tweet_id, ImportRow.undone_at.is_not(None))
    row = session.scalar(select(ImportRow).where(*within).limit(1))
    if row is None or row.undone_at is None:
        return NotFoundError(f"there is no tweet {tweet_id}")
    when = moment(row.undone_at)
    return NotFoundError(
        f"the tweet is no longer in the store: {row.undone_by} undid the import of {row.file} on {when}, and the tweet "
        "was removed with it"
    )


def record_undo(session: Session, import_id: int, by: str) -> None:
    """Record that an import was undone."""
    _record(session, import_id, undone_by=by, undone_at=now())


def record_move(session: Session, import_id: int, split: str) -> None:
    """Record where the tweets of an import were moved, in words."""
    _record(session, import_id, split=split)


def _record(session: Session, import_id: int, **fields: Any) -> None:
    change = update(ImportRow).where(ImportRow.id == import_id)
    session.execute(change.values(changes=ImportRow.changes + 1, **fields))


def stamp(session: Session) -> tuple[int, int]:
    """A value that changes with every import that adds tweets, every undo and every move."""
    newest, changes = session.execute(select(func.max(ImportRow.id), func.sum(ImportRow.changes))).one()
    return newest or 0, changes or 0
