"""Tests of import and export: one transaction, nothing duplicated, overwritten or lost."""

from pathlib import Path

import pytest
from sqlalchemy import event

from db import summaries
from db.queue import next_items
from db.store import Store
from db.tweets import labelled_tweets
from emoclf.errors import DataFileError, NothingReadError, SettingError
from emoclf.files import rows
from emoclf.files.tweet_files import read_tweets
from emoclf.review.filters import Filter
from jobs.files.exports import KINDS, Exported, export, write_export
from jobs.files.imports import import_file
from jobs.files.sample import FOLDER, load_sample
from jobs.review import review_card
from tests.support.decisions import decide
from tests.support.tweet_files import HEADER, record, write


def test_importing_the_same_file_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record(), record("another day", "fear", key="a2"))
    assert import_file(store, path)["imported"] == 2
    again = import_file(store, path)
    assert (again["imported"], again["unchanged"], again["rejected"]) == (0, 2, 0)
    with store.reading() as session:
        assert summaries.sizes(session) == {"train": 2}


def test_the_same_tweets_with_ids_and_without_are_the_same_tweets(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "with.csv", record()))
    without = write(tmp_path / "without.csv", record(), header=HEADER[1:])
    assert import_file(store, without)["unchanged"] == 1


def rejects_of(store: Store, path: Path, split: str | None = None) -> str:
    """The rejects file of an import whose one row the store refuses."""
    with pytest.raises(NothingReadError, match="can be stored") as refused:
        import_file(store, path, split)
    assert len(refused.value.rejects) == 1
    assert refused.value.rejects_file is not None
    return refused.value.rejects_file.read_text("utf-8")


def test_originals_are_never_overwritten_and_the_row_that_tries_is_named(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "a.csv", record(labels="joy")))
    written = rejects_of(store, write(tmp_path / "b.csv", record(labels="fear")))
    [line] = written.splitlines()[1:]
    assert line.startswith("2,")
    assert "the store holds it with joy, the file says fear" in line
    with store.reading() as session:
        assert labelled_tweets(session, ["train"], "original")[0].labels == {"joy"}


def test_another_text_under_a_known_id_is_named_not_dropped(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "a.csv", record("one text")))
    assert "another text with ID a1" in rejects_of(store, write(tmp_path / "b.csv", record("another text")))


def test_a_changed_split_is_reported(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record())
    import_file(store, path)
    assert "holds it in train, the file says dev" in rejects_of(store, path, "dev")


def test_rejects_that_cannot_be_written_undo_the_import(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record(), record(key="a2", anger=7))
    with pytest.raises(DataFileError, match="cannot write"):
        import_file(store, path, rejects_in=tmp_path / "missing")
    with store.reading() as session:
        assert summaries.sizes(session) == {}


def test_a_second_rejects_file_does_not_overwrite_the_first(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record(), record(key="a2", anger=7))
    names = {import_file(store, path)["rejects_file"] for _ in range(3)}
    assert names == {"a.rejects.csv", "a.rejects-1.csv", "a.rejects-2.csv"}


def test_rejected_rows_go_to_a_file_and_the_rest_is_imported(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record(), record(key="a2", anger=7))
    result = import_file(store, path)
    assert (result["imported"], result["rejected"]) == (1, 1)
    assert "anger is '7', expected 0 or 1" in Path(result["rejects_file"]).read_text("utf-8")


def test_an_interrupted_import_leaves_the_store_unchanged(store: Store, tmp_path: Path) -> None:
    many = [record(f"tweet number {n}", ["joy", "fear"][n % 2], key=f"k{n}") for n in range(1200)]
    statements = 0

    def fail_late(*_args: object) -> None:
        nonlocal statements
        statements += 1
        if statements > 6:
            raise KeyboardInterrupt

    event.listen(store.engine, "before_cursor_execute", fail_late)
    with pytest.raises(KeyboardInterrupt):
        import_file(store, write(tmp_path / "a.csv", *many))
    event.remove(store.engine, "before_cursor_execute", fail_late)
    with store.reading() as session:
        assert summaries.sizes(session) == {}


def test_an_invalid_file_leaves_the_store_unchanged(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    with pytest.raises(DataFileError, match=r"a\.csv is not UTF-8 text"):
        import_file(filled, tmp_path / "a.csv")
    with filled.reading() as session:
        assert summaries.sizes(session) == {"train": 3, "dev": 1}


def test_twins_are_counted(store: Store, tmp_path: Path) -> None:
    texts = ["late again #fail", "Late again!", "@ana late again", "on time"]
    path = write(tmp_path / "a.csv", *(record(t, ["joy", "fear"][n % 2], key=f"k{n}") for n, t in enumerate(texts)))
    assert import_file(store, path)["twins"] == 3


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_an_exported_file_can_be_imported_and_matches_exactly(filled: Store, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    assert export(filled, path) == 4
    again = import_file(filled, path)
    assert (again["imported"], again["unchanged"], again["rejected"]) == (0, 4, 0)


def test_a_carriage_return_and_further_columns_survive_export(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "a.jsonl", record("one\rtwo\r\nthree\nfour", place="Oslo")))
    export(store, tmp_path / "out.csv")
    assert import_file(store, tmp_path / "out.csv")["unchanged"] == 1
    export(store, tmp_path / "all.jsonl", "everything")
    [row] = rows.read(tmp_path / "all.jsonl", lambda header: [])
    assert row.cells["metadata"] == '{"place": "Oslo"}'


def test_the_approved_export_says_where_each_label_comes_from(filled: Store, tmp_path: Path) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 2, "anger")])
    export(filled, tmp_path / "out.jsonl")
    found = {row.cells["id"]: row.cells for row in rows.read(tmp_path / "out.jsonl", lambda header: [])}
    assert (found["t1"]["label_origin"], found["t1"]["reviewer"]) == ("original", None)
    assert (found["t2"]["label_origin"], found["t2"]["reviewer"], found["t2"]["anger"]) == ("decision", "ana", 1)
    assert found["t2"]["decided_at"].endswith("+00:00")


def test_an_export_of_training_labels_says_how_many_are_decided_and_how_many_are_originals(
    filled: Store, tmp_path: Path
) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 2, "anger")])
    path = tmp_path / "out.jsonl"
    assert write_export(filled, path) == Exported(4, decided=1, originals=3, synthetic=0, in_bulk=0)
    assert write_export(filled, path, "everything").originals == 3
    assert write_export(filled, path, "decisions") == Exported(1)
    assert write_export(filled, path, "decided") == Exported(1, decided=1, originals=0, synthetic=0, in_bulk=0)
    [row] = rows.read(path, lambda header: [])
    assert (row.cells["id"], row.cells["label_origin"], row.cells["anger"]) == ("t2", "decision", 1)


@pytest.mark.parametrize("what", KINDS)
def test_every_export_has_a_row_for_each_of_its_items(filled: Store, tmp_path: Path, what: str) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 2, "anger"), decide("e2", 1)])
    counts = {
        "approved": 4,
        "decided": 2,
        "decisions": 2,
        "suggestions": 0,
        "everything": 4,
        "originals": 4,
        "synthetic": 0,
        "guidelines": 11,
    }
    for ending in (".csv", ".jsonl", ".parquet"):
        assert export(filled, tmp_path / f"{what}{ending}", what) == counts[what]


def test_an_unknown_export_is_refused_with_the_available_ones(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="choose one of approved, decided, decisions, suggestions, everything"):
        export(filled, tmp_path / "out.csv", "all")


@pytest.mark.processes
def test_the_sample_loads_with_suggestions_and_a_second_load_changes_nothing(store: Store) -> None:
    first, second = load_sample(store), load_sample(store)
    with store.reading() as session:
        counts = [summaries.counts(session, split) for split in ("train", "dev")]
    assert first["imported"] == sum(count.tweets for count in counts) >= 400
    assert all(count.suggested == count.tweets for count in counts)
    assert second["imported"] == 0


@pytest.mark.processes
def test_the_queue_finds_the_samples_planted_errors_before_others(store: Store) -> None:
    load_sample(store)
    truth = {tweet.key: tweet.original for tweet in read_tweets(FOLDER / "sample-truth.csv").tweets}
    with store.reading() as session:
        ranked = next_items(session, Filter("train"), limit=100)
        everything = next_items(session, Filter("train"), limit=1000)
    wrong = [item for item in everything if item.original != truth[item.key]]
    found = [item for item in ranked if item.original != truth[item.key]]
    assert len(found) / len(wrong) > 1.2 * len(ranked) / len(everything)


@pytest.mark.real_data
def test_the_published_files_are_read_completely(store: Store, semeval: Path) -> None:
    for split, size in (("train", 6838), ("dev", 886)):
        result = import_file(store, semeval / f"2018-E-c-En-{split}.txt")
        assert (result["imported"], result["rejected"]) == (size, 0)
    with store.reading() as session:
        assert summaries.sizes(session) == {"train": 6838, "dev": 886}
        assert summaries.counts(session, "train").per_emotion["trust"] == 357
