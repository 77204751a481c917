"""Tests of files with a row for each rater of a tweet."""

import json
from pathlib import Path

import pytest

from emoclf.errors import SettingError
from emoclf.files.corpora import read_corpus
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import read_tweets
from tests.support.tweet_files import record, write

MAJORITY, FIRST = Reading(raters="majority"), Reading(raters="first")


def rated(tmp_path: Path) -> Path:
    rows = [("joy", "u1"), ("joy love", "u2"), ("fear", "u3")]
    several = [record("what a day", labels, "a1", rater_id=rater, lang="en") for labels, rater in rows]
    return write(tmp_path / "a.csv", *several, record("dull", "", "a2", rater_id="u1", lang="en"))


def test_rows_of_several_raters_are_recognised_and_the_import_asks_what_to_do(tmp_path: Path) -> None:
    sentence = (
        r"1 text of a.csv has several rows with different labels, such as the ID 'a1' on lines 2 and 3 \(joy and joy "
        r"love\), as if several raters had labelled it; pass --raters majority .* or --raters first"
    )
    with pytest.raises(SettingError, match=sentence):
        read_tweets(rated(tmp_path))


def test_the_majority_of_raters_is_the_original_and_their_shares_are_metadata(tmp_path: Path) -> None:
    file = read_tweets(rated(tmp_path), reading=MAJORITY)
    assert [(tweet.key, tweet.original) for tweet in file.tweets] == [("a1", {"joy"}), ("a2", frozenset())]
    metadata = dict(file.tweets[0].metadata)
    assert json.loads(metadata.pop("rater_shares")) == {"fear": 0.333, "joy": 0.667, "love": 0.333}
    assert metadata == {"rater_id": "u1, u2, u3", "lang": "en", "raters": "3"}
    assert file.notes == ("1 text was made of 3 rows, with the labels of the majority of raters.",)
    assert (file.lines, file.spans, file.rejects) == (4, {2: 3}, [])


def test_the_first_row_counts_if_that_is_chosen_and_the_others_are_rejected(tmp_path: Path) -> None:
    file = read_tweets(rated(tmp_path), reading=FIRST)
    assert [(tweet.key, tweet.original) for tweet in file.tweets] == [("a1", {"joy"}), ("a2", frozenset())]
    assert [(one.line, one.reason) for one in file.rejects] == [
        (3, "the same ID 'a1' already stands on line 2"),
        (4, "the same ID 'a1' already stands on line 2"),
    ]


def test_half_of_the_raters_are_no_majority_and_the_answer_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record(labels="joy trust"), record(labels="joy"), record(labels="", key="a2"))
    file = read_tweets(path, reading=MAJORITY)
    assert file.tweets[0].original == {"joy"}
    assert "In 1 of them exactly half of the raters gave a label; it is not in the majority." in file.notes
    path = write(tmp_path / "b.csv", record(labels="trust"), record(labels="joy"))
    file = read_tweets(path, reading=MAJORITY)
    assert file.tweets[0].original == frozenset()
    assert "In 1 of them no label has a majority, so that they have no emotion." in file.notes


def test_rows_that_repeat_a_tweet_with_the_same_labels_are_rejects_and_no_raters(tmp_path: Path) -> None:
    file = read_tweets(write(tmp_path / "a.csv", record(), record()))
    assert [tweet.key for tweet in file.tweets] == ["a1"]
    assert [one.reason for one in file.rejects] == ["the same ID 'a1' already stands on line 2"]


def test_an_id_with_another_text_is_always_a_reject(tmp_path: Path) -> None:
    file = read_tweets(write(tmp_path / "a.csv", record(), record("something else", "fear")), reading=MAJORITY)
    assert len(file.tweets) == len(file.rejects) == 1


def test_rows_with_ids_of_their_own_are_one_tweet_only_if_the_file_names_raters(tmp_path: Path) -> None:
    rows = [("joy", "a1"), ("joy", "a2"), ("fear", "a3")]
    same = [record("what a day", labels, key) for labels, key in rows]
    assert len(read_tweets(write(tmp_path / "a.csv", *same), reading=MAJORITY).tweets) == 3
    named = [{**one, "worker_id": n} for n, one in enumerate(same)]
    (tweet,) = read_tweets(write(tmp_path / "b.csv", *named), reading=MAJORITY).tweets
    assert (tweet.key, tweet.original, tweet.metadata["raters"]) == ("a1", {"joy"}, "3")


def test_texts_without_ids_are_united_by_their_text(tmp_path: Path) -> None:
    rows = [record(labels=labels) for labels in ("joy", "joy", "love")]
    (tweet,) = read_tweets(write(tmp_path / "a.csv", *rows, header=list(rows[0])[1:]), reading=MAJORITY).tweets
    assert tweet.original == {"joy"}


def test_raters_of_a_corpus_are_united_too(tmp_path: Path) -> None:
    lines = [
        "text,id,rater_id,calm,cross",
        *(f"so quiet,q1,{n},{labels}" for n, labels in enumerate(["1,0", "1,1", "1,0"])),
    ]
    path = tmp_path / "goemotions_1.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SettingError, match="--raters majority"):
        read_corpus(path, ("calm", "cross"))
    file = read_corpus(path, ("calm", "cross"), reading=MAJORITY)
    assert [(text.key, text.labels, file.spans) for text in file.texts] == [("q1", (0,), {2: 3})]
