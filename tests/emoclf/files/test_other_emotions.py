"""Tests of files with other emotions than those of the review: what the refusal says, and how they are read."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from emoclf.errors import DataFileError, SettingError
from emoclf.files.corpora import read_corpus, read_emotions
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from tests.support.tweet_files import HEADER, record, write

SIX = ("anger", "disgust", "fear", "joy", "sadness", "surprise")


def lines(path: Path, *written: str) -> Path:
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return path


def command_in(message: str) -> list[str]:
    """Return the words of the command that a message gives."""
    return shlex.split(message.split("run: ")[1].split(", with a file")[0])


def refusal(path: Path) -> str:
    with pytest.raises(DataFileError) as refused:
        read_tweets(path)
    return str(refused.value)


def test_a_brighter_file_is_refused_with_the_command_that_reads_it(tmp_path: Path) -> None:
    rows = ("deu_1,so glad,0,0,0,1,0,0", "deu_2,so angry,1,1,0,0,0,0")
    path = lines(tmp_path / "deu.csv", f"id,text,{','.join(SIX)}", *rows)
    message = refusal(path)
    assert "The labels of deu.csv are anger, disgust, fear, joy, sadness, surprise: 6 of the 11 emotions" in message
    assert "To review it, add what raters said about anticipation, love, optimism, pessimism, trust." in message
    command = command_in(message)
    assert command == ["python", "cli.py", "import", str(path), "--auxiliary", "deu", "--emotions", ",".join(SIX)]
    file = read_corpus(path, read_emotions(command[-1]))
    assert [text.labels for text in file.texts] == [(3,), (0, 1)]


def test_intensities_above_0_are_present_and_the_answer_says_so(tmp_path: Path) -> None:
    rows = ("e1,so glad,0,2", "e2,so angry,3,0", "e3,fine,0,1", "e4,hm,0,0")
    path = lines(tmp_path / "eng.csv", "id,text,anger,joy", *rows)
    file = read_corpus(path, ("anger", "joy"))
    assert [text.labels for text in file.texts] == [(1,), (0,), (1,), ()]
    assert "Intensities from 0 to 3 were read as present above 0." in file.notes
    message = refusal(path)
    assert command_in(message)[-1] == "anger,joy"


def test_intensities_of_all_emotions_are_read_as_tweets(tmp_path: Path) -> None:
    rows = [{**record(key=f"a{n}", labels="", text=f"day {n}"), "joy": n} for n in range(4)]
    file = read_tweets(write(tmp_path / "a.csv", *rows))
    assert [tweet.original for tweet in file.tweets] == [frozenset(), {"joy"}, {"joy"}, {"joy"}]


@pytest.mark.parametrize("values", [("1", "1", "2"), ("2", "5", "3"), ("2", "0", "9")])
def test_a_2_in_a_file_without_intensities_is_a_reject(tmp_path: Path, values: tuple[str, ...]) -> None:
    rows = [{**record(key=f"a{n}", labels="", text=f"day {n}"), "joy": value} for n, value in enumerate(values)]
    file = read_tweets(write(tmp_path / "a.csv", *rows, record(key="ok", text="fine", labels="")))
    assert "joy is '2', expected 0 or 1" in [one.reason for one in file.rejects]


def test_the_raters_file_of_goemotions_gets_its_emotions_and_not_its_other_columns(tmp_path: Path) -> None:
    header = "text,id,rater_id,example_very_unclear,admiration,anger,neutral"
    path = lines(tmp_path / "goemotions_1.csv", header, "so glad,e1,3,False,1,0,0", "so angry,e2,1,False,0,1,0")
    message = refusal(path)
    assert command_in(message)[-1] == "admiration,anger,neutral"
    assert "1 of the 11 emotions of the review and 2 others" in message


def test_label_numbers_without_a_header_get_the_command_and_the_label_file_beside_them(tmp_path: Path) -> None:
    folder = tmp_path / "goemotions"
    folder.mkdir()
    path = lines(folder / "train.tsv", "so glad\t2\te1", "so angry\t0,1\te2")
    assert command_in(refusal(path))[-3:] == ["goemotions", "--emotions", "EMOTIONS.txt"]
    assert "with a file EMOTIONS.txt that names them in the order of their numbers" in refusal(path)
    names = lines(folder / "labels.txt", "cross", "sad", "merry")
    assert command_in(refusal(path))[-1] == str(names)
    assert [text.labels for text in read_corpus(path, read_emotions(str(names))).texts] == [(2,), (0, 1)]


def test_other_names_in_a_column_of_labels_are_named(tmp_path: Path) -> None:
    path = lines(tmp_path / "moods.csv", "text,label", "so quiet,calm", "what a din,cross")
    message = refusal(path)
    assert "The labels of moods.csv are calm, cross: none of the emotions of the review and 2 others." in message
    assert command_in(message)[-1] == "calm,cross"


def test_names_outside_the_eleven_are_counted_where_other_rows_can_be_read(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "text,label", "so glad,joy", "dull,neutral", "grey,neutral")
    file = read_tweets(path)
    assert len(file.tweets) == 1
    assert "Rows with labels that are not among the 11 emotions were rejected: 'neutral' (2)." in file.notes


def test_a_file_with_all_eleven_columns_gets_no_such_command(tmp_path: Path) -> None:
    blank = {**record(), **dict.fromkeys(EMOTIONS.names, "")}
    path = write(tmp_path / "a.csv", blank, header=HEADER)
    assert read_tweets(path).tweets == []  # the caller says why: its cells are blank


def test_label_numbers_can_be_named_for_the_review(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "text,labels", "so glad,[1]", "so angry,0")
    reading = Reading(label_names=("anger", "joy"))
    assert [tweet.original for tweet in read_tweets(path, reading=reading).tweets] == [{"joy"}, {"anger"}]
    with pytest.raises(DataFileError, match="not among the emotions of the review, such as calm on line 3"):
        read_tweets(path, reading=Reading(label_names=("calm", "joy")))


@pytest.mark.parametrize(
    ("labels", "asked"),
    [
        (
            range(6),
            r"numbers up to 5, .* 6 labels, as in dair-ai/emotion, .* pass --emotions sadness,joy,love,anger,fear,",
        ),
        (range(1, 7), r"pass --first-number 0 or --first-number 1"),
        (
            [0, *[9] * 19],
            r"numbers up to 9, as if they numbered 10 labels, .* or --confirm if 0 stands for anger and 9 for",
        ),
    ],
)
def test_label_numbers_that_end_before_the_last_emotion_are_asked_about(
    tmp_path: Path, labels: Sequence[int], asked: str
) -> None:
    path = lines(tmp_path / "a.csv", "text,label", *(f"text {n},{one}" for n, one in enumerate(labels)))
    with pytest.raises(SettingError, match=asked):
        read_tweets(path)
    first = read_tweets(path, reading=Reading(confirm=True, first_number=0)).tweets[0].original
    assert first == {EMOTIONS.names[labels[0]]}


def test_label_numbers_of_all_eleven_emotions_are_read(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "text,label", "so glad,4", "so safe,10", "so mad,0")
    file = read_tweets(path)
    assert [tweet.original for tweet in file.tweets] == [{"joy"}, {"trust"}, {"anger"}]
    assert file.notes == ("Numbers were read as 0 for anger to 10 for trust.",)


def test_label_numbers_of_hugging_face_get_the_names_stored_in_the_file(tmp_path: Path) -> None:
    import json

    table = pyarrow.table({"text": ["so glad", "so angry", "hm"], "labels": [[1], [0, 1], []]})
    features = {
        "text": {"dtype": "string", "_type": "Value"},
        "labels": {"feature": {"names": ["anger", "joy"], "_type": "ClassLabel"}, "_type": "Sequence"},
    }
    stored = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    pyarrow.parquet.write_table(table.replace_schema_metadata(stored), tmp_path / "a.parquet")
    labels = [tweet.original for tweet in read_tweets(tmp_path / "a.parquet").tweets]
    assert labels == [{"joy"}, {"anger", "joy"}, frozenset()]


@pytest.mark.parametrize(
    "cells",
    [
        [["joy"], ["anger", "joy"]],
        [{"anger": 0, "joy": 1}, {"anger": 1, "joy": 1}],
        [[0.0] * 4 + [1.0] + [0.0] * 6, [1.0, 0, 0, 0, 1.0] + [0.0] * 6],
        [[4], [0, 4]],
    ],
    ids=["names", "columns", "multi-hot", "numbers"],
)
@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_lists_of_labels_are_read_in_every_form(tmp_path: Path, cells: list[object], ending: str) -> None:
    rows = [{"text": f"day {n}", "labels": cell} for n, cell in enumerate(cells)]
    file = read_tweets(write(tmp_path / f"a.{ending}", *rows))
    assert [tweet.original for tweet in file.tweets] == [{"joy"}, {"anger", "joy"}]
