"""Tests of data files: every published format is read, and no row is guessed or silently dropped."""

import json
from pathlib import Path

import pytest

from emoclf.errors import DataFileError
from emoclf.files import rows
from emoclf.files.tweet_files import MAX_CHARACTERS, read_tweets
from emoclf.labels import EMOTIONS
from tests.support.tweet_files import HEADER, record, write


@pytest.mark.parametrize("name", ["2018-E-c-En-train.txt", "a.tsv", "a.csv", "a.jsonl", "a.parquet"])
def test_every_format_gives_the_same_tweets(tmp_path: Path, name: str) -> None:
    file = read_tweets(write(tmp_path / name, record('he said "no" 😡', "anger disgust"), record(key="a2")))
    assert [(t.key, t.text, t.original) for t in file.tweets] == [
        ("a1", 'he said "no" 😡', {"anger", "disgust"}),
        ("a2", "what a day", {"joy"}),
    ]
    assert file.rejects == []


def test_text_is_kept_unchanged(tmp_path: Path) -> None:
    text = "  “Why?”  &amp; caf\u00e9 👩‍👩‍👧 it's\\n<b>bold</b> "
    assert read_tweets(write(tmp_path / "a.csv", record(text))).tweets[0].text == text


def test_columns_may_come_in_any_order_and_further_ones_are_kept(tmp_path: Path) -> None:
    backwards = list(reversed([*HEADER, "place"]))
    [tweet] = read_tweets(write(tmp_path / "a.csv", record(place="Oslo"), header=backwards)).tweets
    assert (tweet.key, tweet.original, tweet.metadata) == ("a1", {"joy"}, {"place": "Oslo"})


def test_a_file_without_ids_names_its_tweets_by_their_text(tmp_path: Path) -> None:
    header = HEADER[1:]
    first, second = (read_tweets(write(tmp_path / name, record(), header=header)) for name in ("a.csv", "b.csv"))
    assert first.tweets[0].key == second.tweets[0].key


@pytest.mark.parametrize(
    ("name", "split"), [("E-c-En-dev.csv", "dev"), ("2018-E-c-En-test.txt", "test"), ("mine.csv", "train")]
)
def test_the_split_comes_from_the_file_name_unless_given(tmp_path: Path, name: str, split: str) -> None:
    path = write(tmp_path / name, record())
    assert read_tweets(path).tweets[0].split == split
    assert read_tweets(path, "test").tweets[0].split == "test"


def test_ten_broken_rows_are_each_named_with_line_and_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    good = "\t".join(["{}", "fine", *["0"] * 11])
    broken = [
        "\t".join(["b1", "one label is 2", "2", *["0"] * 10]),
        "\t".join(["b2", "one label is empty", "", *["0"] * 10]),
        "\t".join(["b3", "labels are words", *["maybe"] * 11]),
        "\t".join(["b4", "a cell too few", *["0"] * 10]),
        "\t".join(["b5", "a cell too many", *["0"] * 12]),
        "\t".join(["b6", "", *["0"] * 11]),
        "\t".join(["b7", "   ", *["0"] * 11]),
        "\t".join(["b8", "x" * 100_000, *["0"] * 11]),
        "\t".join(["g1", "an ID for the second time", *["0"] * 11]),
        "\t".join(["b10", "half a \0 character", *["0"] * 11]),
    ]
    path = tmp_path / "a.txt"
    path.write_text("\n".join(["\t".join(HEADER), good.format("g1"), *broken, good.format("g2")]), encoding="utf-8")
    file = read_tweets(path)
    assert [tweet.key for tweet in file.tweets] == ["g1", "g2"]
    assert [reject.line for reject in file.rejects] == list(range(3, 13))
    reasons = [reject.reason for reject in file.rejects]
    assert reasons[0] == "anger is '2', expected 0 or 1"
    assert reasons[3] == "it has 12 cells, the header has 13"
    assert reasons[7] == f"the text has 100,000 characters, more than {MAX_CHARACTERS:,}"
    assert reasons[8] == "the same ID 'g1' already stands on line 2"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"\xff\xfe\x00binary", "a.csv is not UTF-8 text"),
        ("a.csv", b"Tweet,anger\nhello,1\n", "a.csv has no column anticipation, disgust"),
        ("a.csv", ("Tweet," + ",".join(EMOTIONS.names)).encode(), "a.csv has no tweets in it"),
        ("a.parquet", b"PAR1 not really", "a.parquet cannot be read as Parquet"),
        ("a.docx", b"words", "a.docx: the name must end in one of"),
    ],
)
def test_a_file_that_is_no_tweet_file_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=sentence) as refused:
        read_tweets(path)
    assert "\n" not in str(refused.value)


def test_a_line_that_is_not_json_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    broken = ["{oops", "[1]", json.dumps({"Tweet": "no labels"}), "9" * 5000, "[" * 100_000]
    surrogates = [json.dumps(record("half \ud83d")), json.dumps(record(key="\ud83d"))]
    path.write_text("\n".join([json.dumps(record()), *broken, *surrogates]), "utf-8")
    file = read_tweets(path)
    assert len(file.tweets) == 1
    assert [reject.line for reject in file.rejects] == list(range(2, 9))


def test_an_apostrophe_in_a_foreign_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(HEADER) + "\na1,'@ana said so," + ",".join("0" * 11) + "\n", "utf-8")
    assert read_tweets(path).tweets[0].text == "'@ana said so"


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="cannot write"):
        rows.write(tmp_path / "missing" / "a.csv", [record()], HEADER)

    def breaks_off():
        yield record()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        rows.write(tmp_path / "a.csv", breaks_off(), HEADER)
    assert list(tmp_path.iterdir()) == []
