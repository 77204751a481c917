"""
Stores the results of finished folds, so that an interrupted training resumes with the next fold.

The model in training has a checkpoint here too, so at most one epoch is lost.
"""

import hashlib
import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.backends.settings import TrainingSettings
from emoclf.hub.uris import digest_of_weights
from emoclf.tweets import LabelledTexts

DAYS = 14  # for how long the folds of an abandoned training are kept


class FoldResults:
    """The finished folds of one training, one JSON file per fold, in a folder named by its data and settings.

    The checkpoint of the model in training is stored next to them.
    """

    def __init__(self, folder: Path, data: LabelledTexts, settings: TrainingSettings) -> None:
        """Raises ModelError if the encoder that training starts from is missing."""
        self.folder = folder / _name(data, settings.complete(len(data)))

    def load(self, fold: int) -> tuple[np.ndarray, list[dict[str, Any]]] | None:
        """Return a fold's probabilities (m, n_labels) and history; None if it is unfinished or unreadable."""
        try:
            saved = json.loads(self._file(fold).read_text(encoding="utf-8"))
            return np.array(saved["probabilities"], dtype=np.float32), saved["history"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, fold: int, probabilities: np.ndarray, history: list[dict[str, Any]]) -> None:
        """Save a finished fold atomically. A full disk does not end the training."""
        content = json.dumps({"probabilities": probabilities.tolist(), "history": history})
        is_saved = self._write(fold, content)
        with suppress(OSError):
            self.checkpoint(fold).unlink(missing_ok=True)
        if not is_saved:  # retry after freeing the checkpoint's space
            self._write(fold, content)

    def checkpoint(self, fold: int | None) -> Path:
        """Return the checkpoint file of a fold's model in training; `fold` is None for the classifier itself."""
        return self.folder / ("classifier.safetensors" if fold is None else f"fold-{fold}.safetensors")

    def delete(self) -> None:
        """Delete the results of this finished training, and of those abandoned long ago."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for other in self.folder.parent.glob("*"):
            with suppress(OSError):
                if other.stat().st_mtime < time.time() - DAYS * 86400:
                    shutil.rmtree(other, ignore_errors=True)

    def _write(self, fold: int, content: str) -> bool:
        partial = self.folder / f".{fold}.{os.getpid()}.partial"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial.write_text(content, encoding="utf-8")
            partial.replace(self._file(fold))
        except OSError:
            with suppress(OSError):
                partial.unlink()
            return False
        return True

    def _file(self, fold: int) -> Path:
        return self.folder / f"fold-{fold}.json"


def _name(data: LabelledTexts, settings: TrainingSettings) -> str:
    """Return a hash of everything that the result depends on: tweets, labels, settings and initial weights."""
    ignored = {"base": None, "first_stage": None, "threads": None}  # the weights count, not their location
    content: list[Any] = [list(data.texts), list(data.groups), asdict(settings) | ignored]
    content += [data.extra] if data.extra else []
    digest = hashlib.sha256(json.dumps(content).encode())
    digest.update(np.ascontiguousarray(data.labels).tobytes())
    digest.update(digest_of_weights(settings.base))
    return digest.hexdigest()[:16]
