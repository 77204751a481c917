"""
The choice of a backend: torch or TensorFlow, by the files or the base model that it has to compute.
"""

from pathlib import Path

from emoclf.backends.protocol import Backend
from emoclf.hub.handles import is_saved_model
from emoclf.hub.uris import names_saved_model


def of_folder(folder: Path) -> Backend:
    """The backend that computes what lies in a folder; the library is loaded by asking for it."""
    return _backend(is_saved_model(folder))


def of_base(uri: str) -> Backend:
    """The backend that trains from the encoder which a URI names; ModelError if it names none."""
    return _backend(names_saved_model(uri))


def _backend(for_saved_models: bool) -> Backend:
    if for_saved_models:
        from emoclf.backends.on_tfhub import backend as on_tensorflow

        return on_tensorflow
    from emoclf.backends.on_torch import backend

    return backend
