"""
Caches arrays from long computations, one per line of a file, so that an interrupted benchmark can be resumed.
"""

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np


class ArrayCache:
    """A cache of integer arrays by name; the name identifies everything that an array depends on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.arrays = {line["name"]: line["array"] for line in map(json.loads, lines)}

    def get(self, name: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the array of this name; compute and save it if it is missing."""
        if name not in self.arrays:
            self.arrays[name] = compute().astype(int).tolist()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, "array": self.arrays[name]}) + "\n")
            print(f"{len(self.arrays)} in {self.path.name}", file=sys.stderr, flush=True)
        return np.array(self.arrays[name], dtype=np.int8)


def encode_array(array: np.ndarray) -> str:
    """Encode an array as text, exact in float32."""
    return base64.b64encode(array.astype("<f4").tobytes()).decode()


def decode_array(text: str, shape: tuple[int, ...]) -> np.ndarray:
    """Decode a float32 array from `encode_array`; raise ValueError if the number of values does not fit the shape.

    >>> decode_array(encode_array(np.array([[0.25, 1.0]])), (1, 2)).tolist()
    [[0.25, 1.0]]
    """
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)
