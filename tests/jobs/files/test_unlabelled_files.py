"""Tests of importing and exporting tweets without labels, and of labels that come later."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.decisions import NewDecision, add_decision
from db.queue import LABELLING, next_items
from db.store import Store, open_store
from db.tables.core import QueueRow, TweetRow
from emoclf.errors import DataFileError, SettingError
from emoclf.files.reading import Reading
from emoclf.review.filters import Filter
from jobs.files import import_changes
from jobs.files.exports import write_export
from jobs.files.imports import import_file
from jobs.files.preview import preview
from tests.support.tweet_files import record, write

WITHOUT = Reading(unlabelled=True)
TEXTS = ({"ID": "a", "Tweet": "so glad the bus came"}, {"ID": "b", "Tweet": "closed again, furious"})


@pytest.fixture
def texts(store: Store, tmp_path: Path) -> Store:
    """A store with two train tweets without labels."""
    import_file(store, write(tmp_path / "texts.csv", *TEXTS), reading=WITHOUT)
    return store


def stored(store: Store) -> dict[str, Any]:
    with store.reading() as session:
        rows = select(TweetRow.key, TweetRow.original, QueueRow.original)
        found = session.execute(rows.join(QueueRow, QueueRow.tweet_id == TweetRow.id)).all()
    assert all(tweet == queue for _, tweet, queue in found)
    return {key: original for key, original, _ in found}


def labelled(tmp_path: Path, *labels: str) -> Path:
    rows = [record(str(one["Tweet"]), on, str(one["ID"])) for one, on in zip(TEXTS, labels, strict=False)]
    return write(tmp_path / "labelled.csv", *rows)


def test_the_answer_counts_the_tweets_without_labels(texts: Store, tmp_path: Path) -> None:
    answer = import_file(texts, write(tmp_path / "more.csv", {"Tweet": "a third"}), reading=WITHOUT)
    assert (answer["imported"], answer["unlabelled"], answer["rejected"]) == (1, 1, 0)
    assert answer["words"] == ["The file has 1 tweet without labels."]
    assert import_file(texts, tmp_path / "more.csv", reading=WITHOUT)["unchanged"] == 1
    assert stored(texts)["a"] is None


def test_labels_of_a_later_file_become_the_originals_of_undecided_tweets(texts: Store, tmp_path: Path) -> None:
    answer = import_file(texts, labelled(tmp_path, "joy", ""))
    assert (answer["imported"], answer["labels_added"], answer["unchanged"], answer["rejected"]) == (0, 2, 0, 0)
    assert answer["words"] == ["Labels for 2 tweets stored without labels."]
    assert stored(texts) == {"a": {"joy"}, "b": frozenset()}


def test_labels_of_a_later_file_contradict_a_decision(texts: Store, tmp_path: Path) -> None:
    with texts.writing() as session:
        add_decision(session, NewDecision("e1", 1, "ana", frozenset({"trust"})))
    answer = import_file(texts, labelled(tmp_path, "joy", "anger"))
    assert (answer["labels_added"], answer["rejected"]) == (1, 1)
    reason = "the store holds it without labels and decided since, the file says joy; the decision stays"
    assert reason in Path(answer["rejects_file"]).read_text()
    assert stored(texts) == {"a": None, "b": {"anger"}}


def test_a_file_without_labels_does_not_contradict_stored_labels(texts: Store, tmp_path: Path) -> None:
    import_file(texts, labelled(tmp_path, "joy", "anger"))
    answer = import_file(texts, write(tmp_path / "texts.csv", *TEXTS), reading=WITHOUT)
    assert (answer["unchanged"], answer["rejected"]) == (2, 0)
    assert stored(texts) == {"a": {"joy"}, "b": {"anger"}}


def test_all_tweets_without_labels_do_not_look_misread_but_equal_labels_beside_them_do(
    store: Store, tmp_path: Path
) -> None:
    import_file(store, write(tmp_path / "t.csv", *({"Tweet": f"text {n}"} for n in range(5))), reading=WITHOUT)
    same = [record(f"tweet {n}", key=f"s{n}") for n in range(3)]
    none = record("kept back", key="n") | dict.fromkeys(record().keys() - {"ID", "Tweet"}, "NONE")
    with pytest.raises(SettingError, match=r"all 3 rows of same\.csv carry the same labels"):
        import_file(store, write(tmp_path / "same.csv", *same, none))


def test_the_export_of_approved_labels_leaves_out_undecided_tweets_and_says_how_many(
    texts: Store, tmp_path: Path
) -> None:
    with texts.writing() as session:
        add_decision(session, NewDecision("e1", 1, "ana", frozenset({"trust"})))
    written = write_export(texts, tmp_path / "approved.csv")
    assert (written.rows, written.figures["left_out"]) == (1, 1)
    assert written.in_words == "Labels: 1 decided, 0 original. 1 tweet without labels is left out."


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_what_is_exported_without_labels_comes_back_without_labels(texts: Store, tmp_path: Path, ending: str) -> None:
    import_file(texts, write(tmp_path / "c.csv", record("what a day", "joy", "c")))
    path = tmp_path / f"everything{ending}"
    assert write_export(texts, path, "everything").figures["unlabelled"] == 2
    again = open_store(f"sqlite:///{tmp_path / 'again.db'}")
    answer = import_file(again, path)
    assert (answer["imported"], answer["rejected"]) == (3, 0)
    assert stored(again) == {"a": None, "b": None, "c": {"joy"}}
    with again.reading() as session:
        assert {item.key for item in next_items(session, Filter(), LABELLING)} == {"a", "b"}
    again.close()


def test_the_undo_of_an_import_takes_back_the_labels_that_it_brought_except_of_decided_tweets(
    texts: Store, tmp_path: Path
) -> None:
    number = import_file(texts, labelled(tmp_path, "joy", "anger"))["import"]
    with texts.writing() as session:
        add_decision(session, NewDecision("e1", 1, "ana", frozenset({"trust"})))
    stays = "The labels of 1 tweet stay, since people or runs used them."
    assert import_changes.plan(texts, number).words == f"The labels of 1 tweet will be taken back. {stays}"
    undone = import_changes.undo(texts, number, "ana")
    assert (undone["removed"], undone["labels_taken_back"]) == (0, 1)
    assert undone["words"] == ["The labels of 1 tweet were taken back.", stays]
    assert stored(texts) == {"a": {"joy"}, "b": None}
    with pytest.raises(SettingError, match="The labels of 1 tweet stay"):
        import_changes.undo(texts, number, "ana")


def test_the_preview_tells_tweets_without_labels_from_tweets_without_emotion(texts: Store, tmp_path: Path) -> None:
    found = preview(texts, labelled(tmp_path, "joy", ""))
    assert [row.state for row in found.first] == ["labels added"] * 2
    assert "Labels for 2 tweets stored without labels." in found.notes
    assert preview(texts, write(tmp_path / "texts.csv", *TEXTS), reading=WITHOUT).labels == {"no labels": 2}


def test_a_file_of_json_with_another_ending_is_refused_with_a_sentence(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('{"ID":"1","text":"a","labels":["joy"]}\n')
    with pytest.raises(DataFileError, match=r"a\.csv"):
        import_file(store, path, reading=WITHOUT)
