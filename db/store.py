"""
The store: one database, opened by URL, brought up to date, and entered through `reading` or `writing`.

SQLite is set up for several processes at once: a write-ahead log, so that
readers never wait; BEGIN IMMEDIATE for writers, because SQLite's deferred BEGIN
fails with "database is locked" when two readers turn into writers; and a busy
time-out long enough for the longest write. The same code serves PostgreSQL.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from db import migrate
from emoclf.errors import StoreError

BUSY_SECONDS = 30
DEFAULT_URL = "sqlite:///emoclf.db"


def default_url(env: Mapping[str, str] = os.environ) -> str:
    """The database that is used where none is named: EMOCLF_DB, else a file in the working folder."""
    return env.get("EMOCLF_DB", DEFAULT_URL)


@dataclass(frozen=True)
class Store:
    """An open database. Make one with `open_store` and share it between threads."""

    url: str
    engine: Engine
    turn: AbstractContextManager[object]  # held while writing; see `writing`

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and never waits for a writer."""
        with _mendable(self.url), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one write transaction, committed at the end of the block. Keep it short: others wait.

        With SQLite the threads of this process line up here: the database itself lets whoever waits sleep and try
        again, and some would wait far longer than their turn.
        """
        engine = self.engine.execution_options(writes=True)
        with self.turn, _mendable(self.url), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at `url`, make it if it is new, and run the migrations it lacks.

    Raises
    ------
    StoreError : if it cannot be reached or written, or is of a newer version
    """
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise StoreError(f"{without_password(url)} needs the package {error.name}; install it with pip") from error
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError(f"this is not a database URL that can be opened ({error}); try {DEFAULT_URL}") from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        migrate.to_newest(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        wrong = (
            "the folder exists and can be written"
            if engine.dialect.name == "sqlite"
            else "the server runs and lets you in"
        )
        raise StoreError(
            f"cannot open {without_password(url)}: {_reason(error)}; check that {wrong}, or pass --db URL"
        ) from error
    except StoreError as error:
        engine.dispose()
        raise StoreError(f"{without_password(url)}: {error}") from error
    return Store(url, engine, RLock() if engine.dialect.name == "sqlite" else nullcontext())


def without_password(url: str) -> str:
    """The URL as it may be shown.

    >>> without_password("postgresql://ana:secret@host/base")
    'postgresql://ana:***@host/base'
    """
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def _mendable(url: str) -> Iterator[None]:
    """Turn what the database refuses into a sentence."""
    try:
        yield
    except (SQLAlchemyError, OverflowError) as error:
        raise StoreError(f"{without_password(url)} cannot do that: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _prepare_sqlite(engine: Engine) -> None:
    if engine.url.database in (None, "", ":memory:"):
        raise StoreError("a database in memory cannot be shared between processes; name a file, as in sqlite:///my.db")

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
