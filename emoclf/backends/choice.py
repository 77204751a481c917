"""
Chooses the backend, torch or TensorFlow, from the saved files or the base model.
"""

from pathlib import Path

from emoclf.backends.protocol import Backend
from emoclf.hub.handles import is_saved_model
from emoclf.hub.uris import names_saved_model


def backend_of_folder(folder: Path) -> Backend:
    """Return the backend for the files in a folder; this imports its library."""
    return _backend(is_saved_model(folder))


def backend_of_base(uri: str) -> Backend:
    """Return the backend that trains from the encoder of a URI; raise ModelError if it names none."""
    return _backend(names_saved_model(uri))


def _backend(for_saved_models: bool) -> Backend:
    if for_saved_models:
        from emoclf.backends.on_tfhub import backend as on_tensorflow

        return on_tensorflow
    from emoclf.backends.on_torch import backend

    return backend
