"""Tests of reading tweets without labels, which are not tweets with no emotion."""

from pathlib import Path

import pytest

from emoclf.errors import DataFileError, SettingError
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from tests.support.tweet_files import HEADER, record, write

WITHOUT = Reading(unlabelled=True)
NONE, BLANK = (dict.fromkeys(EMOTIONS.names, word) for word in ("NONE", ""))


def originals(path: Path, reading: Reading = AS_FOUND) -> list[frozenset[str] | None]:
    return [tweet.original for tweet in read_tweets(path, reading=reading).tweets]


def test_the_published_test_form_with_none_in_every_emotion_needs_no_word(tmp_path: Path) -> None:
    rows = [record(f"tweet {n}", key=f"k{n}") | NONE for n in range(4)]
    file = read_tweets(write(tmp_path / "2018-E-c-En-test.txt", *rows))
    assert [(tweet.original, tweet.split) for tweet in file.tweets] == [(None, "test")] * 4
    assert file.rejects == []
    assert "The file has 4 tweets without labels." in file.notes


def test_none_among_labelled_rows_is_a_tweet_without_labels_and_all_zeros_is_one_with_no_emotion(
    tmp_path: Path,
) -> None:
    rows = [record(key="a"), record("no feeling", "", "b"), record("kept back", key="c") | NONE]
    assert originals(write(tmp_path / "t.csv", *rows)) == [{"joy"}, frozenset(), None]


def test_a_row_with_some_none_and_some_labels_is_rejected(tmp_path: Path) -> None:
    file = read_tweets(write(tmp_path / "t.csv", record(key="a"), record("half", key="b", trust="NONE")))
    assert [tweet.key for tweet in file.tweets] == ["a"]
    [reject] = file.rejects
    assert reject.reason == "trust is NONE, but not every emotion is; expected 0 or 1, or NONE in all"


def why_not(path: Path) -> str:
    try:
        return read_tweets(path).rejects[0].reason  # JSON has no header: each object is rejected
    except DataFileError as error:
        return str(error)


@pytest.mark.parametrize("name", ["texts.csv", "texts.tsv", "texts.jsonl", "texts.parquet"])
def test_a_file_of_texts_alone_is_read_only_on_the_users_word(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, {"id": "1", "text": "so glad, the bus came"}, {"id": "2", "text": "closed again"})
    assert "--unlabelled imports texts without labels" in why_not(path)
    assert originals(path, WITHOUT) == [None, None]


def test_a_misnamed_label_column_is_not_taken_for_a_file_without_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {**{k: v for k, v in record().items() if k != "trust"}, "thrust": 1})
    with pytest.raises(DataFileError, match="no column trust"):
        read_tweets(path, reading=WITHOUT)


def test_blank_labels_mean_no_labels_only_on_the_users_word(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", record(key="a"), record("later", key="b") | BLANK, header=HEADER)
    file = read_tweets(path)
    assert [tweet.key for tweet in file.tweets] == ["a"]
    assert "is blank" in file.rejects[0].reason
    assert originals(path, WITHOUT) == [{"joy"}, None]
    assert originals(path, Reading(blank_is_0=True)) == [{"joy"}, frozenset()]


def test_a_blank_cell_of_a_column_labels_means_no_labels_on_the_users_word(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"text": "so glad", "labels": "joy"}, {"text": "not yet", "labels": ""})
    assert len(read_tweets(path).rejects) == 1
    assert originals(path, WITHOUT) == [{"joy"}, None]


def test_blanks_cannot_be_both_0_and_no_labels() -> None:
    with pytest.raises(SettingError, match="one of --blank-is-0 and --unlabelled"):
        Reading(blank_is_0=True, unlabelled=True)


def test_texts_with_labels_of_another_label_set_and_no_header_are_read_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "train.tsv"
    path.write_text("my favourite food is soup\t27\teebbqej\nI read it twice today\t2,9\ted00q6i\n")
    tweets = read_tweets(path, reading=WITHOUT).tweets
    assert [(one.key, one.original, one.metadata) for one in tweets] == [
        ("eebbqej", None, {"column 2": "27"}),
        ("ed00q6i", None, {"column 2": "2,9"}),
    ]
