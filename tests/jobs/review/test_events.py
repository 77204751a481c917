"""Tests of card events: acknowledged after the commit, refused only if they can never be stored, otherwise waiting."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as hooks

from db.decisions import decision_log
from db.store import Store, open_store
from emoclf.errors import StoreUnavailableError, UnstorableError
from jobs.review import events, review_card
from jobs.review.card_messages import Event
from jobs.review.events import Saved
from tests.support.databases import about_sqlite

UNSENT = {"kind": "decide", "shown": {"original": [], "suggestion": None, "prediction": None}}


def decide(event_id: str, tweet_id: int = 1, *labels: str, **more: Any) -> dict[str, Any]:
    return {**UNSENT, "event_id": event_id, "tweet_id": tweet_id, "labels": list(labels), **more}


def undo(event_id: str, undoes: str, tweet_id: int = 1) -> dict[str, Any]:
    return {"event_id": event_id, "kind": "undo", "tweet_id": tweet_id, "undoes": undoes}


def stored(store: Store) -> list[str]:
    with store.reading() as session:
        return [row["event_id"] for row in decision_log(session)]


@contextmanager
def failing(store: Store, error: sqlite3.Error) -> Iterator[None]:
    """Every insert of a decision fails as the driver would say it."""

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO decisions"):
            raise error

    hooks.listen(store.engine, "before_cursor_execute", fail)
    yield
    hooks.remove(store.engine, "before_cursor_execute", fail)


@about_sqlite
@pytest.mark.parametrize(
    ("error", "why"),
    [
        (sqlite3.OperationalError("database is locked"), "another program has locked the database"),
        (sqlite3.OperationalError("database or disk is full"), "the disk is full"),
        (sqlite3.OperationalError("disk I/O error"), "the disk cannot be read or written"),
        (sqlite3.IntegrityError("a constraint of tomorrow"), "cannot do that: a constraint of tomorrow"),
        (RuntimeError("a fault of the program"), "something unexpected went wrong (error "),
    ],
)
def test_a_store_error_refuses_no_event_and_waiting_events_are_saved_afterwards(
    filled: Store, error: Exception, why: str
) -> None:
    made = [decide("e1", 1, "joy"), decide("e2", 2, "anger"), undo("u1", "e1")]
    with failing(filled, error):
        saved = review_card.save_events(filled, "ana", made)
    assert (saved.acknowledged, saved.refused) == ([], [])
    assert why in saved.waiting
    assert review_card.save_events(filled, "ana", made) == Saved(["e1", "e2", "u1"], [])
    assert stored(filled) == ["e1", "e2", "u1"]


def test_an_undo_that_arrives_before_its_decision_is_not_refused(filled: Store) -> None:
    saved = review_card.save_events(filled, "ana", [undo("u1", "e1"), decide("e1", 1, "joy")])
    assert saved == Saved(["e1", "u1"], [])


def test_a_failed_event_delays_only_later_events_of_its_tweet(filled: Store) -> None:
    tried = []

    def save(event: Event) -> None:
        tried.append(event.event_id)
        if event.event_id == "e1":
            raise RuntimeError

    made = [decide("e1", 1, "joy"), undo("u1", "e1"), decide("e2", 2, "anger")]
    read = events.read_outbox(review_card.REVIEW_CARD, filled.name, made)
    assert events.save_each(read, save).acknowledged == ["e2"]
    assert tried == ["e1", "e2"]


def test_an_event_of_another_store_is_neither_stored_nor_refused(filled: Store) -> None:
    saved = review_card.save_events(
        filled, "ana", [decide("e1", 1, "joy", store="another"), decide("e2", 2, store=filled.name)]
    )
    assert (saved, stored(filled)) == (Saved(["e2"], []), ["e2"])


def test_an_event_that_cannot_be_stored_is_refused_with_the_reason(filled: Store) -> None:
    made = [
        decide("e1", 99, "joy"),
        decide("e2", 1, "happiness"),
        {**decide("e3", 1, "joy"), "shown": "nothing"},
        decide("e4", 10**30, "joy"),
        undo("u5", "nothing"),
        decide("e6", 1, "joy", seconds="long"),
        decide("e7", 1, "joy", seen="yesterday"),
    ]
    saved = review_card.save_events(filled, "ana", made)
    assert [one.event_id for one in saved.refused] == [one["event_id"] for one in made]
    assert all(one.why for one in saved.refused)
    assert (saved.acknowledged, saved.waiting) == ([], "")


def test_unsent_events_are_stored_in_the_name_of_who_made_them(filled: Store) -> None:
    review_card.save_events(
        filled, "ben", [decide("e1", 1, "joy", reviewer="ana"), decide("e2", 2, "joy", reviewer="ben")]
    )
    with filled.reading() as session:
        assert [row["reviewer"] for row in decision_log(session)] == ["ana", "ben"]


def test_a_malformed_event_does_not_stop_other_events(filled: Store) -> None:
    odd: list[Any] = ["nothing", None, {"event_id": {}}, {**decide("x1"), "tweet_id": [1]}, undo("x2", ["e1"])]
    saved = review_card.save_events(filled, "ana", [*odd, decide("e1", 1, "joy")])
    assert saved.acknowledged == ["e1"]
    assert {"x1", "x2"} <= {one.event_id for one in saved.refused}
    assert saved.tweet_ids == {1}


# ---- the database file


@about_sqlite
def test_a_decision_is_not_acknowledged_into_a_deleted_file_and_no_empty_one_takes_its_place(
    filled: Store, tmp_path: Path
) -> None:
    file = tmp_path / "emoclf.db"
    for name in ("emoclf.db", "emoclf.db-wal", "emoclf.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    saved = review_card.save_events(filled, "ana", [decide("e1", 1, "joy")])
    assert (saved.acknowledged, saved.refused) == ([], [])
    assert "the database file is missing" in saved.waiting
    assert not file.exists()


@about_sqlite
def test_a_file_deleted_between_begin_and_commit_is_noticed(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="missing"), filled.writing():
        (tmp_path / "emoclf.db").rename(tmp_path / "elsewhere.db")


@about_sqlite
def test_a_restored_backup_of_the_same_store_is_accepted(filled: Store, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "emoclf.db") as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        source.backup(copy)
    for name in ("emoclf.db", "emoclf.db-wal", "emoclf.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.move(tmp_path / "copy.db", tmp_path / "emoclf.db")
    assert review_card.save_events(filled, "ana", [decide("e1", 1, "joy")]).acknowledged == ["e1"]
    with sqlite3.connect(tmp_path / "emoclf.db") as direct:
        assert direct.execute("SELECT event_id FROM decisions").fetchall() == [("e1",)]
    source.close()
    copy.close()
    direct.close()


@about_sqlite
def test_a_different_store_in_its_place_receives_no_decision(filled: Store, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    other.close()
    for name in ("emoclf.db", "emoclf.db-wal", "emoclf.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    os.replace(tmp_path / "other.db", tmp_path / "emoclf.db")
    saved = review_card.save_events(filled, "ana", [decide("e1", 1, "joy")])
    assert "another store is in the place of this one" in saved.waiting
    with sqlite3.connect(tmp_path / "emoclf.db") as direct:
        assert direct.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
    direct.close()


@about_sqlite
def test_a_decision_is_flushed_to_disk_and_bulk_work_need_not_be(filled: Store) -> None:
    def level(**how: Any) -> int:
        with filled.writing(**how) as session:
            return int(session.connection().exec_driver_sql("PRAGMA synchronous").scalar_one())

    full, normal = 2, 1
    assert (level(), level(durable=False), level()) == (full, normal, full)


@about_sqlite
def test_an_event_waits_for_the_lock_of_another_program_up_to_the_timeout(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_card, "PATIENCE", 0.05)
    locker = sqlite3.connect(tmp_path / "emoclf.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    saved = review_card.save_events(filled, "ana", [decide("e1", 1, "joy")])
    locker.execute("ROLLBACK")
    locker.close()
    assert saved == Saved([], [], "another program has locked the database", True)


@about_sqlite
def test_threads_that_wait_for_a_writer_give_up_after_the_timeout(filled: Store) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with filled.writing():
            inside.set()
            leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    with pytest.raises(StoreUnavailableError, match="other programs are writing"), filled.writing(patience=0.01):
        pass
    leave.set()
    holder.join()


@about_sqlite
def test_an_unstorable_text_is_distinguished_from_an_unavailable_database(filled: Store) -> None:
    with pytest.raises(UnstorableError), filled.writing() as session:
        session.connection().exec_driver_sql("SELECT ?", ("\ud800",))
