"""Tests of damaged, odd and far too large files: each gives its tweets or one sentence, in limited memory."""

import gzip
import json
import random
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from emoclf.errors import DataFileError, SettingError
from emoclf.files import json_rows, parquet, rows, sources, workbooks
from emoclf.files.corpora import read_corpus
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import read_tweets
from tests.support.odd_files import odd_file, workbook
from tests.support.tweet_files import record, write

SEEDS, OF_A_TEST = 300, 30


def reading(draw: random.Random) -> Reading:
    return Reading(
        raters=draw.choice([None, "majority", "first"]),
        labels_as=draw.choice([None, None, "names", "numbers", "multi-hot"]),
        first_number=draw.choice([None, 0]),
        blank_is_0=draw.random() < 0.3,
    )


@pytest.mark.parametrize("first", range(0, SEEDS, OF_A_TEST))
def test_an_odd_file_gives_its_tweets_or_one_sentence(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + OF_A_TEST):
        name, data = odd_file(seed)
        path = tmp_path / name
        path.write_bytes(data)
        choices = reading(random.Random(-seed))
        for read in (lambda p, c: read_tweets(p, reading=c), lambda p, c: read_corpus(p, ("joy", "calm"), reading=c)):
            try:
                file = read(path, choices)
            except (DataFileError, SettingError) as error:
                refusal = str(error)
            else:
                refusal = ""
            assert all(map(is_one_sentence, [refusal] if refusal else file.notes)), (seed, refusal)
            if refusal:
                continue
            for tweet in getattr(file, "tweets", []):
                stored = json.dumps([tweet.key, tweet.text, tweet.metadata], ensure_ascii=False)
                assert stored == stored.encode().decode(), seed


def is_one_sentence(words: str) -> bool:
    return bool(words.strip()) and "\n" not in words and "\0" not in words and words == words.encode().decode()


def test_a_file_that_decompresses_to_far_more_than_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 10**6)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 10**7))
    with pytest.raises(DataFileError, match=r"a.csv.gz has more than 1 MB when it is decompressed, .*; split it into"):
        read_tweets(path)


def test_a_file_of_too_many_bytes_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 100)
    with pytest.raises(DataFileError, match=r"a.csv has 0 MB, and .* can be read; split it into several files"):
        read_tweets(write(tmp_path / "a.csv", record()))


def test_a_line_of_a_gigabyte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE", 1000)
    for name in ("a.csv", "a.jsonl"):
        with pytest.raises(DataFileError, match=rf"line \d of {name} has [\d,]+ characters, and 1,000 can be read"):
            read_tweets(write(tmp_path / name, record(), record("x" * 2000)))


def test_an_object_of_a_gigabyte_in_an_array_is_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_LINE", 1000)
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record(), record("x" * 2000, key="a2")]), encoding="utf-8")
    file = read_tweets(path)
    assert [tweet.key for tweet in file.tweets] == ["a1"]
    assert [one.reason for one in file.rejects] == ["it has more than 1,000 characters"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_a_file_of_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for module in (rows, json_rows):
        monkeypatch.setattr(module, "MAX_ROWS", 2)
    path = tmp_path / name
    several = [record(key=f"a{n}", text=f"day {n}") for n in range(3)]
    if name == "a.json":
        path.write_text(json.dumps(several), encoding="utf-8")
    else:
        write(path, *several)
    with pytest.raises(DataFileError, match="has more than 2 rows"):
        read_tweets(path)


def test_parquet_with_more_rows_or_bytes_than_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"text": ["same"] * 1000, "labels": ["joy"] * 1000}), path)
    monkeypatch.setattr(parquet, "MAX_ROWS", 10)
    with pytest.raises(DataFileError, match=r"a.parquet has 1,000 rows"):
        read_tweets(path)
    monkeypatch.setattr(parquet, "MAX_BYTES", 10)
    with pytest.raises(DataFileError, match=r"a.parquet is larger when it is decompressed"):
        read_tweets(path)


def test_a_workbook_with_two_cells_far_apart_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([("A1", "text"), ("XFD1048576", "x")]))
    with pytest.raises(DataFileError, match=r"a.xlsx has a sheet with more than 20,000,000 cells"):
        read_tweets(path)


def test_a_workbook_of_many_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_BYTES", 100)
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([("A1", "text")]))
    with pytest.raises(DataFileError, match=r"a.xlsx is larger when it is decompressed"):
        read_tweets(path)


def test_characters_that_are_no_text_are_replaced_in_metadata_and_its_names(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    odd = {"cut \ud83d": "off \ud83d", "nul\0": {"deep": ["\0", "\ud83d"]}, "empty": None}
    path.write_text(json.dumps({**record(), **odd}), encoding="utf-8")
    (tweet,) = read_tweets(path).tweets
    assert tweet.metadata == {"cut \ufffd": "off \ufffd", "nul\ufffd": '{"deep": ["\\u0000", "\ufffd"]}'}
