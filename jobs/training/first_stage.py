"""
Trains the first-stage encoder on the auxiliary corpora, once, and reuses it for every later training.

An encoder is identified by a hash of the base's weights, the corpora and the settings, so the same request reuses it.
Texts that are twins of a stored tweet are excluded, so that no tweet in any split or fold is scored by a model that has
seen it.
"""

from dataclasses import replace
from typing import Any

from db import corpora
from db.store import Store
from db.values import Job
from emoclf.backends.settings import EncoderSettings, TrainingSettings
from emoclf.errors import ModelError, TooLittleDataError
from emoclf.files.corpora import Corpus
from emoclf.hub.uris import names_saved_model
from emoclf.progress import Progress, Work, mapped
from emoclf.training import first_stage as auxiliary
from emoclf.training.encoder_records import read_record
from jobs.paths import encoder_folder

CHECKPOINT = ".checkpoint"  # suffix of unfinished encoders


def run(store: Store, job: Job, settings: EncoderSettings) -> Work[dict[str, Any]]:
    """The job."""
    name = yield from pretrain(store, settings)
    folder = encoder_folder(store, name)
    record = read_record(folder) or {}
    return {"encoder": f"dir:{folder}", "texts": record.get("texts"), "seconds": record.get("seconds")}


def pretrain(store: Store, settings: EncoderSettings) -> Work[str]:
    """Train an encoder on all auxiliary corpora, unless it exists; return its name.

    Raises
    ------
    TooLittleDataError : if the store has no auxiliary corpus
    ModelError : if the base model is missing, or is a TensorFlow model
    """
    if names_saved_model(settings.base):
        raise ModelError(
            f"a first stage needs a torch model, and {settings.base} is for TensorFlow; pass --auxiliary none"
        )
    yield Progress(0, 0, "reading the auxiliary corpora")
    read = read_corpora(store)
    if not read:
        raise TooLittleDataError(
            "there is no auxiliary corpus in the store; import one: "
            "`cli.py import FILE --auxiliary NAME --emotions NAMES`"
        )
    name = auxiliary.identity(read, settings)
    folder = encoder_folder(store, name)
    if read_record(folder) is None:
        checkpoint = folder.with_suffix(CHECKPOINT)
        trained = yield from auxiliary.train_encoder(read, settings, checkpoint)
        trained.save(folder)
        for done_or_given_up in folder.parent.glob(f"*{CHECKPOINT}"):
            done_or_given_up.unlink(missing_ok=True)
    return name


def first_stage(store: Store, base: str) -> Work[dict[str, Any] | None]:
    """The name and corpora of the encoder that a training from `base` starts with; None without corpora."""
    with store.reading() as session:
        if not any(one.texts for one in corpora.corpora(session)):
            return None
    name = yield from mapped(pretrain(store, EncoderSettings(base=base)), _named)
    record = read_record(encoder_folder(store, name)) or {}
    return {"encoder": name, "corpora": record.get("corpora", [])}


def beginning(store: Store, settings: TrainingSettings) -> TrainingSettings:
    """The same settings with their first-stage encoder, if any, as the base model.

    Raises
    ------
    ModelError : if that encoder no longer exists
    """
    if settings.first_stage is None:
        return settings
    folder = encoder_folder(store, settings.first_stage["encoder"])
    if read_record(folder) is None:
        raise ModelError(
            f"{folder}, the encoder that this run started from, is missing; `cli.py pretrain` trains it again"
        )
    return replace(settings, base=f"dir:{folder}")


def read_corpora(store: Store) -> list[Corpus]:
    """All auxiliary corpora without twins of stored tweets; empty corpora are left out."""
    with store.reading() as session:
        twins = corpora.twin_groups(session)
        read = [corpora.corpus(session, one.name).without_twins(twins) for one in corpora.corpora(session)]
    return [corpus for corpus in read if corpus.texts]


def _named(step: Progress) -> Progress:
    return replace(step, message=f"first stage: {step.message}")
