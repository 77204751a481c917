"""Tests of torch checkpoints of others: what is damaged, oversized or wants more than JSON is refused in words."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emoclf.errors import ModelError
from emoclf.hub import checkpoint_check
from emoclf.hub.uris import locate
from tests.support.models import tiny_bert
from tests.support.paths import ROOT
from tests.support.timeouts import TIMEOUT_SECONDS

CONFIG = {"model_type": "bert", "vocab_size": 35, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of a checkpoint, whose weights are not read."""
    made = tmp_path / "model"
    made.mkdir()
    (made / "model.safetensors").write_bytes(bytes(10_000))
    write(made, "config.json", CONFIG)
    return made


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def refused(folder: Path, words: str) -> None:
    """Check that the model is refused, in one sentence with these words and a remedy."""
    with pytest.raises(ModelError, match=words) as error:
        locate(f"dir:{folder}")
    assert "\n" not in str(error.value)


def test_an_ordinary_checkpoint_is_accepted(folder: Path) -> None:
    write(
        folder, "tokenizer_config.json", {"special_tokens_map_file": "/home/someone/map.json", "model_max_length": 1e30}
    )
    write(
        folder, "config.json", {**CONFIG, "rope_theta": 1e12, "pad_token_id": -1, "max_position_embeddings": 1_000_000}
    )
    assert locate(f"dir:{folder}") == folder


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vocab_size", 10**12),
        ("hidden_size", 10**12),
        ("num_hidden_layers", 10**6),
        ("num_labels", 10**9),
        ("num_attention_heads", 10**9),
        ("n_layers", 10**6),
        ("inner_group_num", 10**5),
        ("max_position_embeddings", 10**12),
        ("type_vocab_size", float("inf")),
    ],
)
def test_an_absurd_size_is_refused_before_anything_of_that_size_is_made(folder: Path, name: str, value: float) -> None:
    write(folder, "config.json", {**CONFIG, "inner": [{name: value}]})
    refused(folder, f"says that {name} is .*, and at most .* is accepted; download")


def test_word_embeddings_that_the_weights_cannot_hold_are_refused(folder: Path) -> None:
    write(folder, "config.json", {**CONFIG, "vocab_size": 1_000_000, "hidden_size": 10_000})
    refused(folder, "describes 1,000,000 word pieces of 10,000 values, and the weights have 10,000 bytes")


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"a":' * 50 + "1" + "}" * 50,
        "[]",
        "null",
        "{",
        '{"a": 1',
    ],
    ids=["open", "deep", "50 levels", "list", "null", "cut", "cut later"],
)
@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "model.safetensors.index.json"])
def test_json_that_is_nested_or_damaged_is_refused(folder: Path, name: str, content: str) -> None:
    write(folder, name, content)
    refused(folder, rf"{name} cannot be loaded, since it is (not JSON or|not a JSON object|nested more than 32)")


def test_an_oversized_file_is_refused_before_it_is_read(folder: Path) -> None:
    for name in ("config.json", "tokenizer.json", "vocab.txt"):
        before = (folder / name).read_text() if (folder / name).exists() else None
        (folder / name).touch()
        os.truncate(folder / name, 100 << 20)
        refused(folder, rf"{name} has 105 MB, and at most \d+ MB are read")
        (folder / name).unlink() if before is None else write(folder, name, before)


def test_a_link_out_of_the_folder_is_refused_and_the_links_of_the_hubs_cache_are_not(
    folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "models--someone--bert"
    (cache / "blobs").mkdir(parents=True)
    (cache / "snapshots").mkdir()
    weights = (folder / "model.safetensors").rename(cache / "blobs" / "abc")
    (folder / "model.safetensors").symlink_to(weights)
    refused(folder, r"model\.safetensors is a link to .*abc, outside the model's folder")
    moved = folder.rename(cache / "snapshots" / "1")
    assert locate(f"dir:{moved}") == moved


def test_a_pipe_is_refused_before_it_is_opened(folder: Path) -> None:
    os.mkfifo(folder / "tokenizer.json")
    refused(folder, r"tokenizer\.json is not a regular file")


def test_an_adapter_is_refused_since_it_would_load_another_model(folder: Path) -> None:
    write(folder, "adapter_config.json", {"base_model_name_or_path": "someone/else"})
    refused(folder, "is an adapter; merge it into its base model first")


@pytest.mark.parametrize("name", ["_attn_implementation", "attn_implementation", "_experts_implementation"])
def test_a_configuration_that_asks_for_compiled_code_from_the_hub_is_refused(folder: Path, name: str) -> None:
    write(
        folder, "config.json", {**CONFIG, "text_config": {name: {"": "someone/kernel"}, "x_" + name: "someone/kernel"}}
    )
    refused(folder, "asks for compiled code .* and such code is never run here")


@pytest.mark.parametrize("shard", ["../other.safetensors", "/tmp/a.safetensors", "pytorch_model.bin"])
def test_weights_elsewhere_or_in_a_pickle_are_refused(folder: Path, shard: str) -> None:
    write(folder, "model.safetensors.index.json", {"weight_map": {"a": shard}})
    refused(folder, "names '.*', and only .* in the same folder are read")


def test_a_tokenizer_file_elsewhere_is_refused(folder: Path) -> None:
    (folder.parent / "secret.txt").touch()
    for name in (str(folder.parent / "secret.txt"), "../secret.txt"):
        write(folder, "tokenizer_config.json", {"vocab_file": name})
        refused(folder, r"names the file '.*secret\.txt' outside the model's folder \(vocab_file\)")


def test_code_of_a_model_is_needed_only_where_transformers_lacks_its_kind(folder: Path) -> None:
    kinds = {"bert": False, "someones_own": True}
    for kind, expected in kinds.items():
        write(folder, "config.json", {**CONFIG, "model_type": kind, "auto_map": {"AutoModel": "modeling.Own"}})
        assert checkpoint_check.needs_own_code(folder) == expected
    write(folder, "config.json", CONFIG)
    for tokenizer, expected in {"BertTokenizer": False, "OwnTokenizer": True}.items():
        write(
            folder,
            "tokenizer_config.json",
            {"tokenizer_class": tokenizer, "auto_map": {"AutoTokenizer": ["a.B", None]}},
        )
        assert checkpoint_check.needs_own_code(folder) == expected


@pytest.mark.training
@pytest.mark.processes
def test_a_hundred_bad_models_are_each_refused_in_words_with_little_memory(tmp_path: Path) -> None:
    tiny_bert(tmp_path / "good")
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.bad_models", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    assert done.returncode == 0, done.stderr[-3000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 100
    assert [one for one in answers if one["kind"] != "ModelError" or "\n" in one["words"]] == []
    assert [one for one in answers if "alloc" in one["words"].lower() or "memory" in one["words"].lower()] == []
    assert not (tmp_path / "ran").exists()
