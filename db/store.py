"""
Opens the database by URL, migrates it, and provides the transactions `reading` and `writing`.

SQLite is configured for several processes: a write-ahead log, so that readers never wait; `BEGIN IMMEDIATE` for
writers, since the driver's deferred BEGIN fails with "database is locked" when two readers become writers; and a busy
time-out longer than the longest write. PostgreSQL uses the same code.

A commit is acknowledged only when it is durable: decisions wait for the disk (synchronous FULL), and the database file
must be the one that was opened.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from sqlalchemy import Engine, create_engine, exc, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from db import schema
from db.sqlite import BUSY_SECONDS, DatabaseFile, prepare
from db.tables.core import StoreRow
from db.urls import without_password, without_passwords
from emoclf.errors import StoreError, StoreUnavailableError, UnstorableError

DEFAULT_URL = "sqlite:///emoclf.db"
CONNECT_SECONDS = 5  # time limit for a database server to answer
TO_SERVERS: dict[str, Any] = {
    "pool_pre_ping": True,  # replaces a connection that the server closed
    "connect_args": {"connect_timeout": CONNECT_SECONDS},
}

# Error texts of drivers, and their meaning for the user.
PLAIN = {
    "database is locked": "another program has locked the database",
    "disk is full": "the disk is full",
    "disk i/o error": "the disk cannot be read or written",
    "unable to open database file": "the database file cannot be opened",
    "readonly database": "the database file cannot be written",
    "connection": "the database server does not answer",
    "shutting down": "the database server is shutting down",
    "starting up": "the database server is starting up",
    "administrator command": "the database server was stopped",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """An open database, created by `open_store` and shared between threads."""

    url: str
    engine: Engine
    name: str  # identifies the store, even if the URL is the same
    file: DatabaseFile | None = None  # only with SQLite
    turn: RLock = field(default_factory=RLock, repr=False)  # held while writing to SQLite; see `writing`

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session with one consistent snapshot; it never waits for a writer.

        Raises
        ------
        StoreUnavailableError : if the database cannot be read now
        """
        self.check_file()
        with _in_words(self.url), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self, durable: bool = True, patience: float = BUSY_SECONDS) -> Iterator[Session]:
        """Open a session in one write transaction, committed at the end of the block. Keep it short: others wait.

        With SQLite the threads of this process queue for a lock: SQLite itself lets waiting writers sleep and retry, so
        that some would wait far too long.

        Parameters
        ----------
        durable : whether the commit waits for the disk, so that it survives a power failure; use False for what can be
            recomputed
        patience : seconds to wait for other writers

        Raises
        ------
        StoreUnavailableError : if writing fails now but may succeed later
        UnstorableError : if the database can never store these values
        """
        engine = self.engine.execution_options(writes=True, durable=durable, patience=patience)
        self.check_file()
        with self._turn(patience), _in_words(self.url):
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
            self.check_file()

    @contextmanager
    def _turn(self, patience: float) -> Iterator[None]:
        if self.file is None:  # a database server queues its writers itself
            yield
            return
        if not self.turn.acquire(timeout=patience):
            raise _unavailable(self.url, "too many other programs are writing")
        try:
            yield
        finally:
            self.turn.release()

    def check_file(self) -> None:
        """Raise StoreUnavailableError if the path no longer leads to this store, so that no write is lost silently.

        A copy of the same store at this path, such as a restored backup, is accepted.
        """
        if self.file is None or self.file.is_same:
            return
        if (found := self.file.current_identity()) is None:
            raise _unavailable(self.url, "the database file is missing; put it back, and unsaved work is saved")
        self.engine.dispose()  # connections to the previous file
        with _in_words(self.url), Session(self.engine) as session:
            name = session.scalar(select(StoreRow.name))
        if name != self.name:
            raise _unavailable(
                self.url, "another store is in the place of this one; put this one back, or restart the app"
            )
        self.file.identity = found

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at `url`, creating it if it is new, and run the missing migrations.

    Raises
    ------
    StoreError : if it cannot be reached or written, or was made by a newer version
    """
    try:
        to_server = {} if make_url(url).get_backend_name() == "sqlite" else TO_SERVERS
        engine = create_engine(url, hide_parameters=True, **to_server)  # errors quote no values
    except ModuleNotFoundError as error:
        raise StoreError(f"{without_password(url)} needs the package {error.name}; install it with pip") from error
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        why = "" if isinstance(error, ValueError) else f" ({without_passwords(str(error), url)})"
        raise StoreError(f"this is not a database URL that can be opened{why}; try {DEFAULT_URL}") from error
    file = prepare(engine) if engine.dialect.name == "sqlite" else None
    try:
        _migrate(engine)
        with Session(engine) as session:
            name = session.scalars(select(StoreRow.name)).one()
    except SQLAlchemyError as error:
        engine.dispose()
        wrong = "the folder exists and can be written" if file else "the server runs and lets you in"
        raise StoreError(
            f"cannot open {without_password(url)}: {_reason(error, url)}; check that {wrong}, or pass --db URL"
        ) from error
    except StoreError as error:
        engine.dispose()
        raise StoreError(f"{without_password(url)}: {error}") from error
    if file:
        file.remember()
    return Store(url, engine, name, file)


def _migrate(engine: Engine) -> None:
    if not schema.is_newest(engine):
        from db import migrate  # loads Alembic, which most processes never need

        migrate.to_newest(engine)


@contextmanager
def _in_words(url: str) -> Iterator[None]:
    """Translate database errors into sentences; separate permanent errors from those that may pass."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError) as error:
        reason = _reason(error, url)
        if plain(reason) == reason:  # not a known temporary error, for example a missing table
            log.exception("the database cannot do what was asked")
        raise _unavailable(url, plain(reason)) from error
    except (exc.DataError, OverflowError, UnicodeError) as error:
        raise UnstorableError(f"{without_password(url)} cannot do that: {_reason(error, url)}") from error
    except SQLAlchemyError as error:
        unstorable = isinstance(error, exc.StatementError) and not isinstance(error, exc.DBAPIError)
        kind = UnstorableError if unstorable else StoreError
        if not unstorable:
            log.exception("the database cannot do what was asked")  # a bug
        raise kind(f"{without_password(url)} cannot do that: {_reason(error, url)}") from error


def _unavailable(url: str, why: str) -> StoreUnavailableError:
    return StoreUnavailableError(f"{without_password(url)} cannot do that now: {why}", why)


def plain(reason: str) -> str:
    """The meaning of a driver's error text for the user; unknown texts are returned unchanged.

    >>> plain("database or disk is full"), plain("no such table: tweets")
    ('the disk is full', 'no such table: tweets')
    """
    return next((words for text, words in PLAIN.items() if text in reason.lower()), reason)


def _reason(error: Exception, url: str) -> str:
    """The first line of a driver's message; it can quote the connection string."""
    return without_passwords(str(getattr(error, "orig", None) or error).partition("\n")[0], url)
