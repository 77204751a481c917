"""Adds runs to the store without a training."""

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from db import runs as stored_runs
from db.predictions import add_predictions
from db.store import Store
from db.values import Run
from emoclf.labels import EMOTIONS
from jobs.paths import run_folder
from jobs.training.data import read_data
from jobs.training.lineage import LabelChange

Labels = dict[int, frozenset[str]]  # labels by tweet id
EVEN = [0.5] * len(EMOTIONS)


def runs(store: Store) -> list[Run]:
    """All runs of the store."""
    with store.reading() as session:
        return stored_runs.list_runs(session)


def add_run(store: Store, labels: str = "approved", tweets: Any = (), **more: Any) -> int:
    """Add a run without a training, with a folder of one file."""
    name = f"folder-{len(runs(store))}"
    run_folder(store, name).mkdir(parents=True)
    (run_folder(store, name) / "weights").write_bytes(b"0123456789")
    plain: dict[str, Any] = {"settings": {}, "history": [], "metrics": {}, "thresholds": EVEN, "data_hash": "h"}
    plain |= {"name": name, "base": "packaged:x", "labels": labels, "seed": 1, "code_version": "1", "seconds": 1.0}
    with store.writing() as session:
        return stored_runs.add_run(session, tweets, **(plain | {"folder": name} | more))


def add_run_with_predictions(
    store: Store,
    training_labels: Labels,
    predictions: Sequence[tuple[int, list[float]]] = (),
    name: str = "a run",
    **more: Any,
) -> int:
    """Add a run with these training labels and these predictions for tweets it never trained on; thresholds are 0.5."""
    fields: dict[str, Any] = {
        "base": "packaged:x",
        "labels": "approved",
        "settings": {"base": "packaged:x", "epochs": 2},
        "seed": 1,
        "code_version": "0",
        "data_hash": uuid.uuid4().hex,
        "folder": "none",
        "thresholds": [0.5] * 11,
        "history": [{"epoch": 1, "loss": 0.5, "macro_f1": 0.2}],
        "metrics": {"macro_f1": 0.3},
        "seconds": 60.0,
    }
    with store.writing() as session:
        roles = [(i, "train", labels) for i, labels in training_labels.items()]
        run_id = stored_runs.add_run(session, roles, name=name, **{**fields, **more})
        predicted = EMOTIONS.decode(np.array([p for _, p in predictions]).reshape(-1, 11) >= 0.5)
        rows = [(i, p, labels) for (i, p), labels in zip(predictions, predicted, strict=True)]
        add_predictions(session, run_id, rows, out_of_fold=True)
    return run_id


def probabilities(**given: float) -> list[float]:
    """Probabilities of eleven emotions, 0.1 by default."""
    return [given.get(name, 0.1) for name in EMOTIONS.names]


def originals(*ids: int) -> Labels:
    """The original labels of the tweets of the fixture `filled`."""
    labels = [{"joy", "love"}, {"joy"}, {"anticipation", "joy"}, {"sadness"}]
    return {i: frozenset(labels[i - 1]) for i in ids}


def run_now(store: Store, labels: str = "approved") -> int:
    """Add a run on the current train labels."""
    return add_run(store, labels, [(t.tweet_id, "train", t.labels) for t in read_data(store, labels).train])


def as_rows(changes: tuple[LabelChange, ...]) -> list[tuple[str, bool, str, str | None]]:
    """Key, whether added, source and reviewer of each change."""
    return [(change.key, change.added, change.source, change.by) for change in changes]
