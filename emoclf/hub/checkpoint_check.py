"""
Checks a torch checkpoint of others before transformers reads it: files, nesting, sizes, and what would run code.

Only JSON is parsed here, and only after its size was checked; weights are not opened. transformers itself is always
called with `trust_remote_code=False` and for safetensors only, so no pickle and no code of a model is run; what is
checked here is what it would do besides: follow links, read files that the configuration names, take another model for
an adapter, fetch compiled kernels, or make room for a network of any size that the configuration states.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from emoclf.errors import ModelError
from emoclf.hub.model_folders import check_files

CONFIG, TOKENIZER_CONFIG, WEIGHTS_INDEX = "config.json", "tokenizer_config.json", "model.safetensors.index.json"
ADAPTER = "adapter_config.json"
MOST_BYTES = {CONFIG: 4 << 20, TOKENIZER_CONFIG: 16 << 20, WEIGHTS_INDEX: 16 << 20}
MOST_BYTES_ELSE = 64 << 20  # of any other file that is not weights; the largest published tokenizers have 35 MB
READ_WHOLE = (".json", ".txt", ".model", ".jinja")
DEEPEST = 32  # objects within objects in a configuration; published ones have about five
LIMITS = (  # the largest values of a configuration, by part of the name; the first part found applies
    ("num_labels", 100_000),
    ("position", 100_000_000),  # some models state the longest text here, and need no memory for it
    ("theta", math.inf),
    ("bucket", 1_000_000),
    ("num_", 10_000),
    ("layer", 10_000),
    ("heads", 10_000),
    ("vocab", 10_000_000),
)
MOST_LAYERS = 1_000
LARGEST_NUMBER = 10_000_000_000  # of any other integer in a configuration
VALUES_PER_BYTE = 2  # of weights in four bits


def check(folder: Path, uri: str) -> None:
    """Check the files and the configuration of a checkpoint.

    Raises
    ------
    ModelError : with the file, and the value, that is refused
    """
    check_files(folder)
    for path in sorted(folder.iterdir()):
        most = MOST_BYTES.get(path.name, MOST_BYTES_ELSE)
        if path.suffix in READ_WHOLE and path.is_file() and (size := path.stat().st_size) > most:
            raise ModelError(
                f"{uri}: {path} has {size / 1e6:,.0f} MB, and at most {most / 1e6:,.0f} MB are read; pass another model"
            )
    if (folder / ADAPTER).exists():
        raise ModelError(f"{uri}: {folder} has an {ADAPTER}, so it is an adapter; merge it into its base model first")
    config = read_json(folder / CONFIG)
    _check_numbers(folder, config, uri)
    _check_kernels(folder, config, uri)
    _check_named_files(folder, uri)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one if there is no such file. Raises ModelError."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path} cannot be loaded ({error.strerror}); download the model again") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{path} cannot be loaded, since it is not JSON or nested too deeply; download the model again"
        ) from error
    if not isinstance(found, dict):
        raise ModelError(f"{path} cannot be loaded, since it is not a JSON object; download the model again")
    if any(depth > DEEPEST for depth, _, _ in _entries(found)):
        raise ModelError(
            f"{path} cannot be loaded, since it is nested more than {DEEPEST} levels deep; download the model again"
        )
    return found


def needs_own_code(folder: Path) -> bool:
    """Return whether a checkpoint is of a kind that only Python code of its own can load."""
    import transformers

    config, tokenizer = read_json(folder / CONFIG), read_json(folder / TOKENIZER_CONFIG)
    if "auto_map" in config and config.get("model_type") not in transformers.CONFIG_MAPPING:
        return True
    return "auto_map" in tokenizer and not hasattr(transformers, str(tokenizer.get("tokenizer_class")))


def check_network(folder: Path, auto_class: Any, uri: str) -> None:
    """Check that the network that the configuration describes is not larger than its weights.

    Parameters
    ----------
    auto_class : the class of transformers that will load it, such as AutoModel; on the device "meta" it takes no memory

    Raises
    ------
    ModelError : if it has more values than the files of weights can hold
    """
    import torch
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    with torch.device("meta"):
        network = auto_class.from_config(config, attn_implementation="sdpa", trust_remote_code=False)
    values = sum(weight.numel() for weight in (*network.parameters(), *network.buffers()))
    if values > VALUES_PER_BYTE * (size := _bytes_of_weights(folder)):
        raise ModelError(
            f"{uri}: {folder / CONFIG} describes a network of {values:,} values, and its weights have {size:,} bytes; "
            "download the model again"
        )


def check_memory(folder: Path, uri: str) -> None:
    """Raise ModelError if the weights alone are larger than the free memory."""
    needed, free = _bytes_of_weights(folder), psutil.virtual_memory().available
    if needed > free:
        raise ModelError(
            f"the weights of {uri} take {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free; close other "
            "programs, or pass a smaller model"
        )


def is_fault(error: BaseException) -> bool:
    """Return whether an error is one of a library that reads a model; a panic in Rust is not even an Exception."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _bytes_of_weights(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def _entries(value: Any) -> Iterator[tuple[int, str, Any]]:
    """Yield every value within a JSON value, with its depth and its key; entries of a list have the key of the list."""
    waiting = [(1, "", value)]
    while waiting:
        depth, name, found = waiting.pop()
        yield depth, name, found
        if isinstance(found, dict):
            waiting.extend((depth + 1, key, inner) for key, inner in found.items())
        elif isinstance(found, list):
            waiting.extend((depth + 1, name, inner) for inner in found)


def _check_numbers(folder: Path, config: dict[str, Any], uri: str) -> None:
    """Check the numbers of a configuration, before anything is built from them."""
    for _, name, value in _entries(config):
        if not isinstance(value, int | float):
            continue
        most = next((limit for part, limit in LIMITS if part in name), LARGEST_NUMBER)
        most = MOST_LAYERS if name.endswith(("layers", "layer", "groups", "group_num")) else most
        if abs(value) > most:
            raise ModelError(
                f"{uri}: {folder / CONFIG} says that {name} is {value:,}, and at most {most:,} is accepted; download "
                "the model again, or pass another one"
            )
    vocabulary, width = (config.get(name) for name in ("vocab_size", "hidden_size"))
    width = config.get("embedding_size", width)  # of word embeddings, where they are narrower
    if not isinstance(vocabulary, int) or not isinstance(width, int):
        return
    if vocabulary * width > VALUES_PER_BYTE * (size := _bytes_of_weights(folder)):
        raise ModelError(
            f"{uri}: {folder / CONFIG} describes {vocabulary:,} word pieces of {width:,} values, and the weights have "
            f"{size:,} bytes; download the model again"
        )


def _check_kernels(folder: Path, config: dict[str, Any], uri: str) -> None:
    """Refuse a configuration that names compiled code on the Hugging Face Hub."""
    for _, name, value in _entries(config):
        if isinstance(value, str) and "implementation" in name and not value.replace("_", "").isalnum():
            raise ModelError(
                f"{uri}: {folder / CONFIG} asks for compiled code ({name}: {value!r}), and such code is never run "
                "here; remove that entry, or pass another model"
            )


def _check_named_files(folder: Path, uri: str) -> None:
    """Check that no file outside the folder is named: as weights, or for the tokenizer."""
    shards = read_json(folder / WEIGHTS_INDEX).get("weight_map", {})
    for shard in {str(value) for _, _, value in _entries(shards) if not isinstance(value, dict)}:
        if Path(shard).name != shard or not shard.endswith(".safetensors"):
            raise ModelError(
                f"{uri}: {folder / WEIGHTS_INDEX} names {shard!r}, and only *.safetensors in the same folder are read; "
                "download the model again"
            )
    for _, name, value in _entries(read_json(folder / TOKENIZER_CONFIG)):
        if name.endswith("_file") and isinstance(value, str) and _leads_out(folder, value):
            raise ModelError(
                f"{uri}: {folder / TOKENIZER_CONFIG} names the file {value!r} outside the model's folder ({name}); "
                "remove that entry, or download the model again"
            )


def _leads_out(folder: Path, name: str) -> bool:
    """Return whether a name is that of an existing file outside the folder; published models name lost files."""
    try:
        return any(base.joinpath(name).exists() and Path(name).name != name for base in (folder, Path()))
    except (OSError, ValueError):  # not a name that a file can have
        return False
