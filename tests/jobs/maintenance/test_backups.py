"""Tests of backups: one file, whole or not at all, of a store in use, with the files of the runs if asked."""

import errno
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from db import sqlite_copies
from db.backup_contents import contents
from db.decisions import NewDecision, add_decision
from db.maintenance import file_of
from db.store import Store
from emoclf.errors import StoreError
from jobs.maintenance.backups import back_up
from tests.support.databases import about_sqlite
from tests.support.whole_stores import JOY

pytestmark = about_sqlite


def names_in(folder: Path) -> set[str]:
    """The names of the files in a folder, also hidden ones."""
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_a_backup_tells_what_was_saved(opened: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    told = back_up(opened, target)
    assert (told["tweets"], told["decisions"], told["runs"]) == (52, 26, 1)
    assert told["bytes"] == target.stat().st_size
    assert told["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()


def test_a_backup_has_what_is_committed_and_nothing_of_an_open_transaction(opened: Store, tmp_path: Path) -> None:
    with opened.writing() as session:
        add_decision(session, NewDecision("n1", 5, "ana", JOY))
        assert back_up(opened, tmp_path / "before.db")["decisions"] == 26
    assert back_up(opened, tmp_path / "after.db")["decisions"] == 27
    assert names_in(tmp_path) == {"before.db", "after.db", "emoclf.db", "emoclf.db-shm", "emoclf.db-wal"}


def test_without_a_name_the_backup_lies_beside_the_store(opened: Store, tmp_path: Path) -> None:
    first, second = (Path(back_up(opened)["backup"]) for _ in range(2))
    assert {first.parent, second.parent} == {tmp_path}
    assert first != second
    assert first.name.startswith("emoclf-backup-")


def test_a_file_is_replaced_only_if_asked_and_this_is_said(opened: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("a letter")
    with pytest.raises(StoreError, match="exists already"):
        back_up(opened, target)
    assert target.read_text() == "a letter"
    assert back_up(opened, target, replace=True)["words"] == ["copy.db existed and was replaced."]
    assert contents(target).decisions == 26


def test_a_missing_folder_is_named(opened: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no folder .*nowhere for the backup"):
        back_up(opened, tmp_path / "nowhere" / "copy.db")


@pytest.mark.parametrize("with_runs", [False, True])
def test_a_full_disk_leaves_no_part_of_a_backup(
    opened: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_runs: bool
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    before = names_in(tmp_path)
    with pytest.raises(StoreError, match="No space left on device"):
        back_up(opened, tmp_path / "copy", with_runs)
    assert names_in(tmp_path) - {"emoclf.db-shm", "emoclf.db-wal"} == before - {"emoclf.db-shm", "emoclf.db-wal"}


def test_too_little_space_is_told_before_anything_is_written(
    opened: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_copies, "SPARE_BYTES", 10**18)
    with pytest.raises(StoreError, match=r"the backup needs .* MB in .*, and .* MB are free"):
        back_up(opened, tmp_path / "copy.db")


def test_a_damaged_store_gives_no_backup(whole: Path, tmp_path: Path) -> None:
    content = bytearray(whole.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\xff" * (4096 * 5)
    whole.write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be copied|is damaged"):
        sqlite_copies.copy_database(whole, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_backup_with_runs_holds_their_files_and_checksums_that_sha256sum_reads(opened: Store, tmp_path: Path) -> None:
    encoder = tmp_path / "runs" / "encoders" / "first"
    encoder.mkdir(parents=True)
    (encoder / "encoder.json").write_text("{}")
    told = back_up(opened, tmp_path / "all.zip", with_runs=True)
    with ZipFile(tmp_path / "all.zip") as archive:
        assert "runs/folder-0/model.safetensors" in archive.namelist()
        assert "runs/encoders/first/encoder.json" in archive.namelist()
        sums = archive.read("SHA256SUMS").decode().splitlines()
        for line in sums:
            digest, _, name = line.partition("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        assert {line.partition("  ")[2] for line in sums} | {"SHA256SUMS"} == set(archive.namelist())
    assert told["words"] == ["With the runs: 4 files in 2 folders."]


def test_a_run_whose_folder_is_missing_is_named(opened: Store, tmp_path: Path) -> None:
    (tmp_path / "runs" / "folder-0").rename(tmp_path / "elsewhere")
    assert "The files of run 1 are not in" in back_up(opened, tmp_path / "all.zip", with_runs=True)["words"][-1]


def test_a_backup_is_one_file_that_needs_no_log_beside_it(opened: Store, tmp_path: Path) -> None:
    back_up(opened, tmp_path / "copy.db")
    with closing(sqlite3.connect(f"file:{tmp_path / 'copy.db'}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_for_a_store_on_a_server_the_command_of_the_server_is_named() -> None:
    with pytest.raises(StoreError, match=r"`pg_dump --format=custom --file=store.dump postgresql://ana@host/base`"):
        file_of("postgresql+psycopg://ana:secret@host/base")
