"""Tests of files of other people: nothing in them is taken for something of ours, and what is odd is said."""

import json
import unicodedata
from pathlib import Path

import pytest

from emoclf.errors import DataFileError
from emoclf.export import argilla_folder
from emoclf.export.exported_tweets import ExportedTweet
from emoclf.files.corpora import read_corpus, read_emotions
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import read_tweets
from tests.support.tweet_files import record, write

MAJORITY = Reading(raters="majority")


def lines(path: Path, *written: str) -> Path:
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return path


def test_columns_origin_and_label_origin_of_another_data_set_are_metadata(tmp_path: Path) -> None:
    foreign = {"origin": "Norway", "label_origin": "a survey", "reviewer": "diesel", "metadata": "none"}
    file = read_tweets(write(tmp_path / "a.jsonl", record("'=so glad", **foreign)))
    assert file.rejects == []
    assert file.tweets[0].metadata == foreign
    path = lines(tmp_path / "b.csv", "text,labels,label_origin", "'=so glad,joy,original")
    assert read_tweets(path).tweets[0].text == "'=so glad"  # no ID: not our export


def test_a_synthetic_tweet_of_our_own_is_refused_and_one_of_others_is_read(tmp_path: Path) -> None:
    own = record("so glad", key="1", origin="synthetic", label_origin="synthetic")
    file = read_tweets(
        write(tmp_path / "a.jsonl", own, record("so mad", key="2", origin="imported", label_origin="original"))
    )
    assert [(reject.line, reject.reason[:24]) for reject in file.rejects] == [(1, "it is a synthetic tweet;")]
    state = record("so glad", edited=None, origin="synthetic", state="accepted", prompt_version="2")
    assert len(read_tweets(write(tmp_path / "b.jsonl", state)).rejects) == 1
    assert read_tweets(write(tmp_path / "c.jsonl", record(origin="synthetic"))).tweets[0].metadata == {
        "origin": "synthetic"
    }


def test_a_tweet_comes_back_from_argilla_without_further_metadata(tmp_path: Path) -> None:
    tweet = ExportedTweet("t1", "so glad", "dev", frozenset({"joy"}), "original", frozenset({"joy"}), {"lang": "en"})
    path = lines(tmp_path / "a.jsonl", json.dumps(argilla_folder.record(tweet)))
    [found] = read_tweets(path).tweets
    assert (found.key, found.original, found.split, found.metadata) == ("t1", {"joy"}, "dev", {"lang": "en"})


@pytest.mark.parametrize(
    ("name", "header", "row", "named"),
    [
        ("a.jsonl", "", '{"id": 1, "text": "hi you", "label": ["joy"], "Comments": []}', "JSON of doccano"),
        ("a.csv", "id,text,label,Comments", "1,hi you,joy#fear,", "comma-separated text of doccano"),
        ("a.csv", "id,text,labels", "1,hi you,joy", "comma-separated text"),
    ],
)
def test_the_format_names_the_tool_that_wrote_the_file(
    tmp_path: Path, name: str, header: str, row: str, named: str
) -> None:
    assert read_tweets(lines(tmp_path / name, *filter(None, (header, row)))).format == named


def test_the_format_names_brighter(tmp_path: Path) -> None:
    emotions = ("anger", "fear", "joy", "sadness", "surprise")
    path = lines(tmp_path / "a.csv", ",".join(["id", "text", *emotions]), "eng_1,so glad,0,0,1,0,0")
    assert read_corpus(path, emotions).format == "comma-separated text of BRIGHTER (SemEval-2025 task 11)"


def test_rows_of_one_tweet_in_several_splits_are_rejected(tmp_path: Path) -> None:
    rows = [("1", "joy", "train"), ("1", "joy", "dev"), ("2", "fear", "dev"), ("2", "joy fear", "dev")]
    records = [
        record(f"text {key}", labels, key, split=split, annotator=n) for n, (key, labels, split) in enumerate(rows)
    ]
    path = write(tmp_path / "a.csv", *records)
    file = read_tweets(path, reading=MAJORITY)
    assert [(tweet.key, tweet.split, tweet.original) for tweet in file.tweets] == [("2", "dev", {"fear"})]
    assert [reject.line for reject in file.rejects] == [2, 3]
    assert file.rejects[0].reason.startswith(
        "the rows of the ID '1' are in train (line 2) and in dev (line 3), and a tweet has one split"
    )
    assert len(read_tweets(path, "test", MAJORITY).tweets) == 2
    first = read_tweets(path, reading=Reading(raters="first"))
    assert first.rejects[0].reason == "the same ID '1' already stands on line 2 in train, and here in dev"


@pytest.mark.parametrize("written", [["hi there", "this is a longer text"], ["id,tekst", "1,a longer text"]])
def test_a_file_without_a_column_of_texts_gets_the_option_and_its_columns(tmp_path: Path, written: list[str]) -> None:
    path = lines(tmp_path / "a.csv", *written)
    with pytest.raises(DataFileError) as refused:
        read_tweets(path, reading=Reading(unlabelled=True))
    assert str(refused.value) == (
        f"a.csv has no column Tweet or text; its first line reads: {written[0].replace(',', ', ')}; --text-column NAME "
        "names the column with the texts, and a file without a header needs a first line such as: text"
    )


def test_an_object_without_a_text_gets_the_option_and_its_names(tmp_path: Path) -> None:
    file = read_tweets(lines(tmp_path / "a.jsonl", '{"id": 1, "tekst": "so glad", "labels": ["joy"]}'))
    assert [reject.reason for reject in file.rejects] == [
        "it lacks Tweet or text, and has id, tekst, labels; --text-column NAME names the column with the texts"
    ]


def test_a_column_that_holds_splits_under_another_name_is_pointed_out(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "text,labels,part", "so glad,joy,dev", "so mad,anger,")
    file = read_tweets(path)
    assert file.split == "train, since neither the file's name nor a column split names one"
    assert "The column part was not read as the split; --split-column part reads it." in file.notes
    chosen = read_tweets(path, reading=Reading(split_column="Part"))
    assert (chosen.split, chosen.notes) == ("train 1, dev 1, from the column Part, and train where it is blank", ())


def test_an_auxiliary_corpus_says_that_it_has_no_splits(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "text,labels,split", "so glad,calm,dev", "so mad,cross,train")
    assert any("splits were left out" in note for note in read_corpus(path, ("calm", "cross")).notes)


def test_a_name_that_stands_twice_in_an_object_rejects_the_row(tmp_path: Path) -> None:
    rows = [
        '{"text": "so glad", "labels": ["joy"], "labels": ["fear"]}',
        '{"text": "so mad", "labels": {"joy": 1, "joy": 0}}',
        '{"text": "so so", "Text": "so what", "labels": ["joy"]}',
        '{"text": "well", "labels": ["joy"]}',
    ]
    for name, content in (("a.jsonl", "\n".join(rows)), ("a.json", f"[{','.join(rows)}]")):
        file = read_tweets(lines(tmp_path / name, content))
        assert [tweet.text for tweet in file.tweets] == ["well"]
        assert [reject.reason for reject in file.rejects] == [
            f"the name {twice!r} stands twice in it" for twice in ("labels", "joy", "text")
        ]


def test_lists_in_one_object_are_read_with_their_splits(tmp_path: Path) -> None:
    glad, mad = {"text": "so glad", "labels": ["joy"]}, {"text": "so mad", "labels": ["anger"]}
    for indent in (None, 1):
        path = lines(tmp_path / "a.json", json.dumps({"train": [glad], "validation": [mad]}, indent=indent))
        file = read_tweets(path)
        assert [(tweet.text, tweet.split) for tweet in file.tweets] == [("so glad", "train"), ("so mad", "dev")]
        assert file.split == "train 1, dev 1, from the names of its lists train and validation"
        assert (file.lines, file.counted) == (2, "records")
    file = read_tweets(lines(tmp_path / "b.json", json.dumps({"version": 1, "data": [glad, mad]})))
    assert (len(file.tweets), file.notes) == (2, ("Its list data was read.",))
    with pytest.raises(DataFileError, match="an object on each line; its arrays are a, b"):
        read_tweets(lines(tmp_path / "c.json", json.dumps({"a": [glad], "b": [mad]}, indent=1)))


def test_accents_in_two_characters_are_those_in_one(tmp_path: Path) -> None:
    names = ("gaîté", "colère")
    apart = [unicodedata.normalize("NFD", one) for one in names]
    path = lines(tmp_path / "a.csv", "text,labels", f"so glad,{apart[0]}", f"so mad,{names[1]}")
    file = read_corpus(path, read_emotions(",".join(reversed(apart))))
    assert [text.labels for text in file.texts] == [(1,), (0,)]
    column = unicodedata.normalize("NFD", "énoncé")
    path = lines(tmp_path / "b.jsonl", json.dumps({column: "so glad", "labels": "joy"}))
    assert read_tweets(path, reading=Reading(text_column="ÉNONCÉ")).tweets[0].text == "so glad"


def test_an_object_that_names_some_emotions_only_is_read_with_a_note(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", '{"text": "so glad", "labels": {"joy": 1}}')
    file = read_tweets(path)
    assert file.tweets[0].original == {"joy"}
    assert file.notes == ("Objects of labels that do not name every emotion were read with 0 for the others.",)


def test_labels_with_spaces_between_are_read_if_all_are_labels(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "text,labels", "so glad,joy Love", "so mad,joy happy", "so so,joy / fear")
    file = read_tweets(path)
    assert [tweet.original for tweet in file.tweets] == [{"joy", "love"}]
    for reject in file.rejects:
        assert reject.reason.endswith(
            "between several labels stands a comma, semicolon, bar, # or line break, or a space if all words are labels"
        )
