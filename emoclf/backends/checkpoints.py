"""
Saves and resumes a training run: one file of tensors (no pickle), written atomically.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.backends.protocol import OptimizerLoop

RECORD = "record"  # the key in the file's metadata


def save(path: Path, loop: OptimizerLoop, random: np.random.Generator, **values: Any) -> None:
    """Save the state of a training run, with more JSON values for the record."""
    write(path, loop.state(), {"done": loop.done, "random": random.bit_generator.state, **values})


def resume(path: Path, loop: OptimizerLoop, random: np.random.Generator) -> dict[str, Any]:
    """Restore a training run from a checkpoint and return its record; if there is no usable checkpoint, return an empty
    one.

    A checkpoint of another version is not usable, nor is one whose random state belongs to another device.
    """
    state, record = read(path) or ({}, {})
    with suppress(ValueError, KeyError, TypeError):
        saved_random = np.random.default_rng()
        saved_random.bit_generator.state = record["random"]
        loop.load_state(state, record["done"])
        random.bit_generator.state = saved_random.bit_generator.state
        return record
    return {}


def write(path: Path, state: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> None:
    """Save the state of an optimizer loop and a record of JSON values; replace an earlier checkpoint.

    If the disk is full, the checkpoint is lost but the training continues.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(dict(state), partial, metadata={RECORD: json.dumps(record)})
        partial.replace(path)
    except (OSError, SafetensorError):
        with suppress(OSError):
            partial.unlink()


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Return the state and the record that `write` saved; None if there is no usable checkpoint."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            record = json.loads(file.metadata()[RECORD])
            return {name: file.get_tensor(name) for name in file.keys()}, record  # noqa: SIM118 - not a dictionary
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None


def with_prefix(prefix: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a state whose names begin with `prefix`, without the prefix.

    >>> with_prefix("a.", {"a.x": 1, "b.x": 2})
    {'x': 1}
    """
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def check_fits(saved: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """Raise ValueError unless the tensors have the names and shapes of those that they replace."""
    shapes = [{name: tuple(value.shape) for name, value in side.items()} for side in (saved, current)]
    if shapes[0] != shapes[1]:
        raise ValueError("a checkpoint of another network")
