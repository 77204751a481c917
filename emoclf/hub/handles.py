"""
Finds TensorFlow Hub models on this machine, downloads missing ones, and matches encoders with their preprocessing.

`tfhub:HANDLE` names an encoder by its URL on tfhub.dev or Kaggle, or by a folder; `tfhub:HANDLE#PREPROCESSING` names
the preprocessing too. A folder may contain its preprocessing in the subfolder `preprocessing`, or lie next to it under
its published name, such as `bert_en_uncased_preprocess_3`. Downloads are where the library tensorflow_hub would cache
them, under the SHA-1 of the exact handle.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from emoclf import environment
from emoclf.errors import ModelError
from emoclf.hub import downloads

SAVED_MODEL = "saved_model.pb"
PREPROCESSING = "preprocessing"  # the subfolder of an encoder's folder

# Preprocessing models on tfhub.dev, by the encoders that they belong to; the first pattern found in a handle applies.
FAMILIES = {
    r"albert": "tensorflow/albert_en_preprocess/3",
    r"multi[_-]cased": "tensorflow/bert_multi_cased_preprocess/3",
    r"zh[_-]l|bert_zh": "tensorflow/bert_zh_preprocess/3",
    r"en[_-](wwm[_-])?cased": "tensorflow/bert_en_cased_preprocess/3",
    r"en[_-](wwm[_-])?uncased": "tensorflow/bert_en_uncased_preprocess/3",  # BERT, and small BERT of every size
    r"talkheads|talking-heads": "tensorflow/bert_en_uncased_preprocess/3",
    r"experts": "tensorflow/bert_en_uncased_preprocess/3",
    r"electra": "tensorflow/bert_en_uncased_preprocess/3",
}
KAGGLE = re.compile(r"https?://(www\.)?kaggle\.com/models/")
WITHOUT_SCHEME = re.compile(r"(www\.)?(tfhub\.dev|kaggle\.com/models)/", re.IGNORECASE)  # as browsers show addresses
PART = re.compile(r"variables\.data-\d+-of-(\d+)")


@dataclass(frozen=True)
class HubModel:
    """An encoder and its preprocessing, each a folder with a SavedModel."""

    encoder: Path
    preprocessing: Path


def is_saved_model(folder: Path) -> bool:
    """Return whether a folder holds a SavedModel, complete or not."""
    return (folder / SAVED_MODEL).is_file() or (folder / "variables").is_dir()


def find(uri: str) -> HubModel:
    """Return the folders of a `tfhub:` URI, or of a `dir:` URI of a SavedModel; download what is missing.

    Raises
    ------
    ModelError : with what was looked for, where, and how to provide it
    """
    scheme, _, rest = uri.partition(":")
    handle, named = map(normalised, rest.partition("#")[::2]) if scheme == "tfhub" else (rest, "")
    encoder = resolve(handle)
    if named:
        return HubModel(encoder, resolve(named))
    if (encoder / PREPROCESSING).is_dir():
        return HubModel(encoder, _complete(encoder / PREPROCESSING, "the preprocessing"))
    handles = preprocessing_handles(handle)
    sibling = encoder.parent / "_".join(handles[-1].split("/")[-2:])  # as people name folders that they unpack by hand
    return HubModel(encoder, _complete(sibling, "the preprocessing") if sibling.is_dir() else _first_cached(handles))


def preprocessing_handles(encoder: str) -> list[str]:
    """Return the handles of the preprocessing for a published encoder, in search order.

    Raises
    ------
    ModelError : if the encoder belongs to no known family

    >>> preprocessing_handles("https://tfhub.dev/tensorflow/small_bert/bert_en_uncased_L-4_H-512_A-8/2")
    ['https://tfhub.dev/tensorflow/bert_en_uncased_preprocess/3']
    """
    name = encoder if is_url(encoder) else "/".join(Path(encoder).parts[-2:])  # the rest of a path does not help
    family = next((family for pattern, family in FAMILIES.items() if re.search(pattern, name.lower())), None)
    if family is None:
        raise ModelError(
            f"it is not known which preprocessing belongs to {encoder}; name it: tfhub:{encoder}#PREPROCESSING, or put "
            f"its folder below the encoder's as {PREPROCESSING}/"
        )
    on_tfhub = f"https://tfhub.dev/{family}"
    return [_on_kaggle(family), on_tfhub] if KAGGLE.match(encoder) else [on_tfhub]


def _on_kaggle(family: str) -> str:
    """Return the name of the same preprocessing on Kaggle.

    >>> _on_kaggle("tensorflow/bert_en_uncased_preprocess/3")
    'https://www.kaggle.com/models/tensorflow/bert/TensorFlow2/en-uncased-preprocess/3'
    """
    publisher, name, version = family.split("/")
    model, _, variation = name.partition("_")
    return f"https://www.kaggle.com/models/{publisher}/{model}/TensorFlow2/{variation.replace('_', '-')}/{version}"


def normalised(handle: str) -> str:
    """Return a handle in its published spelling; folders are unchanged.

    >>> normalised(" tfhub.dev/google/electra_small/2/"), normalised("HTTPS://tfhub.dev/google/electra_small/2")
    ('https://tfhub.dev/google/electra_small/2', 'https://tfhub.dev/google/electra_small/2')
    """
    stripped = handle.strip()
    if WITHOUT_SCHEME.match(stripped) and not Path(stripped).is_dir():
        stripped = f"https://{stripped}"
    scheme, _, rest = stripped.partition("://")
    return f"{scheme.lower()}://{rest.rstrip('/')}" if rest and scheme.lower() in ("http", "https") else handle


def cached(handle: str) -> Path:
    """Return the cache folder of a handle, whether or not it exists.

    >>> cached("https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4").name
    'd760773f85f64fc84ae0b47310f7cfe3bcec4868'
    """
    return environment.tfhub_cache() / hashlib.sha1(handle.encode()).hexdigest()


def resolve(handle: str) -> Path:
    """Return the folder of one SavedModel; download a URL that is not in the cache. Raises ModelError."""
    if not is_url(handle):
        return _complete(Path(handle).expanduser(), handle)
    if cached(handle).is_dir():
        return _complete(cached(handle), handle)
    try:
        downloads.download(handle, cached(handle))
    except downloads.FAULTS as error:
        raise ModelError(
            f"{handle} is neither in the cache folder {environment.tfhub_cache()} nor can it be downloaded "
            f"({type(error).__name__}); go online once, or unpack the model there as {cached(handle).name}/, or set "
            "TFHUB_CACHE_DIR to a folder that has it"
        ) from error
    return _complete(cached(handle), handle)


def digest(uri: str) -> bytes:
    """Return a digest that identifies an encoder with its preprocessing, independent of the location."""
    found, digests = find(uri), []
    for folder in (found.encoder, found.preprocessing):
        for path in [
            folder / SAVED_MODEL,
            *sorted((folder / "variables").glob("*")),
            *sorted((folder / "assets").glob("*")),
        ]:
            if path.is_file():  # file managers may add files of their own
                with path.open("rb") as file:
                    digests.append(hashlib.file_digest(file, "sha256").digest())
    return b"".join(digests)


def is_url(handle: str) -> bool:
    """Return whether a handle, in its published spelling, is a URL and no folder."""
    return handle.startswith(("http://", "https://"))


def _first_cached(handles: list[str]) -> Path:
    return resolve(next((handle for handle in handles if cached(handle).is_dir()), handles[0]))


def _complete(folder: Path, name: str) -> Path:
    """Return the folder if it holds a complete SavedModel."""
    if not folder.is_dir():
        raise ModelError(f"{name}: there is no folder {folder}")
    index = folder / "variables" / "variables.index"
    parts = [found for path in folder.glob("variables/*") if (found := PART.fullmatch(path.name))]
    missing = [path.name for path in (folder / SAVED_MODEL, index) if not path.is_file()]
    expected = int(parts[0][1]) if parts else 1
    if len(parts) < expected:
        missing.append("variables.data" if not parts else f"{expected - len(parts)} of {expected} variables.data")
    if missing:
        raise ModelError(
            f"{name}: {folder} has no {', no '.join(missing)}, so the SavedModel is incomplete; delete the folder and "
            "download or export the model again"
        )
    return folder
