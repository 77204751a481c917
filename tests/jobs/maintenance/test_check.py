"""Tests of the check: a whole store has no findings, and each kind of damage is named."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import cli
from db.checks import derived, structure
from db.store import Store
from jobs.maintenance import run_checks
from jobs.maintenance.check import check, findings_of
from tests.support.command_line import answer
from tests.support.damage import DAMAGE, IN_THE_SEARCH, UNGUARDED, Damage, damage
from tests.support.databases import about_sqlite
from tests.support.tweet_files import record, write

pytestmark = about_sqlite


def test_a_store_with_a_row_of_every_kind_is_whole(opened: Store) -> None:
    assert list(findings_of(opened)) == []


@pytest.mark.parametrize("one", DAMAGE, ids=[one.name for one in DAMAGE])
def test_damage_is_named(opened: Store, whole: Path, one: Damage) -> None:
    damage(whole, one.statements)
    with opened.writing() as session:
        found = list(one.check(session))
    [finding] = [finding for finding in found if one.what in finding.what]
    assert finding.count == one.count
    assert finding.first[0].startswith(one.first) if one.first.endswith(" ") else finding.first[0] == one.first


def test_a_whole_store_gives_status_0_and_a_damaged_one_2_with_what_would_do(
    whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = answer(capsys, "backup")["backup"]
    assert answer(capsys, "check")["findings"] == []
    damage(whole, UNGUARDED + "DELETE FROM decisions WHERE id = 1")
    assert cli.main(["check"]) == 2
    shown = capsys.readouterr().out
    assert "decisions are missing: their numbers have gaps  1  1  restore a backup from before the damage" in shown
    assert f"{saved} would do: it does not have this damage." in shown


def test_a_file_that_sqlite_finds_damaged_is_named_and_nothing_else_is_checked(whole: Path) -> None:
    content = bytearray(whole.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\xff" * (4096 * 5)
    whole.write_bytes(content)
    found = check(f"sqlite:///{whole}")
    assert [one["what"] for one in found["findings"]] == ["SQLite finds the file damaged"]
    assert "no backup beside the store" in found["words"][-1]


def test_the_check_makes_no_new_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == 2
    assert "there is no store at" in capsys.readouterr().err
    assert not (tmp_path / "emoclf.db").exists()


def lose(folder: Path) -> None:
    """Take the folder away."""
    folder.rename(folder.with_name("elsewhere"))


def cut(folder: Path) -> None:
    """Cut the weights off, as a full disk or a broken copy does."""
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lose, "its folder is missing"),
        (cut, "model.safetensors is cut off or damaged"),
        (lambda folder: (folder / "model.safetensors").unlink(), "its weights are missing"),
        (lambda folder: (folder / "classifier.json").write_text("{"), "classifier.json is missing or damaged"),
        (lambda folder: (folder / "classifier.json").write_text('{"thresholds": [0.1]}'), "other thresholds"),
    ],
    ids=["folder", "cut", "weights", "card", "thresholds"],
)
def test_damage_to_the_files_of_a_run_is_named(opened: Store, tmp_path: Path, make: object, what: str) -> None:
    assert callable(make)
    make(tmp_path / "runs" / "folder-0")
    [finding] = run_checks.files(opened)
    assert what in finding.what
    assert finding.first == ("1",)


REPAIRABLE = [one for one in DAMAGE if one.check == derived.derived]


@pytest.mark.parametrize("one", REPAIRABLE, ids=[one.name for one in REPAIRABLE])
def test_a_repair_computes_what_is_derived_from_the_log_again(opened: Store, whole: Path, one: Damage) -> None:
    damage(whole, one.statements)
    with opened.writing() as session:
        derived.repair(session)
        assert list(derived.derived(session)) == []
        assert list(structure.orphans(session)) == []


def test_a_repair_leaves_the_log_alone_and_keeps_a_backup(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(whole, UNGUARDED + "UPDATE queue SET decision_id = NULL;" + IN_THE_SEARCH)
    before = log_of(whole)
    assert cli.main(["check", "--repair"]) == 2  # the guards are still missing
    shown = capsys.readouterr().out
    assert "Repaired: tweets have another decision in force than the log gives (22: 1, 2, 11, 12, 13)." in shown
    assert "Repaired: the index of words differs from the texts (1: " in shown
    assert "Before the repair the store was backed up to" in shown
    assert log_of(whole) == before
    assert len(list(whole.parent.glob("emoclf-backup-*.db"))) == 1


def test_a_store_that_is_no_file_is_repaired_too(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.maintenance.check._file", lambda url: None)  # as on a database server
    damage(whole, "UPDATE queue SET split = 'dev' WHERE tweet_id = 8")
    told = check(f"sqlite:///{whole}", repairs=True)
    repaired = "Repaired: tweets have another split in the queue (1: 8)."
    assert (told["findings"], told["words"]) == ([], [repaired, "The store is whole: no promise is broken."])


def log_of(file: Path) -> list[tuple[object, ...]]:
    """The rows of the log."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT * FROM decisions ORDER BY id").fetchall()


def test_an_undone_import_leaves_a_whole_store(whole: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answer(capsys, "import", str(write(tmp_path / "more.csv", record("late bus", key="n1"))))
    assert answer(capsys, "imports", "--undo", "3")["removed"] == 1
    assert answer(capsys, "check")["findings"] == []
