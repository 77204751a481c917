"""
Renames runs, promotes one to the active model, and deletes model files; records are kept.
"""

import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from db.jobs import unfinished_jobs
from db.runs import forget_files, get_run, list_runs, promote_run, rename_run
from db.store import Store
from db.values import Run
from emoclf.errors import ModelError, NotFoundError, SettingError, StoreError
from emoclf.metrics.run_warnings import degenerate
from jobs import runner
from jobs.doubts import ranking
from jobs.paths import run_folder
from jobs.registry import name_of

if TYPE_CHECKING:
    from emoclf.training.classifier import Classifier


NEED_FILES = ("predict", "export_run")  # jobs that read a run's files


def rename(store: Store, run_id: int, name: str) -> Run:
    """Rename a run; NotFoundError if there is no such run, SettingError if the name is empty."""
    if not (name := " ".join(name.split())):
        raise SettingError("the name is empty; write one that distinguishes this run from the others")
    with store.writing() as session:
        get_run(session, run_id)
        rename_run(session, run_id, name)
        return get_run(session, run_id)


def promote(store: Store, run_id: int, confirmed: bool = False) -> Run:
    """Make a run the active model: the default for predicting, and first in the review; the queue is updated.

    Parameters
    ----------
    confirmed : whether the user confirmed promoting a degenerate run

    Raises
    ------
    SettingError : if its files were deleted, or it is degenerate and not confirmed
    """
    with store.writing() as session:
        run = get_run(session, run_id)
        if not run.files:
            raise SettingError(f"the files of run {run_id} were deleted, so it cannot predict; promote another run")
        reasons = degenerate(run.metrics, run.thresholds)
        if reasons and not (confirmed or run.promoted):
            raise SettingError(
                f"run {run_id} is degenerate and not promoted: {' '.join(reasons)} To promote it anyway, confirm: "
                f"`cli.py runs promote {run_id} --confirm`"
            )
        promote_run(session, run_id)
        promoted = get_run(session, run_id)
    ranking.refresh(store)
    return promoted


def delete_files(store: Store, run_id: int) -> dict[str, Any]:
    """Delete a run's files and return the bytes freed; its record, predictions and data are kept.

    Raises
    ------
    SettingError : if the run is promoted, or an unfinished job needs its files
    """
    runner.find_lost(store)
    with store.writing() as session:
        run = get_run(session, run_id)
        folder = run_folder(store, run.folder)
        _check_unused(session, run, folder)
        forget_files(session, run_id)
        renamed = _set_aside(folder)
    freed = sum(path.stat().st_size for path in renamed.rglob("*") if path.is_file())
    shutil.rmtree(renamed, ignore_errors=True)
    return {"run": run_id, "freed_bytes": freed}


def load(store: Store, run: Run) -> "Classifier":
    """Load a run's classifier; ModelError if its files were deleted or are damaged."""
    from emoclf.training.classifier import Classifier

    if not run.files:
        raise ModelError(f"the files of run {run.id} were deleted; choose another run, or train one")
    return Classifier.load(run_folder(store, run.folder))


def _check_unused(session: Session, run: Run, folder: Path) -> None:
    if not run.files:
        raise SettingError(f"the files of run {run.id} were deleted already")
    if run.promoted:
        raise SettingError(f"run {run.id} is promoted, so it is needed to predict; promote another one first")
    predictor, bases = _predictor(session), {one.id: one.base for one in list_runs(session)}
    for job in unfinished_jobs(session):
        predicts = (job.settings.get("run") or predictor) if job.kind in NEED_FILES else None
        base = job.settings.get("base") or bases.get(predicts or 0, "")  # out of fold, a run's base is read again
        if predicts == run.id or _is_folder(base, folder):
            raise SettingError(
                f"run {run.id} is in use by job {job.id} ({name_of(job.kind)}); stop the job, or wait until it ends"
            )


def _predictor(session: Session) -> int | None:
    """The active model; None if there is none."""
    try:
        return get_run(session).id
    except NotFoundError:
        return None


def _is_folder(base: str, folder: Path) -> bool:
    """Whether a model URI refers to this folder."""
    scheme, _, rest = base.partition(":")
    named = Path(rest.partition("#")[0] if scheme == "tfhub" else rest)
    return scheme in ("dir", "tfhub") and named.expanduser().resolve() == folder.resolve()


def _set_aside(folder: Path) -> Path:
    """Rename the folder before deletion, so that no partial folder is found; a missing folder is no error."""
    renamed = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:6]}.deleted")
    try:
        folder.rename(renamed)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"{folder} cannot be deleted ({error.strerror}); nothing was changed") from error
    return renamed
