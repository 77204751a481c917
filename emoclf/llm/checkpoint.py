"""
Loads a chat model from a checkpoint folder and names it by its weights.

Only safetensors and JSON are read; code that comes with a model is never run.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emoclf.environment import CURRENT, Env, threads
from emoclf.errors import ModelError
from emoclf.hub.checkpoint_check import CONFIG, check_network, is_fault, needs_own_code, read_json
from emoclf.hub.uris import locate

_BLOCK = 1 << 20  # bytes
_BLOCKS = 32  # of each weights file in its fingerprint
_DESCRIBED_BY = ("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def open_chat(uri: str) -> tuple[Any, Any, str]:
    """Load the chat model of a `hf:` or `dir:` URI; return the model, its tokenizer, and the name stored with its
    answers.

    Raises
    ------
    ModelError : if it is missing, is not a chat model, or needs to run its own code
    """
    refuse_own_code(uri)
    folder = locate(uri)
    limit_threads()
    return *load(folder, uri), name_of(uri, folder)


def load(folder: Path, uri: str) -> tuple[Any, Any]:
    """Load the model, on the GPU if there is one, and its tokenizer; in bfloat16 if the hardware supports it.

    Raises
    ------
    ModelError : if the folder does not contain a complete causal language model
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from emoclf.hub.devices import best_device, has_fast_bf16

    _check_kind(folder, uri)
    device = best_device()
    try:
        with _quiet():
            check_network(folder, AutoModelForCausalLM, uri)
            tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            model, report = AutoModelForCausalLM.from_pretrained(
                folder,
                dtype=torch.bfloat16 if has_fast_bf16(device) else torch.float32,
                attn_implementation="sdpa",
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except ModelError:
        raise
    except BaseException as error:  # each library raises its own
        if not is_fault(error):
            raise
        first_line = str(error).strip().partition("\n")[0]
        raise ModelError(f"{uri}: {folder} cannot be loaded ({first_line}); download the model again") from error
    if missing := sorted(report["missing_keys"]):
        raise ModelError(f"{uri}: {folder} lacks {len(missing)} weights, {missing[0]} first; download the model again")
    return model.to(device).eval(), tokenizer


def refuse_own_code(uri: str) -> None:
    """Reject first-generation Qwen models before download: they need Python code that comes with the weights.

    Raises
    ------
    ModelError : with another way to use such a model
    """
    if re.match(r"hf:Qwen/Qwen-\d", uri):
        raise ModelError(_own_code(uri))


def _own_code(uri: str) -> str:
    name = uri.partition(":")[2]
    return (
        f"{uri} needs Python code that comes with it, and such code is never run here; serve it with vLLM and pass "
        f"openai:http://localhost:8000/v1#{name}, or pass a Qwen2, Qwen2.5 or Qwen3"
    )


def limit_threads(env: Env = CURRENT) -> None:
    """Limit torch to `EMOCLF_THREADS` threads, by default two, so that the pages stay fast on small machines."""
    import torch

    torch.set_num_threads(min(threads(env), os.cpu_count() or 1))


def fingerprint(folder: Path) -> str:
    """Return eight hexadecimal digits that depend on the weights, the configuration and the tokenizer.

    Reads evenly spaced blocks of each weights file: any training changes all weights, and reading 15 GB takes long.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}".encode())
        with path.open("rb") as file:
            for start in range(0, size, max(_BLOCK, size // _BLOCKS)):
                file.seek(start)
                digest.update(file.read(_BLOCK))
    for name in _DESCRIBED_BY:
        if (folder / name).is_file():
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:8]


def name_of(uri: str, folder: Path) -> str:
    """Return the name stored with this model's suggestions: its name and its Hub commit, or else its fingerprint.

    >>> name_of("hf:Qwen/Qwen2.5-1.5B-Instruct", Path("/hub/snapshots/989aa7980e4cf806f80c7fef2b1adb7bc71aa306"))
    'Qwen/Qwen2.5-1.5B-Instruct@989aa798'
    """
    scheme, _, rest = uri.partition(":")
    name = rest if scheme == "hf" else folder.resolve().name
    commit = re.fullmatch("[0-9a-f]{40}", folder.name)
    return f"{name}@{commit[0][:8] if commit else fingerprint(folder)}"


def _check_kind(folder: Path, uri: str) -> None:
    if needs_own_code(folder):
        raise ModelError(_own_code(uri))
    named = read_json(folder / CONFIG).get("architectures")
    kinds = [str(kind) for kind in named] if isinstance(named, list) else []
    if not any(kind.endswith("ForCausalLM") for kind in kinds):
        raise ModelError(
            f"{uri} is a {', '.join(kinds) or 'nameless model'}, which cannot suggest labels; pass a chat model"
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the progress bars and warnings of transformers while a model loads."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
