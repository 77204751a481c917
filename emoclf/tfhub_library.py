"""
TensorFlow, as the modules for TensorFlow Hub use it: imported here and nowhere else, and only by who computes with it.
"""

import os
import warnings

from emoclf.errors import ModelError

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its start-up notes would fill the log of every job

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tensorflow_hub imports the deprecated pkg_resources
        import tensorflow as tf
        import tensorflow_hub as hub
        import tensorflow_text as text  # it brings the operations that preprocessing models are made of
except ImportError as error:
    raise ModelError(
        f"models of TensorFlow Hub need tensorflow, tensorflow-text and tensorflow-hub ({error}); run: "
        "pip install -r requirements.txt"
    ) from error

__all__ = ["hub", "text", "tf"]
