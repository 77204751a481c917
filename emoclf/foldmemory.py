"""
Fold memory: keeps what finished folds found, so that a training begun again after a stop goes on with the next fold.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.settings import TrainingSettings
from emoclf.tweets import LabelledTexts


class FoldMemory:
    """The finished folds of one training, in a folder named by its data and settings; one JSON file a fold."""

    def __init__(self, folder: Path, data: LabelledTexts, settings: TrainingSettings) -> None:
        self.folder = folder / _name(data, settings.complete(len(data)))

    def recall(self, fold: int) -> tuple[np.ndarray, list[dict[str, Any]]] | None:
        """Probabilities (m, n_labels) and history of a fold; None where it was not finished, or cannot be read."""
        try:
            kept = json.loads(self._file(fold).read_text(encoding="utf-8"))
            return np.array(kept["probabilities"], dtype=np.float32), kept["history"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, fold: int, probabilities: np.ndarray, history: list[dict[str, Any]]) -> None:
        """Write a finished fold down; the file appears whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f".{fold}.{os.getpid()}.partial"
        partial.write_text(json.dumps({"probabilities": probabilities.tolist(), "history": history}), encoding="utf-8")
        partial.replace(self._file(fold))

    def forget(self) -> None:
        """Remove everything: the training is finished and recorded."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, fold: int) -> Path:
        return self.folder / f"fold-{fold}.json"


def _name(data: LabelledTexts, settings: TrainingSettings) -> str:
    digest = hashlib.sha256(json.dumps([data.texts, list(data.groups), asdict(settings)], default=list).encode())
    digest.update(np.ascontiguousarray(data.labels).tobytes())
    return digest.hexdigest()[:16]
