"""Tests of the schema version, which is read without loading Alembic."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from db import migrate, schema
from db.store import Store
from tests.support.databases import database_at
from tests.support.paths import ROOT


def test_the_newest_schema_is_the_one_at_which_the_migrations_end() -> None:
    assert schema.newest() == ScriptDirectory.from_config(migrate.configuration()).get_current_head()


def test_each_migration_script_begins_with_its_version() -> None:
    for script in ScriptDirectory.from_config(migrate.configuration()).walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_only_a_store_of_the_newest_schema_needs_no_migration(store: Store, tmp_path: Path) -> None:
    assert schema.is_newest(store.engine)
    for url in (database_at("0001", "", tmp_path), f"sqlite:///{tmp_path / 'new.db'}"):
        engine = create_engine(url)
        assert not schema.is_newest(engine)
        engine.dispose()


@pytest.mark.processes
def test_opening_a_store_of_the_newest_schema_does_not_load_alembic(store: Store) -> None:
    code = "import sys; from db.store import open_store; open_store(sys.argv[1]); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code, store.url], cwd=ROOT, check=False).returncode == 0
