"""Tests of restoring: nothing is replaced before the backup is checked, and nothing that people judged is lost."""

import hashlib
from pathlib import Path
from zipfile import ZipFile

import pytest

import cli
from db.decisions import NewDecision, add_decision, decision_log
from db.maintenance import backup
from db.store import Store, open_store
from emoclf.errors import StoreError
from jobs.maintenance.backups import back_up
from jobs.maintenance.check import findings_of
from jobs.maintenance.restore import restore
from tests.support.command_line import answer
from tests.support.databases import about_sqlite, database_at
from tests.support.paths import ROOT
from tests.support.whole_stores import EARLIER, JOY, rows_of

pytestmark = about_sqlite


@pytest.fixture
def saved(whole: Path, tmp_path: Path) -> Path:
    """A backup of the whole store with its runs, which nobody has open."""
    store = open_store(f"sqlite:///{whole}")
    back_up(store, tmp_path / "all.zip", with_runs=True)
    store.close()
    return tmp_path / "all.zip"


def url(file: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{file}"


def decide(file: Path, event_id: str) -> None:
    """Add a decision to a store."""
    store = open_store(url(file))
    with store.writing() as session:
        add_decision(session, NewDecision(event_id, 5, "ana", JOY))
    store.close()


def events(file: Path) -> list[str]:
    """The events of the log."""
    store = open_store(url(file))
    with store.reading() as session:
        found = [row["event_id"] for row in decision_log(session)]
    store.close()
    return found


def digest(file: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_backup_restored_elsewhere_is_a_whole_store_with_its_runs(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "other" / "emoclf.db"
    target.parent.mkdir()
    monkeypatch.delenv("EMOCLF_RUNS")
    told = restore(url(target), saved)
    assert (told["tweets"], told["decisions"], told["runs"], told["store_before"]) == (52, 26, 1, None)
    assert told["words"] == ["1 folders of runs were restored."]
    store = open_store(url(target))
    assert list(findings_of(store)) == []
    store.close()
    assert not [path for path in target.parent.rglob("*") if "unfinished" in path.name]


def test_the_store_before_is_kept_under_a_name_with_the_date(whole: Path, saved: Path, tmp_path: Path) -> None:
    was = events(whole)
    (tmp_path / "runs" / "folder-0" / "classifier.json").write_text("{}")
    told = restore(url(whole), saved)
    assert told["store_before"].startswith(f"{tmp_path}/emoclf-replaced-20")
    assert events(Path(told["store_before"])) == events(whole) == was
    assert [path.name[:18] for path in (tmp_path / "runs").iterdir() if "replaced" in path.name] == [
        "folder-0-replaced-"
    ]
    assert "thresholds" in (tmp_path / "runs" / "folder-0" / "classifier.json").read_text()


def test_decisions_that_the_backup_lacks_are_replaced_only_if_asked(
    whole: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(whole, "late 1")
    decide(whole, "late 2")
    assert cli.main(["restore", str(saved)]) == 2
    assert "holds 2 decisions that the backup does not have" in capsys.readouterr().err
    assert events(whole)[-2:] == ["late 1", "late 2"]
    told = answer(capsys, "restore", str(saved), "--replace")
    assert told["words"] == ["The store before held 2 decisions that the backup does not have."]
    assert events(Path(told["store_before"]))[-2:] == ["late 1", "late 2"]
    assert len(events(whole)) == 26


def test_a_store_that_a_program_has_open_is_not_replaced(opened: Store, tmp_path: Path) -> None:
    with opened.reading() as session:
        list(decision_log(session))
    backup(opened, tmp_path / "copy.db")
    with pytest.raises(StoreError, match=r"another program has .*emoclf.db open .*stop the app"):
        restore(opened.url, tmp_path / "copy.db", replace=True)
    assert list(tmp_path.glob("*replaced*")) == []


def test_a_backup_with_a_changed_byte_replaces_nothing(whole: Path, saved: Path) -> None:
    was = digest(whole)
    content = bytearray(saved.read_bytes())
    content[content.index(b"F32")] ^= 1
    saved.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged"):
        restore(url(whole), saved, replace=True)
    assert digest(whole) == was


def test_a_backup_that_was_cut_off_replaces_nothing(whole: Path, tmp_path: Path) -> None:
    was = digest(whole)
    cut = tmp_path / "cut.db"
    cut.write_bytes(whole.read_bytes()[: 4096 * 20])
    with pytest.raises(StoreError, match="is damaged"):
        restore(url(whole), cut, replace=True)
    assert digest(whole) == was


@pytest.mark.parametrize("name", ["../evil", "runs/../../evil", "runs/evil", "other/a/b"])
def test_an_archive_with_a_file_outside_the_runs_is_refused(whole: Path, saved: Path, name: str) -> None:
    with ZipFile(saved, "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(StoreError, match="a file that `backup` did not write"):
        restore(url(whole), saved, replace=True)


@pytest.mark.parametrize("content", [b"a letter", b"SQLite format 3\0 and a letter", b""])
def test_a_file_that_is_no_backup_is_refused(whole: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter").write_bytes(content)
    with pytest.raises(StoreError, match=r"is no backup|is damaged"):
        restore(url(whole), tmp_path / "letter", replace=True)


def test_a_damaged_store_is_replaced_only_if_asked(whole: Path, saved: Path, tmp_path: Path) -> None:
    whole.write_bytes(b"\xff" * 8192)
    with pytest.raises(StoreError, match="pass --replace to restore anyway"):
        restore(url(whole), saved)
    kept = restore(url(whole), saved, replace=True)["store_before"]
    assert Path(kept).read_bytes() == b"\xff" * 8192
    assert len(events(whole)) == 26


def test_a_log_left_by_the_store_before_is_not_applied_to_the_restored_one(whole: Path, saved: Path) -> None:
    whole.write_bytes(b"\xff" * 8192)
    whole.with_name("emoclf.db-wal").write_bytes(b"of the store before")
    kept = Path(restore(url(whole), saved, replace=True)["store_before"])
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"of the store before"
    assert len(events(whole)) == 26


def test_a_backup_without_runs_says_whose_files_are_missing(whole: Path, tmp_path: Path) -> None:
    store = open_store(url(whole))
    backup(store, tmp_path / "copy.db")
    store.close()
    (tmp_path / "runs").rename(tmp_path / "elsewhere")
    assert "The files of run 1 are not in" in restore(url(whole), tmp_path / "copy.db")["words"][-1]


@pytest.mark.parametrize("schema", EARLIER)
def test_a_backup_of_every_earlier_schema_is_restored_as_a_whole_store(schema: str, tmp_path: Path) -> None:
    database_at(schema, rows_of(schema), tmp_path)
    target = tmp_path / "emoclf.db"
    assert restore(url(target), tmp_path / "old.db")["decisions"] == 3
    store = open_store(url(target))
    assert list(findings_of(store)) == []
    with store.reading() as session:
        assert next((row["event_id"], row["labels"]) for row in decision_log(session)) == ("e1", "love")
    store.close()
    assert list(tmp_path.glob("*-schema-*")) == []  # the backup itself is unchanged, so no other one is made


def test_the_store_of_an_earlier_version_is_restored_with_its_run(tmp_path: Path) -> None:
    with ZipFile(ROOT / "tests" / "stores" / "flat_layout.zip") as files:
        files.extractall(tmp_path)
    told = restore(url(tmp_path / "emoclf.db"), tmp_path / "store.db")
    assert (told["tweets"], told["decisions"], told["runs"], told["words"]) == (143, 5, 1, [])
    store = open_store(url(tmp_path / "emoclf.db"))
    assert list(findings_of(store)) == []
    store.close()


def test_a_backup_of_a_newer_version_is_refused(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.schema.newest", lambda: "0012")
    with pytest.raises(StoreError, match="made by a newer version of emoclf"):
        restore(url(tmp_path / "new.db"), whole)
