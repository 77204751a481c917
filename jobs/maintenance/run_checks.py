"""
Checks runs against what was stored with them: the hash of their data, and their files on the disk.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from db.checks.findings import BACKUP, Finding, found_among
from db.runs import list_runs, run_data
from db.store import Store
from db.values import Run
from jobs.maintenance import run_folders
from jobs.paths import run_folder
from jobs.training.data import TRAINING_ROLES, Data

FILES = "copy its folder back from a backup with the runs, or delete the rest with `cli.py runs delete ID`"


def data_hashes(session: Session) -> Iterator[Finding]:
    """Runs whose tweets and labels do not give the hash that was stored with them.

    Runs on synthetic tweets are left out: their hash holds texts as they were edited then.
    """
    wrong = [run.id for run in reversed(list_runs(session)) if _is_hashed(run) and _hash(session, run) != run.data_hash]
    yield from found_among("runs have other data than the hash that was stored with them", wrong, BACKUP)


def _extra(run: Run) -> Any:
    return run.settings.get("synthetic") or {}


def _is_hashed(run: Run) -> bool:
    return not _extra(run).get("tweets")


def _hash(session: Session, run: Run) -> str:
    """The hash of a run's data, as `jobs.training.data` computes it."""
    train, dev = run_data(session, run.id, TRAINING_ROLES), run_data(session, run.id, ("dev",))
    n_repeated = _extra(run).get("repeated", 0) if train else 0
    repeated = np.random.default_rng(run.seed).choice(len(train), n_repeated) if n_repeated else ()
    return Data(train, dev, [train[row] for row in repeated]).hash


def files(store: Store) -> Iterator[Finding]:
    """Runs whose folder is missing, incomplete or damaged, though the store says that they have their files."""
    with store.reading() as session:
        runs = [run for run in reversed(list_runs(session)) if run.files]
    by_damage: dict[str, list[int]] = {}
    for run in runs:
        if what := run_folders.damage(run_folder(store, run.folder), list(run.thresholds)):
            by_damage.setdefault(what, []).append(run.id)
    for what, ids in by_damage.items():
        yield from found_among(f"runs cannot be loaded: {what}", ids, FILES)
