"""Tests of the store: opening, migration, rejected databases, and concurrent writers."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, inspect, text

from db import maintenance, migrate, summaries
from db.decisions import NewDecision, add_decision
from db.runs import get_run
from db.store import Store, open_store
from db.suggestions import add_suggestions
from db.tables import synthetic
from db.tables.annotations import Base  # with the tables of db.tables.core and its own
from emoclf.errors import StoreError
from emoclf.labels import EMOTIONS
from tests.support.databases import about_sqlite
from tests.support.paths import ROOT

assert synthetic  # its tables are declared too


def schema(connection: Connection) -> dict[str, object]:
    """Tables with their columns, indexes and constraints, in a form that can be compared."""
    found = inspect(connection)
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            "indexes": sorted(
                text_of
                for (text_of,) in connection.execute(
                    text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = :t"),
                    {"t": table},
                )
            ),
            "primary": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                str(k["constrained_columns"]) + k["referred_table"] for k in found.get_foreign_keys(table)
            ),
            "unique": sorted(str(u["column_names"]) for u in found.get_unique_constraints(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version" and not table.startswith("tweet_words")  # the search, which SQLite makes itself
    }


def test_migrations_end_at_the_tables_the_program_declares() -> None:
    migrated, declared = create_engine("sqlite://"), create_engine("sqlite://")
    with migrated.begin() as one, declared.begin() as other:
        command.upgrade(migrate.configuration(one), "head")
        Base.metadata.create_all(other)
        assert schema(one) == schema(other)
    migrated.dispose()
    declared.dispose()


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="made by a newer version of emoclf \\(schema 9999\\)"):
        open_store(store.url)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tweets (body TEXT)"))
    engine.dispose()
    with pytest.raises(StoreError, match="it holds tables that emoclf did not make"):
        open_store(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("dear diary, " * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{tmp_path / 'notes.db'}")


@pytest.mark.parametrize("url", ["sqlite:////proc/emoclf.db", "sqlite:////no/such/folder/emoclf.db"])
def test_a_folder_that_cannot_be_written_is_named_in_one_sentence(url: str) -> None:
    with pytest.raises(StoreError, match=r"cannot open sqlite:.*emoclf\.db") as refused:
        open_store(url)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["emoclf.db", "nosuch://u:secret@host/base", "postgresql://h:bad/x", "postgresql+nosuch://u:secret@localhost/x"],
)
def test_an_invalid_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match="not a database URL") as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


def test_a_database_in_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="name a file"):
        open_store("sqlite://")


@about_sqlite
def test_a_number_too_large_for_the_database_gives_a_clear_error(filled: Store) -> None:
    with pytest.raises(StoreError, match="too large"), filled.reading() as session:
        get_run(session, 10**30)


def test_two_stores_never_have_the_same_name(store: Store, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    assert store.name != other.name
    other.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET reviewer = 'eve'",
        "DELETE FROM decisions",
        pytest.param(
            "INSERT OR REPLACE INTO decisions "
            "(id, event_id, tweet_id, reviewer, kind, right_sources, shown, created_at) SELECT id, event_id, "
            "tweet_id, 'eve', kind, right_sources, shown, created_at FROM decisions",
            marks=about_sqlite,
        ),
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_a_decision(filled: Store, statement: str) -> None:
    with filled.writing() as session:
        add_decision(session, NewDecision("e1", 1, "ana", frozenset({"joy"})))
    with pytest.raises(StoreError, match="only ever added"), filled.writing() as session:
        session.execute(text(statement))


WRITER = """
import sys
from db.decisions import NewDecision, add_decision
from db.store import open_store
store, name = open_store(sys.argv[1]), sys.argv[2]
for n in range(40):
    with store.writing() as session:
        add_decision(session, NewDecision(f"{name}-{n}", 1 + n % 3, name, frozenset({"joy"})))
"""


@pytest.mark.processes
def test_six_processes_that_decide_at_once_lose_nothing(filled: Store) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, filled.url, f"r{i}"], cwd=ROOT, stderr=subprocess.PIPE)
        for i in range(6)
    ]
    errors = [writer.communicate()[1].decode() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 6, errors
    with filled.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM decisions")) == 240


@pytest.mark.processes
def test_processes_that_open_a_new_database_at_once_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    code = "import sys; from db.store import open_store; open_store(sys.argv[1])"
    openers = [subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT) for _ in range(4)]
    assert [opener.wait() for opener in openers] == [0] * 4


@about_sqlite
def test_a_backup_holds_what_the_store_held_and_never_overwrites(filled: Store, tmp_path: Path) -> None:
    target = maintenance.backup(filled, tmp_path / "copy.db")
    copy = open_store(f"sqlite:///{target}")
    with copy.reading() as session:
        assert summaries.sizes(session) == {"train": 3, "dev": 1}
    copy.close()
    with pytest.raises(StoreError, match="exists already"):
        maintenance.backup(filled, target)


def test_counts_include_every_kind_of_row(filled: Store) -> None:
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(1, [0.5] * 11)])
        add_decision(session, NewDecision("e1", 2, "ana", frozenset({"anger"})))
    with filled.reading() as session:
        counts = summaries.counts(session, "train")
        assert (counts.tweets, counts.decided, counts.suggested, counts.predicted) == (3, 1, 1, 0)
        assert counts.per_emotion == {**dict.fromkeys(EMOTIONS.names, 0), "joy": 3, "love": 1, "anticipation": 1}
        assert summaries.changed(session) == 1
        assert summaries.reviewers(session) == [("ana", 1)]
