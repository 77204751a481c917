"""Creates databases for tests: SQLite files, or on a PostgreSQL server if EMOCLF_TEST_DB gives one."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import URL, create_engine, make_url, text

from db import migrate

SERVER = os.environ.get("EMOCLF_TEST_DB", "")  # such as postgresql://me@localhost/postgres

about_sqlite = pytest.mark.skipif(bool(SERVER), reason="about SQLite alone; EMOCLF_TEST_DB names a server")
needs_postgresql = pytest.mark.skipif(
    not SERVER, reason="no PostgreSQL; set EMOCLF_TEST_DB to the URL of a server that tests may add databases to"
)


@contextmanager
def new_database(folder: Path, template: str = "template1") -> Iterator[str]:
    """The URL of an empty database; on a server it is copied from a template and dropped at the end of the block."""
    if not SERVER:
        yield f"sqlite:///{folder / 'emoclf.db'}"
        return
    name = f"emoclf_{uuid.uuid4().hex[:12]}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _at(name).render_as_string(hide_password=False)
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def copied_store(url: str, folder: Path) -> Iterator[str]:
    """The URL of a copy of a closed store, with its own store name."""
    original = make_url(url).database
    assert original
    with new_database(folder, original) as copy:
        if not SERVER:
            shutil.copyfile(original, folder / "emoclf.db")
        engine = create_engine(copy)
        with engine.begin() as connection:
            connection.execute(text("UPDATE store SET name = :name"), {"name": uuid.uuid4().hex})
        engine.dispose()
        yield copy


def _at(name: str) -> URL:
    return make_url(SERVER).set(database=name)


def _administer(statement: str) -> None:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def database_at(schema: str, rows: str, folder: Path) -> str:
    """The URL of a new SQLite database with an older schema and these rows."""
    url = f"sqlite:///{folder / 'old.db'}"
    fill_at(url, schema, rows)
    return url


def fill_at(url: str, schema: str, rows: str) -> None:
    """Give an empty database an older schema and these rows."""
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(migrate.configuration(connection), schema)
        for statement in rows.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
