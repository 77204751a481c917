"""Tests of PostgreSQL: its tables match the declared ones, several processes open it, and failures give a sentence."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from db.store import Store, open_store
from db.tables import synthetic
from db.tables.annotations import Base
from emoclf.errors import StoreError
from tests.support.databases import needs_postgresql, new_database
from tests.support.paths import ROOT

# The rest of the suite runs on PostgreSQL where EMOCLF_TEST_DB names a server, all but what is about SQLite alone.
pytestmark = needs_postgresql
assert synthetic  # its tables are declared too


def schema(store: Store) -> dict[str, object]:
    """Tables with the names and types of their columns, and the names of their indexes."""
    found = inspect(store.engine)
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            sorted(str(index["name"]) for index in found.get_indexes(table)),
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_migrations_end_at_the_tables_the_program_declares(store: Store, tmp_path: Path) -> None:
    with new_database(tmp_path) as url:
        declared = Store(url, create_engine(url), store.name)
        Base.metadata.create_all(declared.engine)
        expected = schema(declared)
        declared.close()
    migrated = schema(store)
    migrated["tweets"][1].remove("ix_tweets_words")  # the search, which is declared nowhere else
    assert migrated == expected


def test_processes_that_open_a_new_database_at_once_agree(tmp_path: Path) -> None:
    code = "import sys; from db.store import open_store; open_store(sys.argv[1]).close()"
    with new_database(tmp_path) as url:
        openers = [subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT) for _ in range(4)]
        assert [opener.wait() for opener in openers] == [0] * 4


def test_a_server_that_does_not_answer_gives_an_error_without_the_password() -> None:
    with pytest.raises(StoreError, match="check that the server runs and lets you in") as refused:
        open_store("postgresql://ana:secret@localhost:1/emoclf")
    assert "secret" not in str(refused.value)
