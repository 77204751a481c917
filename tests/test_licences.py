"""Licences: each model gets its own, an unknown one gets none, and what limits commercial use is said."""

import pytest

from emoclf.licences import APACHE, licence_of, warning

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
    assert "not in emoclf's table" in warning(model)


def test_a_licence_that_limits_commercial_use_is_said() -> None:
    assert "research only" in warning("hf:Qwen/Qwen2.5-3B-Instruct")
    assert warning("hf:Qwen/Qwen2.5-1.5B-Instruct") == ""
