"""Tests of label values and splits: every usual way of writing them is read, and none is guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

from emoclf.errors import SettingError
from emoclf.files.corpora import read_corpus
from emoclf.files.label_cells import choices
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from tests.support.tweet_files import HEADER, record, write


@pytest.mark.parametrize(
    ("off", "on"),
    [
        *[("0", "1"), ("0.0", "1.0"), ("0.00", "1.00"), ("0,0", "1,0"), (" 0", "1 "), ("0.", "1.")],
        *[("FALSE", "TRUE"), ("False", "True"), ("no", "yes"), ("No", "Yes"), ("FAUX", "VRAI"), ("FALSCH", "WAHR")],
        *[(0.0, 1.0), (False, True)],
    ],
)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_yes_and_no_are_read_however_they_are_written(tmp_path: Path, off: Any, on: Any, ending: str) -> None:
    written = record() | {name: on if name in ("joy", "trust") else off for name in EMOTIONS.names}
    [tweet] = read_tweets(write(tmp_path / f"a.{ending}", written)).tweets
    assert tweet.original == {"joy", "trust"}


@pytest.mark.parametrize(("ending", "blank"), [("csv", ""), ("csv", "NaN"), ("jsonl", None), ("parquet", None)])
def test_a_blank_is_no_zero_unless_someone_says_so(tmp_path: Path, ending: str, blank: Any) -> None:
    written = record() | {name: 1.0 if name == "joy" else blank for name in EMOTIONS.names}
    path = write(tmp_path / f"a.{ending}", written)
    [reject] = read_tweets(path).rejects
    assert reject.reason == "anger is blank, expected 0 or 1; --blank-is-0 reads blanks as 0"
    assert [tweet.original for tweet in read_tweets(path, reading=Reading(blank_is_0=True)).tweets] == [{"joy"}]


def test_labels_that_were_withheld_are_no_blanks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record() | dict.fromkeys(EMOTIONS.names, "NONE"))
    assert read_tweets(path, reading=Reading(blank_is_0=True)).tweets[0].original is None


def labelled(path: Path, *cells: Any) -> Path:
    lines = [json.dumps({"text": f"text number {n}", "labels": cell}) for n, cell in enumerate(cells)]
    path.write_text("\n".join(lines), "utf-8")
    return path


def positions(path: Path, *emotions: str, **reading: Any) -> list[tuple[int, ...]]:
    return [one.labels for one in read_corpus(path, emotions, reading=Reading(**reading)).texts]


def test_a_list_as_long_as_the_label_set_is_multi_hot(tmp_path: Path) -> None:
    moods = ("calm", "cross", "merry")
    assert positions(labelled(tmp_path / "a.jsonl", [0, 0, 1], [1.0, 0.0, 1.0], "[0, 1, 0]"), *moods) == [
        (2,),
        (0, 2),
        (1,),
    ]
    assert positions(labelled(tmp_path / "b.jsonl", [0], [0, 2], [0, 1, 2]), *moods) == [(0,), (0, 2), (0, 1, 2)]


def test_zeros_and_ones_of_another_label_set_are_rejected(tmp_path: Path) -> None:
    file = read_corpus(labelled(tmp_path / "a.jsonl", [0, 0, 1, 0], "calm"), ("calm", "cross", "merry"))
    assert [reject.reason for reject in file.rejects] == ["[0, 0, 1, 0] has 4 zeros and ones, and there are 3 emotions"]


def test_where_two_readings_fit_the_caller_must_choose(tmp_path: Path) -> None:
    path = labelled(tmp_path / "a.jsonl", [0, 1], [1, 0])
    with pytest.raises(SettingError, match=r"\[0, 1\], can be read as multi-hot or as numbers; pass --labels-as"):
        positions(path, "calm", "cross")
    assert positions(path, "calm", "cross", labels_as="multi-hot") == [(1,), (0,)]
    assert positions(path, "calm", "cross", labels_as="numbers") == [(0, 1), (0, 1)]
    certain = labelled(tmp_path / "b.jsonl", [0, 1], [1, 1])
    assert positions(certain, "calm", "cross") == [(1,), (0, 1)]


def test_emotions_that_are_named_with_digits_are_asked_for(tmp_path: Path) -> None:
    path = labelled(tmp_path / "a.jsonl", "1", "2", "3")
    with pytest.raises(SettingError, match="can be read as names or as numbers"):
        positions(path, "1", "2", "3")
    assert positions(path, "1", "2", "3", labels_as="names") == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *[
            ("val.csv", "dev"),
            ("valid.csv", "dev"),
            ("eval.csv", "dev"),
            ("dev2.csv", "dev"),
            ("E-c-En-Dev.csv", "dev"),
        ],
        *[("validation-00000-of-00001.csv", "dev"), ("DEVEL.csv", "dev"), ("my_development_set.csv", "dev")],
        *[("testset.csv", "test"), ("gold_test.csv", "test"), ("gold.csv", "test"), ("dev-gold.csv", "dev")],
        *[("trn.csv", "train"), ("training.csv", "train")],
    ],
)
def test_the_split_is_named_by_a_word_of_the_file_name(tmp_path: Path, name: str, split: str) -> None:
    file = read_tweets(write(tmp_path / name, record()))
    assert (file.tweets[0].split, file.split) == (split, f"{split}, from the file name")


def test_a_name_of_no_split_is_train_and_says_so(tmp_path: Path) -> None:
    file = read_tweets(write(tmp_path / "devotion.csv", record()))
    assert file.split == "train, since neither the file's name nor a column split names one"
    assert read_tweets(write(tmp_path / "dev.csv", record()), "test").split == "test, as chosen"


def test_a_name_of_two_splits_is_asked_about(tmp_path: Path) -> None:
    path = write(tmp_path / "train_test.csv", record())
    with pytest.raises(SettingError, match="names train and test; choose the split with --split"):
        read_tweets(path)
    assert read_tweets(path, "test").tweets[0].split == "test"


def test_a_column_of_splits_is_read_in_any_spelling(tmp_path: Path) -> None:
    words = ["train", "Train", "validation", "VAL", "TEST", "gold", "later"]
    many = [record(f"text {n}", key=str(n), split=word) for n, word in enumerate(words)]
    file = read_tweets(write(tmp_path / "dev.csv", *many, header=[*HEADER, "split"]))
    assert [tweet.split for tweet in file.tweets] == ["train", "train", "dev", "dev", "test", "test"]
    assert file.split == "train 2, dev 2, test 2, from the column split"
    assert [reject.reason for reject in file.rejects] == ["split is 'later', expected one of train, dev, test"]


@pytest.mark.parametrize(
    "cell", ["{'joy': 1, 'fear': 0}", "{'joy': True, 'fear': False}", '{"joy": 1, "fear": 0}', "{'joy'}"]
)
def test_an_object_of_labels_in_a_cell_gives_those_that_are_on(cell: str) -> None:
    assert choices(cell) == ["joy"]


@pytest.mark.parametrize("cell", ["{'joy': 0.9, 'fear': 0}", "{'joy': 1, 'fear'", "{}", [None], [""], "['']", ","])
def test_a_cell_of_labels_that_says_nothing_clear_is_rejected_and_not_read_as_no_emotion(cell: object) -> None:
    with pytest.raises(ValueError, match=r"labels|values"):
        choices(cell)
