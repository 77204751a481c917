"""Makes a hundred bad checkpoints from a good one and tries to train from each, with 1 GB of memory to spare.

Run as `python -m tests.support.bad_models FOLDER`, where FOLDER/good is the good one. Prints a line of JSON for each:
the way in which it is bad, the kind of error, and its words.
"""

import json
import os
import pickle
import random
import resource
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

SPARE_BYTES = 1 << 30
SIZES = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "max_position_embeddings", "num_labels")


class Runs:
    """A pickle that would write a file as it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.path),))


def _config(folder: Path, **changed: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def oversized(folder: Path, draw: random.Random) -> None:
    _config(folder, **{draw.choice(SIZES): draw.choice((10**8, 10**9, 10**12, 10**20))})


def moderately_oversized(folder: Path, draw: random.Random) -> None:
    _config(folder, hidden_size=draw.choice((8192, 65536)), intermediate_size=10 ** draw.randrange(5, 9))


def of_wrong_type(folder: Path, draw: random.Random) -> None:
    _config(folder, **{draw.choice(SIZES[:5]): draw.choice(("many", [1], {"a": 1}, -5, 0.5))})


def of_unknown_kind(folder: Path, draw: random.Random) -> None:
    _config(folder, model_type=draw.choice(("own", "", 7, None, ["bert"])), auto_map={"AutoModel": "own.Model"})
    (folder / "own.py").write_text(f"import os; os.mkdir({str(folder.parent / 'ran')!r})")


def nested(folder: Path, draw: random.Random) -> None:
    depth = draw.choice((50, 2_000, 200_000))
    (folder / "config.json").write_text('{"a":' * depth + "1" + "}" * depth)


def cut(folder: Path, draw: random.Random) -> None:
    path = folder / draw.choice(("config.json", "model.safetensors", "tokenizer.json"))
    os.truncate(path, draw.randrange(1, path.stat().st_size - 2))


def noisy(folder: Path, draw: random.Random) -> None:
    (folder / draw.choice(("config.json", "model.safetensors", "tokenizer.json"))).write_bytes(draw.randbytes(5_000))


def with_a_huge_header(folder: Path, draw: random.Random) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(draw.randrange(10**6, 2**63).to_bytes(8, "little") + path.read_bytes()[8:])


def pickled(folder: Path, draw: random.Random) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Runs(folder.parent / "ran")))


def pickled_in_disguise(folder: Path, draw: random.Random) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Runs(folder.parent / "ran")))


def linked(folder: Path, draw: random.Random) -> None:
    path = folder / draw.choice(("config.json", "model.safetensors", "tokenizer.json"))
    path.unlink()
    path.symlink_to("/etc/passwd")


def piped(folder: Path, draw: random.Random) -> None:
    path = folder / draw.choice(("config.json", "model.safetensors", "tokenizer.json", "other"))
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def adapted(folder: Path, draw: random.Random) -> None:
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/else"}')


WAYS: tuple[Callable[[Path, random.Random], None], ...] = (
    oversized,
    moderately_oversized,
    of_wrong_type,
    of_unknown_kind,
    nested,
    cut,
    noisy,
    with_a_huge_header,
    pickled,
    pickled_in_disguise,
    linked,
    piped,
    adapted,
)


def main(folder: Path, count: int = 100) -> None:
    """Make each checkpoint, try it, and print what happened."""
    from emoclf.backends.on_torch.network import from_base

    from_base(f"dir:{folder / 'good'}", 11)  # imports everything
    limit = psutil.Process().memory_info().vms + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in range(count):
        way, draw = WAYS[number % len(WAYS)], random.Random(number)
        bad = Path(shutil.copytree(folder / "good", folder / "bad"))
        way(bad, draw)
        kind, words = "none", ""
        try:
            from_base(f"dir:{bad}", 11)
        except Exception as error:  # noqa: BLE001 - the kind of the error is what is tested
            kind, words = type(error).__name__, str(error)
        print(json.dumps({"way": way.__name__, "number": number, "kind": kind, "words": words}), flush=True)
        shutil.rmtree(bad)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
