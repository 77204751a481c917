"""
Reads the schema version of a database, and the newest one of this program, without loading Alembic.

Every process opens a store, and nearly every store is up to date; loading Alembic and its scripts would cost each of
them about a quarter of a second.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

SCRIPTS = Path(__file__).parent / "migrations" / "versions"


@cache
def newest() -> str:
    """The schema version of this program: the number in the name of its newest migration script, such as "0011"."""
    return max(script.name.partition("_")[0] for script in SCRIPTS.glob("[0-9]*_*.py"))


def version(connection: Connection) -> str | None:
    """The schema version of a database: its newest migration, or None if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def is_newest(engine: Engine) -> bool:
    """Whether a database has the schema version of this program."""
    with engine.connect() as connection:
        return version(connection) == newest()
