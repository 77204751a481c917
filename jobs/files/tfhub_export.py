"""
Exports to TensorFlow Hub's format: a base model as a trainable encoder, or a run as a classifier of raw texts.
"""

from pathlib import Path
from typing import Any

from db.runs import get_run
from db.store import Store
from jobs.paths import check_new
from jobs.training import run_management


def export_tfhub(store: Store, run_or_model: str, folder: Path) -> dict[str, Any]:
    """Write a run (given by its number) or the BERT at a model URI to `folder`, which appears only when it is complete.

    Raises
    ------
    DataFileError : if the folder is not empty
    ModelError : if the run's files were deleted, the model is missing or not a BERT, or the disk is full
    """
    check_new(folder)
    if run_or_model.isdecimal():
        from emoclf.export.tfhub_serving import export_classifier

        with store.reading() as session:
            run = get_run(session, int(run_or_model))
        export_classifier(run_management.load(store, run), folder)
    else:
        from emoclf.export.tfhub_encoder import export_base

        export_base(run_or_model, folder)
    return {"folder": str(folder), "files": sorted(path.name for path in folder.iterdir())}
