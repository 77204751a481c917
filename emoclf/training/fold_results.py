"""
Fold memory: keeps what finished folds found, so that a training begun again after a stop goes on with the next fold.

The model under training has a place for its checkpoint there, so that no more
than an epoch is lost.
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

DAYS = 14  # that the folds of a training are kept which nobody takes up again


class FoldMemory:
    """The finished folds of one training, in a folder named by its data and settings; one JSON file a fold.

    One checkpoint lies beside them: that of the model under training.
    """

    def __init__(self, folder: Path, data: LabelledTexts, settings: TrainingSettings) -> None:
        """ModelError if the encoder that training begins from is not there."""
        self.folder = folder / _name(data, settings.complete(len(data)))

    def recall(self, fold: int) -> tuple[np.ndarray, list[dict[str, Any]]] | None:
        """Probabilities (m, n_labels) and history of a fold; None where it was not finished, or cannot be read."""
        try:
            kept = json.loads(self._file(fold).read_text(encoding="utf-8"))
            return np.array(kept["probabilities"], dtype=np.float32), kept["history"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, fold: int, probabilities: np.ndarray, history: list[dict[str, Any]]) -> None:
        """Write a finished fold down; the file appears whole. A full disk is no reason to end a training here."""
        content = json.dumps({"probabilities": probabilities.tolist(), "history": history})
        is_kept = self._write(fold, content)
        with suppress(OSError):
            self.checkpoint(fold).unlink(missing_ok=True)
        if not is_kept:  # now there is the checkpoint's room
            self._write(fold, content)

    def checkpoint(self, fold: int | None) -> Path:
        """Where a model under training is kept after each epoch; None for the classifier itself."""
        return self.folder / ("classifier.safetensors" if fold is None else f"fold-{fold}.safetensors")

    def forget(self) -> None:
        """Remove everything: the training is finished and recorded. What others left long ago goes too."""
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
    """A hash of all that the result depends on: tweets, labels, settings and the weights begun from."""
    no_matter = {"base": None, "first_stage": None, "threads": None}  # the weights count, not where they lie
    content: list[Any] = [list(data.texts), list(data.groups), asdict(settings) | no_matter]
    content += [data.extra] if data.extra else []
    digest = hashlib.sha256(json.dumps(content).encode())
    digest.update(np.ascontiguousarray(data.labels).tobytes())
    digest.update(digest_of_weights(settings.base))
    return digest.hexdigest()[:16]
