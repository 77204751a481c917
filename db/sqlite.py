"""
Configures SQLite connections, and checks that the open database file is still the one at the store's path.

A file that is deleted or replaced while it is open can still be written to, but those writes are lost. So the file is
checked before every transaction and again after its commit.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from emoclf.errors import StoreError

BUSY_SECONDS = 30  # how long a statement waits for another process's lock
Identity = tuple[int, int]  # device and inode


class DatabaseFile:
    """The file of a SQLite store, identified by device and inode."""

    def __init__(self) -> None:
        self.path: Path | None = None  # absolute; None before the first connection
        self.identity: Identity | None = None  # None before the store is open

    def remember(self) -> None:
        """Take the file at the path as the store's file."""
        self.identity = self.current_identity()

    def current_identity(self) -> Identity | None:
        """The identity of the file at the path; None if there is none."""
        try:
            found = os.stat(self.path or "")
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @property
    def is_same(self) -> bool:
        """Whether the path still leads to the file that was opened."""
        return self.identity is None or self.current_identity() == self.identity


def prepare(engine: Engine) -> DatabaseFile:
    """Configure every connection of an engine, and return its database file.

    A write transaction begins with BEGIN IMMEDIATE. Its execution options are `durable` (whether the commit waits for
    the disk) and `patience` (seconds to wait for another process's lock).

    Raises
    ------
    StoreError : if the database would be in memory
    """
    if engine.url.database in (None, "", ":memory:"):
        raise StoreError("a database in memory cannot be shared between processes; name a file, as in sqlite:///my.db")
    file = DatabaseFile()

    @event.listens_for(engine, "do_connect")
    def never_make_an_empty_file(*_arguments: object) -> None:
        if file.identity is not None and file.current_identity() is None:
            raise sqlite3.OperationalError("unable to open database file")

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        if file.path is None:
            file.path = Path(cursor.execute("PRAGMA database_list").fetchone()[2])
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("writes", False):
            connection.exec_driver_sql("BEGIN")
            return
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options.get('durable', True) else 'NORMAL'}")
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * options.get('patience', BUSY_SECONDS))}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return file
