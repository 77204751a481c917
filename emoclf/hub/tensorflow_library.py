"""
Imports TensorFlow for all other modules; it is loaded only when a TensorFlow model is used.
"""

import os
import sqlite3  # noqa: F401 - before TensorFlow, whose own SQLite has no full-text search and would replace this one
from pathlib import Path
from typing import Any

from emoclf.errors import ModelError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow raises real errors; its notes would fill every log

try:
    import tensorflow as tf
    import tensorflow_text as text  # registers the operations of preprocessing models
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
except ImportError as error:
    raise ModelError(
        f"models of TensorFlow Hub need tensorflow and tensorflow-text ({error}); run: "
        "pip install -r requirements.txt, or pip install 'emoclf[tensorflow]' (on Windows within WSL, since there is "
        "no tensorflow-text for Windows)"
    ) from error

tf.get_logger().setLevel("ERROR")  # it warns about graphs built in a loop, which one model per fold needs

__all__ = ["SavedModel", "check_path", "save", "text", "tf"]


def check_path(folder: Path) -> None:
    """Raise ModelError if TensorFlow cannot read a SavedModel because of the name of its folder."""
    if "[" in str(folder):
        raise ModelError(f"TensorFlow reads the square brackets in {folder} as a pattern; rename the folder")


def save(saved: Any, folder: Path, signatures: Any = None) -> None:
    """Call `tf.saved_model.save`; raise OSError if the disk is full."""
    try:
        tf.saved_model.save(saved, str(folder), signatures)
    except tf.errors.OpError as error:
        raise OSError(error.message) from error
