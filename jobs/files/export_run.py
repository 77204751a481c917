"""
Exports a run as a standard transformers folder with a model card, usable without emoclf.
"""

import shutil
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db.runs import get_run, run_data
from db.store import Store
from db.values import Job, Run
from emoclf.errors import DataFileError
from emoclf.export.licences import licence_of_tweet
from emoclf.export.model_card import CardFacts, model_card
from emoclf.labels import EMOTIONS
from emoclf.metrics.calibration import Calibration
from emoclf.progress import Progress, Work
from jobs.paths import check_new
from jobs.settings.files import ExportRunSettings
from jobs.training import run_management, run_warnings
from jobs.training.data import TRAINING_ROLES
from jobs.training.lineage import deciders


def run(store: Store, job: Job, settings: ExportRunSettings) -> Work[dict[str, Any]]:
    """The job."""
    yield Progress(0, 0, f"writing run {settings.run}")
    return export_run(store, settings.run, Path(settings.folder))


def export_run(store: Store, run_id: int | None, folder: Path) -> dict[str, Any]:
    """Write a run (by default the active model) to `folder`: weights, configuration, tokenizer and README.md.

    The folder appears only when it is complete.

    Raises
    ------
    DataFileError : if the folder is not empty or cannot be written
    ModelError : if the run's files were deleted, or its encoder is not a BERT
    """
    from emoclf.export.plain_bert import save

    check_new(folder)
    with store.reading() as session:
        run = get_run(session, run_id)
        card = model_card(_facts(session, run))
    classifier = run_management.load(store, run)
    calibration = Calibration.from_json(run.calibration) if run.calibration else None
    unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:6]}.unfinished")
    try:
        unfinished.mkdir(parents=True)
        save(classifier, calibration, unfinished)
        (unfinished / "README.md").write_text(card, encoding="utf-8")
        unfinished.replace(folder)
    except OSError as error:
        raise DataFileError(f"cannot write {folder} ({error.strerror})") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return {"run": run.id, "folder": str(folder), "files": sorted(path.name for path in folder.iterdir())}


def _facts(session: Session, run: Run) -> CardFacts:
    seen = {role: run_data(session, run.id, [role]) for role in (*TRAINING_ROLES, "dev")}
    trained_on = [tweet for role in TRAINING_ROLES for tweet in seen[role]]
    decided = [one for one in deciders(session, run, trained_on).values() if one is not None]
    by = [one.reviewer for one in decided if one.batch is None]
    return CardFacts(
        name=run.name,
        created=f"{run.created_at:%Y-%m-%d}",
        code_version=run.code_version,
        base=run.base,
        seed=run.seed,
        seconds=run.seconds,
        settings=run.settings,
        data_hash=run.data_hash,
        counts={role: len(tweets) for role, tweets in seen.items()},
        positives=Counter(name for tweet in trained_on for name in tweet.labels),
        decided=len(by),
        reviewers=len(set(by)),
        in_bulk=len(decided) - len(by),
        remarks=run_warnings.in_words(run),
        origins=Counter(licence_of_tweet(tweet.key) for tweets in seen.values() for tweet in tweets),
        thresholds=dict(zip(EMOTIONS.names, run.thresholds, strict=True)),
        metrics=run.metrics,
        calibration=run.calibration,
    )
