"""
Migrates a database to the tables of this version, in one transaction and safely with several processes.

It loads Alembic; `db.schema` tells without it whether there is anything to migrate.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from db import schema
from emoclf.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"
TURN = 0x656D6F  # an arbitrary lock number shared by all processes that migrate


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file: the migrations of this package, on the given connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def to_newest(engine: Engine) -> None:
    """Run every missing migration; do nothing if there is none.

    Raises
    ------
    StoreError : if a newer version of emoclf made the database, or it belongs to another program
    """
    with engine.connect() as connection:
        if _is_current(connection):
            return
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite serializes writers anyway
            connection.execute(select(func.pg_advisory_xact_lock(TURN)))
        if not _is_current(connection):  # another process may have migrated meanwhile
            command.upgrade(configuration(connection), "head")


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
