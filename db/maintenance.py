"""
Backs up a SQLite store while it is in use, names its file, and reads its schema version.
"""

from pathlib import Path

from sqlalchemy.engine import URL, make_url

from db import schema
from db.sqlite_copies import copy_database
from db.store import Store
from emoclf.errors import StoreError


def backup(store: Store, target: Path, replace: bool = False) -> Path:
    """Copy a SQLite store to a new file as a consistent snapshot; writers are not blocked.

    Raises
    ------
    StoreError : if the file exists and `replace` is not set, cannot be written, or the store is not SQLite
    """
    return copy_database(file_of(store.url), target, replace)


def file_of(url: str) -> Path:
    """The file of a SQLite store.

    Raises
    ------
    StoreError : if the store is on a database server, with the command that backs up or restores one
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Path(parsed.database or "")
    address = URL.create("postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database)
    shown = address.render_as_string()
    raise StoreError(
        f"this store is on a database server, which has tools of its own: `pg_dump --format=custom --file=store.dump "
        f"{shown}` backs it up, and `pg_restore --clean --if-exists --dbname={shown} store.dump` restores it; copy the "
        "folder of the runs too"
    )


def schema_version(store: Store) -> str:
    """The number of the newest migration that the store has."""
    with store.engine.connect() as connection:
        return schema.version(connection) or "none"
