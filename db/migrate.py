"""
Migrates a database to the tables of this version, in one transaction and safely with several processes.

A SQLite store is backed up before (`db.migration_backups`); with PostgreSQL this is left to its own tools.

It loads Alembic; `db.schema` tells without it whether there is anything to migrate.
"""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from db import schema
from db.migration_backups import backed_up
from emoclf.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"
TURN = 0x656D6F  # an arbitrary lock number shared by all processes that migrate


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file: the migrations of this package, on the given connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def to_newest(engine: Engine, has_backup: bool = False) -> None:
    """Run every missing migration; do nothing if there is none. An existing SQLite store is backed up beside it before.

    Parameters
    ----------
    has_backup : the database is a copy, so that no backup is needed

    Raises
    ------
    StoreError : if a newer version of emoclf made the database, it belongs to another program, or the disk has no space
        for the backup
    """
    with engine.connect() as connection:
        if _is_current(connection):
            return
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite serializes writers anyway
            connection.execute(select(func.pg_advisory_xact_lock(TURN)))
        if not _is_current(connection):  # another process may have migrated meanwhile
            with nullcontext() if has_backup else _backed_up(connection):
                command.upgrade(configuration(connection), "head")


def _backed_up(connection: Connection) -> AbstractContextManager[object]:
    """Back up an existing SQLite store; the transaction is open, so that no decision can come in between."""
    old = schema.version(connection)
    if old is None or connection.dialect.name != "sqlite":
        return nullcontext()
    file = connection.exec_driver_sql("PRAGMA database_list").all()[0][2]
    return backed_up(Path(file), old, schema.newest())


def _is_current(connection: Connection) -> bool:
    current = schema.version(connection)
    if current is None:
        if inspect(connection).get_table_names():
            raise StoreError("it holds tables that emoclf did not make; pass --db with the URL of another database")
        return False
    known = ScriptDirectory.from_config(configuration()).walk_revisions()
    if current not in {script.revision for script in known}:
        raise StoreError(f"it was made by a newer version of emoclf (schema {current}); update emoclf to open it")
    return current == schema.newest()
