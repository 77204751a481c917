"""
TensorFlow, as the modules for TensorFlow Hub use it: imported here and nowhere else, and only by who computes with it.
"""

import os
import sqlite3  # noqa: F401 - before TensorFlow, which brings an SQLite without full-text search and would put it in place
import warnings
from pathlib import Path
from typing import Any

from emoclf.errors import ModelError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what is wrong it raises; its notes would fill every log

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tensorflow_hub imports the deprecated pkg_resources
        import tensorflow as tf
        import tensorflow_hub as hub
        import tensorflow_text as text  # it brings the operations that preprocessing models are made of
except ImportError as error:
    raise ModelError(
        f"models of TensorFlow Hub need tensorflow, tensorflow-text and tensorflow-hub ({error}); run: "
        "pip install -r requirements.txt, or pip install 'emoclf[tensorflow]' (on Windows within WSL, since there is "
        "no tensorflow-text for Windows)"
    ) from error

tf.get_logger().setLevel("ERROR")  # it warns of graphs built in a loop, as a model per fold needs them

__all__ = ["check_path", "hub", "save", "text", "tf"]


def check_path(folder: Path) -> None:
    """ModelError where TensorFlow could not read a SavedModel for the name of its folder alone."""
    if "[" in str(folder):
        raise ModelError(f"TensorFlow takes the square brackets in {folder} for a pattern; name the folder without")


def save(saved: Any, folder: Path, signatures: Any = None) -> None:
    """`tf.saved_model.save`, with an OSError where the disk is full."""
    try:
        tf.saved_model.save(saved, str(folder), signatures)
    except tf.errors.OpError as error:
        raise OSError(error.message) from error
