"""
Backs up a SQLite store while it is in use, and reads its schema version.
"""

import sqlite3
from pathlib import Path

from db import schema
from db.store import Store
from emoclf.errors import StoreError


def backup(store: Store, target: Path) -> Path:
    """Copy a SQLite store to a new file as a consistent snapshot; writers are not blocked.

    Raises
    ------
    StoreError : if the file exists, cannot be written, or the store is not SQLite
    """
    if store.engine.dialect.name != "sqlite":
        raise StoreError(f"backup copies SQLite files; back up {store.engine.dialect.name} with its own tools")
    if target.exists():
        raise StoreError(f"{target} exists already; name a new file, so that no backup is overwritten")
    with store.engine.connect() as connection:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        try:
            with sqlite3.connect(target) as copy:
                source.backup(copy)
            copy.close()
        except sqlite3.Error as error:
            raise StoreError(f"cannot write {target}: {error}") from error
    return target


def schema_version(store: Store) -> str:
    """The number of the newest migration that the store has."""
    with store.engine.connect() as connection:
        return schema.version(connection) or "none"
