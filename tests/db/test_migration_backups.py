"""Tests of the backup before a migration: made only then, told, and the last three are kept."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import migrate, sqlite_copies
from db.backup_contents import contents
from db.migration_backups import migration_backups
from db.store import open_store
from emoclf.errors import StoreError
from tests.support.databases import about_sqlite, database_at
from tests.support.whole_stores import rows_of

pytestmark = about_sqlite


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of the schema before the newest one."""
    database_at("0013", rows_of("0013"), tmp_path)
    return tmp_path / "old.db"


def test_a_store_is_backed_up_beside_it_before_its_schema_changes(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    open_store(f"sqlite:///{old}").close()
    [copy] = migration_backups(old)
    assert copy.name.startswith("old-schema-0013-20")
    assert (contents(copy).schema, contents(copy).decisions, contents(old).schema) == ("0013", 3, "0014")
    [record] = [one for one in caplog.records if one.name == "db.migration_backups"]
    told = f"the schema of old.db changes from 0013 to 0014; it was backed up to {copy} before"
    assert (record.getMessage(), record.levelno) == (told, logging.WARNING)


def test_no_backup_is_made_of_a_new_store_or_one_that_is_up_to_date(tmp_path: Path) -> None:
    for _ in range(2):
        open_store(f"sqlite:///{tmp_path / 'new.db'}").close()
    assert {path.name for path in tmp_path.iterdir()} == {"new.db"}


def test_without_space_for_the_backup_the_store_stays_as_it_is(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_copies, "SPARE_BYTES", 10**18)
    with pytest.raises(StoreError, match=r"the backup before the schema changes from 0013 to 0014 needs .* are free"):
        open_store(f"sqlite:///{old}")
    assert contents(old).schema == "0013"
    assert migration_backups(old) == []


def test_a_migration_that_fails_leaves_the_store_and_no_backup(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise StoreError("the migration failed")

    monkeypatch.setattr(migrate.command, "upgrade", fail)
    with pytest.raises(StoreError, match="the migration failed"):
        open_store(f"sqlite:///{old}")
    assert contents(old).schema == "0013"
    assert migration_backups(old) == []


def test_the_last_three_backups_are_kept_and_no_other_file_is_removed(old: Path) -> None:
    others = ["old-schema-0001.db", "older-schema-0001-20200101-000000.db", "old-backup-20200101-000000.db"]
    earlier = [f"old-schema-000{n}-2020010{n}-000000.db" for n in range(1, 5)]
    for name in (*others, *earlier):
        with closing(sqlite3.connect(old.with_name(name))):
            old.with_name(name).touch()
    open_store(f"sqlite:///{old}").close()
    kept = {path.name for path in old.parent.iterdir()}
    assert kept > {*others, *earlier[2:]}
    assert not kept & set(earlier[:2])
    assert len(migration_backups(old)) == 3
