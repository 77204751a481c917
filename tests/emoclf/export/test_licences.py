"""Tests of licences: known and unknown models, and limits on commercial use."""

from pathlib import Path

import pytest

from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from emoclf.export.licences import APACHE, licence_of, warning
from emoclf.tweets import Tweet
from jobs.files.licences import data_in_use, write_credits

RESEARCH, TONGYI = "Research License", "Tongyi Qianwen License Agreement"


@pytest.mark.parametrize(
    ("model", "licence"),
    [
        ("hf:Qwen/Qwen2.5-0.5B-Instruct", APACHE),
        ("hf:Qwen/Qwen2.5-1.5B-Instruct", APACHE),
        ("hf:Qwen/Qwen2.5-3B-Instruct", RESEARCH),
        ("hf:Qwen/Qwen2.5-7B-Instruct", APACHE),
        ("hf:Qwen/Qwen2.5-72B-Instruct", "Qwen License Agreement"),
        ("hf:Qwen/Qwen2.5-Coder-3B-Instruct", RESEARCH),
        ("hf:Qwen/Qwen2-7B-Instruct", APACHE),
        ("hf:Qwen/Qwen2-72B-Instruct", TONGYI),
        ("hf:Qwen/Qwen3-8B", APACHE),
        ("openai:http://localhost:8000/v1#Qwen/Qwen-7B-Chat", TONGYI),
        ("openai:http://localhost:8000/v1#Qwen/Qwen-1_8B-Chat", RESEARCH),
        ("dir:/models/qwen2.5-coder-1.5b-instruct", APACHE),
        ("Qwen/Qwen2.5-7B-Instruct@localhost:8000", APACHE),
        ("packaged:all-MiniLM-L6-v2", APACHE),
        ("hf:google-bert/bert-base-uncased", APACHE),
    ],
)
def test_a_model_gets_the_licence_of_its_generation_and_size(model: str, licence: str) -> None:
    found = licence_of(model)
    assert found
    assert found.licence.endswith(licence)


@pytest.mark.parametrize("model", ["hf:someone/llama", "dir:/models/qwen-mine", "hf:Qwen/Qwen9-1B"])
def test_a_model_that_is_not_in_the_table_is_not_guessed_at(model: str) -> None:
    assert licence_of(model) is None
    assert "emoclf does not know the licence" in warning(model)


def test_a_licence_that_limits_commercial_use_gives_a_warning() -> None:
    assert "research only" in warning("hf:Qwen/Qwen2.5-3B-Instruct")
    assert warning("hf:Qwen/Qwen2.5-1.5B-Instruct") == ""


def test_credits_of_models_and_data_are_written_next_to_an_exported_file(store: Store, tmp_path: Path) -> None:
    with store.writing() as session:
        add_tweets(session, [Tweet("2018-En-00001", "so happy", frozenset({"joy"}))])
        add_suggestions(session, "qwen2.5-1.5b-instruct@0123abcd", "labels-2", [(1, [0.1] * 11)])
        add_suggestions(session, "someone/other", "labels-2", [(1, [0.1] * 11)])
    beside = write_credits(store, tmp_path / "out.csv")
    assert beside == tmp_path / "out.csv.credits.txt"
    words = beside.read_text()
    assert "Qwen Team, Alibaba Cloud" in words
    assert "someone/other (not known here; commercial use: read it first)" in words
    assert "SemEval-2018 Task 1: Affect in Tweets" in words


def test_imported_tweets_without_models_need_no_credits(filled: Store, tmp_path: Path) -> None:
    assert data_in_use(filled) == []
    assert write_credits(filled, tmp_path / "out.csv") is None
    assert list(tmp_path.glob("*.txt")) == []
