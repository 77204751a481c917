"""
Puts another database in the place of a SQLite store that nobody uses, and keeps the one that was there.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from db import migrate
from db.migration_backups import dated
from db.sqlite import prepare
from db.sqlite_copies import on_disk
from emoclf.errors import StoreError

COMPANIONS = ("-wal", "-shm", "-journal")  # files of SQLite beside a database


@contextmanager
def unused(file: Path) -> Iterator[None]:
    """Keep every other program from writing to a database during the block, if none has it open now.

    A damaged file that cannot be locked is let through.

    Raises
    ------
    StoreError : if another program has it open
    """
    if not file.exists():
        yield
        return
    uri = f"{file.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")  # refused while another program has it open
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"another program has {file} open ({error}): stop the app, and wait for running jobs or stop them; "
                "nothing was changed"
            ) from error
        except sqlite3.DatabaseError:
            pass
        yield


def put_in_place(new: Path, target: Path) -> Path | None:
    """Give a database the place of another one; return where the other one is now, or None if there was none.

    Call it within `unused`. There is a store at the target at every moment, where the file system has hard links.
    """
    aside = dated(target, "replaced") if target.exists() else None
    if aside:
        for companion in COMPANIONS:  # a log of the store before must not be applied to the new one
            if (beside := target.with_name(target.name + companion)).exists():
                beside.rename(aside.with_name(aside.name + companion))
        try:
            os.link(target, aside)
        except OSError:
            target.rename(aside)
    on_disk(new)
    new.replace(target)
    on_disk(target.absolute().parent)
    return aside


def migrate_copy(file: Path) -> None:
    """Migrate a copy of a store to the newest schema, without a backup.

    Raises
    ------
    StoreError : if it was made by a newer version, or cannot be migrated
    """
    engine = create_engine(f"sqlite:///{file}", hide_parameters=True)
    prepare(engine)
    try:
        migrate.to_newest(engine, has_backup=True)
    except SQLAlchemyError as error:
        raise StoreError(f"the backup cannot be migrated to this version: {getattr(error, 'orig', error)}") from error
    finally:
        engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
