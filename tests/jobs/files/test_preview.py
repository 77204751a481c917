"""Tests of previews: they tell what the import then does, store nothing, and columns can be chosen."""

from pathlib import Path

import pytest

from db import corpora, summaries
from db.store import Store
from emoclf.errors import DataFileError, SettingError
from emoclf.files.reading import Reading
from jobs.files.corpora import import_corpus
from jobs.files.imports import import_file
from jobs.files.preview import CONFLICT, KNOWN, NEW, columns_of, preview, preview_corpus
from jobs.files.sample import FOLDER
from tests.support.command_line import answer
from tests.support.tweet_files import record, write


def mixed(folder: Path) -> Path:
    """A file with a new tweet, a known one, one in conflict with the store, and two rows that cannot be read."""
    rows = [
        record("what a day", "joy", "a1"),
        record("rain", "fear", "a2"),
        record("so new", "", "a3", place="Oslo"),
        record("broken", "", "a4") | {"joy": 7},
        record("broken too", "", "a5") | {"joy": 8},
    ]
    return write(folder / "val.csv", *({"place": "", **row} for row in rows))


@pytest.fixture
def known(store: Store, tmp_path: Path) -> Store:
    """A store that holds the first tweet of `mixed` as it is, and the second one with other labels."""
    import_file(store, write(tmp_path / "dev.csv", record("what a day", "joy", "a1"), record("rain", "joy", "a2")))
    return store


def test_a_preview_counts_what_is_new_known_in_conflict_and_rejected_and_why(known: Store, tmp_path: Path) -> None:
    found = preview(known, mixed(tmp_path))
    assert (found.new, found.unchanged, found.conflicts, found.rejected) == (1, 1, 1, 3)
    assert [(one.count, one.reason, one.line) for one in found.rejects] == [
        (2, "joy is '7', expected 0 or 1", 5),
        (1, "the store holds it with joy, the file says fear; originals are never overwritten", 3),
    ]
    assert [(one.ID, one.state, one.labels, one.split) for one in found.first] == [
        ("a1", KNOWN, "joy", "dev"),
        ("a2", CONFLICT, "fear", "dev"),
        ("a3", NEW, "no emotion", "dev"),
    ]
    assert found.first[2].metadata == {"place": "Oslo"}
    assert found.labels == {"fear": 1, "joy": 1, "no emotion": 1}
    assert (found.format, found.encoding, found.split) == ("comma-separated text", "UTF-8", "dev, from the file name")


def test_a_preview_says_what_each_column_is_taken_for(store: Store, tmp_path: Path) -> None:
    found = preview(store, mixed(tmp_path)).columns
    assert [found[name] for name in ("id", "tweet", "anger", "trust", "place")] == [
        "ID",
        "text",
        "emotion",
        "emotion",
        "metadata",
    ]


@pytest.mark.parametrize("name", ["mixed", "sample-train.csv", "sample-dev.csv"])
def test_the_import_does_what_the_preview_told_and_the_preview_stores_nothing(
    known: Store, tmp_path: Path, name: str
) -> None:
    path = mixed(tmp_path) if name == "mixed" else FOLDER / name
    with known.reading() as session:
        before = summaries.sizes(session)
    told = preview(known, path)
    with known.reading() as session:
        assert summaries.sizes(session) == before
    done = import_file(known, path, rejects_in=tmp_path)
    assert (told.new, told.unchanged, told.rejected) == (done["imported"], done["unchanged"], done["rejected"])
    assert (told.split, dict(told.lines), list(told.notes)) == (done["split"], done["lines"], done["words"])


def test_a_preview_fails_as_the_import_would(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", *(record(f"day {n}", "joy", f"a{n}") for n in range(5)))
    for read in (preview, import_file):
        with pytest.raises(SettingError, match="carry the same labels"):
            read(store, path)
        read(store, path, reading=Reading(confirm=True))


def test_a_preview_names_an_earlier_import_of_the_same_file(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record())
    import_file(store, path, by="ana")
    assert preview(store, path).notes[-1].startswith("It is the same file as import 1 (a.csv, ")


def test_a_corpus_has_the_same_preview(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "moods.tsv"
    path.write_text("so quiet\t0\nwhat a din\t1\nboth\t7\n")
    told = preview_corpus(store, path, "moods", ("calm", "cross"))
    with store.reading() as session:
        assert corpora.corpora(session) == []
    done = import_corpus(store, path, "moods", ("calm", "cross"))
    assert (told.new, told.rejected) == (done["imported"], done["rejected"])
    assert told.labels == {"calm": 1, "cross": 1}


MOODS = {"nr": "7", "content": "what a day", "mood": "joy", "part": "val", "text": "not this", "joy": "0"}


def test_columns_can_be_chosen_by_name_and_others_stay_metadata(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", MOODS)
    with pytest.raises(DataFileError, match="has no column anger"):
        preview(store, path)
    assert columns_of(path) == ["nr", "content", "mood", "part", "text", "joy"]
    reading = Reading(text_column="Content", id_column="nr", labels_column="mood", split_column="part")
    found = preview(store, path, reading=reading)
    [one] = found.first
    assert (one.ID, one.text, one.labels, one.split) == ("7", "what a day", "joy", "dev")
    assert one.metadata == {"other text": "not this", "other joy": "0"}
    assert found.columns == {
        "nr": "ID",
        "content": "text",
        "mood": "labels",
        "part": "split",
        "text": "metadata",
        "joy": "metadata",
    }


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "tsv"])
def test_chosen_columns_are_read_in_every_format(store: Store, tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.{ending}", {"nr": "7", "content": "what a day", "mood": "joy"})
    reading = Reading(text_column="content", id_column="nr", labels_column="mood")
    assert import_file(store, path, reading=reading)["imported"] == 1


def test_a_chosen_column_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record())
    with pytest.raises(DataFileError, match="has no column body; its first line reads: id, tweet"):
        preview(store, path, reading=Reading(text_column="body"))


def test_one_column_cannot_be_chosen_for_two_things() -> None:
    with pytest.raises(SettingError, match="the column 'ID' is chosen for two things"):
        Reading(text_column="ID", id_column="id")


def test_a_dry_run_shows_the_preview_and_stores_nothing(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", {"content": "what a day", "mood": "joy"})
    columns = ["--text-column", "content", "--labels-column", "mood"]
    found = answer(capsys, "import", str(path), "--dry-run", *columns)
    assert (found["dry_run"], found["new"], found["columns"]) == (True, 1, {"content": "text", "mood": "labels"})
    assert found["words"][-1] == "Nothing was stored."
    assert answer(capsys, "imports")["imports"] == []
    assert answer(capsys, "import", str(path), "--by", "ana", *columns)["imported"] == 1
    assert answer(capsys, "imports")["imports"][0]["imported_by"] == "ana"
