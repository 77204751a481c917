"""
Checkpoints: what a long training needs to go on after a stop, in one file of tensors (no pickle) that appears whole.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.backends.protocol import OptimizerLoop

RECORD = "record"  # the name in the file's metadata


def save(path: Path, loop: OptimizerLoop, random: np.random.Generator, **more: Any) -> None:
    """Save a training as it stands, with more JSON values for the record."""
    write(path, loop.state(), {"done": loop.done, "random": random.bit_generator.state, **more})


def resume(path: Path, loop: OptimizerLoop, random: np.random.Generator) -> dict[str, Any]:
    """Take a training to where `save` left it; the record, or nothing where no usable checkpoint is: all is as it was.

    One of another version is not usable, nor one whose chance was drawn by another device.
    """
    state, record = read(path) or ({}, {})
    with suppress(ValueError, KeyError, TypeError):
        chance = np.random.default_rng()
        chance.bit_generator.state = record["random"]
        loop.load_state(state, record["done"])
        random.bit_generator.state = chance.bit_generator.state
        return record
    return {}


def write(path: Path, state: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> None:
    """Save the state of an optimizer loop and a record of JSON values; replaces an earlier checkpoint.

    A full disk costs the checkpoint, and is no reason to end a training.
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
    """The state and the record that `write` kept; None where there is no usable checkpoint."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            record = json.loads(file.metadata()[RECORD])
            return {name: file.get_tensor(name) for name in file.keys()}, record  # noqa: SIM118 - it is no dictionary
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None


def under(prefix: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a state whose names begin with `prefix`, without it.

    >>> under("a.", {"a.x": 1, "b.x": 2})
    {'x': 1}
    """
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def check_fits(kept: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    """Raise ValueError unless tensors have the names and shapes of those they are to replace."""
    shapes = [{name: tuple(value.shape) for name, value in side.items()} for side in (kept, present)]
    if shapes[0] != shapes[1]:
        raise ValueError("a checkpoint of another network")
