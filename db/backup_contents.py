"""
Reads what a SQLite file of any schema version holds, without opening it as a store, which would migrate it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from db import schema
from db.sqlite_copies import is_sqlite
from emoclf.errors import StoreError

# What people judged: the table and the column that tells the judgements of all stores apart.
JUDGEMENTS = {
    "decisions": ("decisions", "event_id"),
    "verdicts on synthetic tweets": ("synthetic_verdicts", "event_id"),
    "flags": ("flags", "event_id"),
    "edits of guidelines": ("guidelines", "version || ' ' || created_at"),
}


@dataclass(frozen=True)
class Contents:
    """What a file holds."""

    schema: str
    store: str  # the store's unique name
    tweets: int
    decisions: int  # rows of the log, including undos
    runs: int
    folders: dict[int, str]  # of the runs that have their files, by run id


def contents(file: Path) -> Contents:
    """What a SQLite file holds.

    Raises
    ------
    StoreError : if it is no store of emoclf, is damaged, or was made by a newer version
    """
    if not is_sqlite(file):
        raise StoreError(f"{file} is no SQLite database, so it is no store of emoclf; name a file that `backup` wrote")
    with _reading(file) as connection:
        tables = _tables(connection)
        if not {"alembic_version", "store", "tweets", "decisions", "queue", "runs"} <= tables:
            raise StoreError(f"{file} is a database, but no store of emoclf; name a file that `backup` wrote")
        [version] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if version > schema.newest():
            raise StoreError(f"{file} was made by a newer version of emoclf (schema {version}); update emoclf first")
        columns = {row[1] for row in connection.execute("PRAGMA table_info(runs)")}
        with_files = "WHERE files" if "files" in columns else ""
        return Contents(
            schema=version,
            store=connection.execute("SELECT name FROM store").fetchone()[0],
            tweets=_count(connection, "tweets"),
            decisions=_count(connection, "decisions"),
            runs=_count(connection, "runs"),
            folders=dict(connection.execute(f"SELECT id, folder FROM runs {with_files} ORDER BY id")),
        )


def judgements(file: Path) -> dict[str, set[str]]:
    """What identifies each judgement in a file, by the kinds of `JUDGEMENTS`.

    Raises
    ------
    StoreError : if it cannot be read
    """
    with _reading(file) as connection:
        tables = _tables(connection)
        return {
            kind: {str(row[0]) for row in connection.execute(f"SELECT {column} FROM {table}")}
            if table in tables
            else set()
            for kind, (table, column) in JUDGEMENTS.items()
        }


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            yield connection
    except (sqlite3.Error, TypeError) as error:  # TypeError: a row that every store has is missing
        raise StoreError(f"{file} cannot be read as a store: {error}") from error


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
