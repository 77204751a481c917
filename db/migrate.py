"""
Migrations: brings a database to the tables this version declares, in one transaction, whoever comes first.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from emoclf.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"
TURN = 0x656D6F  # any number that all who migrate agree on


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings, without a file: the scripts beside this module, on the given connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def to_newest(engine: Engine) -> None:
    """Run every migration the database lacks; do nothing where it has them all.

    Raises
    ------
    StoreError : if a newer version of emoclf made the database, or it belongs to another program
    """
    with engine.connect() as connection:
        if _is_current(connection):
            return
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's writers wait for one another anyway
            connection.execute(select(func.pg_advisory_xact_lock(TURN)))
        if not _is_current(connection):  # another process may have been faster
            command.upgrade(configuration(connection), "head")


def _is_current(connection: Connection) -> bool:
    scripts = ScriptDirectory.from_config(configuration())
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        if inspect(connection).get_table_names():
            raise StoreError("it holds tables that emoclf did not make; pass --db URL of another one")
        return False
    if current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(f"it was made by a newer version of emoclf (schema {current}); update emoclf to open it")
    return current == scripts.get_current_head()
