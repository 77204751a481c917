"""
Sets up the gates for synthetic tweets from the store: real tweets, the active BERT model, and an LLM as judge.
"""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from db import generations
from db.runs import get_run
from db.store import Store
from db.tweets import training_tweets
from emoclf.errors import NotFoundError
from emoclf.files.folders import atomic_folder
from emoclf.hub.uris import DEFAULT_ENCODER, digest_of_weights
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import ChatModel, Unscored
from emoclf.llm.labelling import label
from emoclf.metrics.calibration import Calibration
from emoclf.progress import Progress, Work, drain
from emoclf.synthetic.duplicates import KnownTexts
from emoclf.synthetic.embeddings import SentenceEncoder
from emoclf.synthetic.gates import Gatekeeper, Reader
from emoclf.tweets import LabelledTexts
from jobs.doubts.ranking import load_calibrations
from jobs.paths import runs_folder
from jobs.training import run_management
from jobs.training.data import as_texts

STEP = 512  # texts per progress report
UNSURE = 0.5  # minimum probability from a judge without calibration


class BertReader:
    """A run's calibrated classifier as a gate; the minimum probability of an emotion is its base rate."""

    def __init__(self, classifier: Any, run_id: int, calibration: Calibration, shares: np.ndarray) -> None:
        self.name, self.run_id = f"BERT (run {run_id})", run_id
        self._classifier, self._calibration, self._shares = classifier, calibration, shares

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Calibrated probabilities, shape (n, 11)."""
        return np.asarray(self._calibration.apply(drain(self._classifier.probabilities(texts))))

    def least(self, emotion: str) -> float:
        """The minimum probability of an emotion: its base rate in the train tweets."""
        return float(self._shares[EMOTIONS.names.index(emotion)])


class JudgeReader:
    """An LLM as a gate; it labels tweets without knowing the requested emotion."""

    def __init__(self, model: ChatModel, calibration: Calibration | None, shares: np.ndarray) -> None:
        self.name = f"the judge {model.name}"
        self._model, self._calibration, self._shares = model, calibration, shares

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Probabilities, shape (n, 11), calibrated if possible; NaN where there is no answer."""
        unscored = np.full(len(EMOTIONS), np.nan)
        scores = [unscored if isinstance(one, Unscored) else one for one in label(self._model, texts)]
        raw = np.array(scores).reshape(-1, len(EMOTIONS))
        return raw if self._calibration is None else np.asarray(self._calibration.apply(raw))

    def least(self, emotion: str) -> float:
        """The minimum probability of an emotion: its base rate if calibrated, else 0.5."""
        return UNSURE if self._calibration is None else float(self._shares[EMOTIONS.names.index(emotion)])


class Gates:
    """The gates of one store, with the ids of its real tweets by row."""

    def __init__(self, gatekeeper: Gatekeeper, ids: Sequence[int]) -> None:
        self.gatekeeper, self.ids = gatekeeper, ids


def real_train(store: Store) -> LabelledTexts:
    """The real train tweets with their labels for training, without twins of dev and test tweets."""
    with store.reading() as session:
        return as_texts(training_tweets(session))


def open_gates(store: Store, train: LabelledTexts, judge: ChatModel | None) -> Work[Gates]:
    """Create the gates, with all reference data loaded."""
    with store.reading() as session:
        real = generations.real_texts(session)
        written = generations.kept_texts(session)
    encoder = SentenceEncoder.open()
    texts = [text for _, text, _ in real]
    known = KnownTexts(texts, (yield from embeddings_of(store, encoder, texts)))
    for text, embedding in zip(written, encoder.encode(written), strict=True):
        known.add(text, embedding)
    shares = train.labels.mean(axis=0) if len(train) else np.zeros(len(EMOTIONS))
    readers: dict[str, Reader] = {}
    if bert := _bert(store, shares):
        readers["bert"] = bert
    if judge is not None:
        fitted = load_calibrations(store).fitted.get((judge.name, judge.prompt_version))
        readers["judge"] = JudgeReader(judge, fitted, shares)
    gatekeeper = Gatekeeper(known, [split for _, _, split in real], encoder.encode, readers)
    return Gates(gatekeeper, [i for i, _, _ in real])


def embeddings_of(store: Store, encoder: SentenceEncoder, texts: Sequence[str]) -> Work[np.ndarray]:
    """The embeddings of the real tweets, computed once and stored in the folder of runs."""
    digest = hashlib.sha256(digest_of_weights(DEFAULT_ENCODER))
    for text in texts:
        digest.update(text.encode() + b"\0")
    folder = runs_folder(store) / "vectors" / digest.hexdigest()[:16]
    file = folder / "vectors.npy"
    if file.is_file():
        return np.asarray(np.load(file, allow_pickle=False))
    parts = [np.zeros((0, encoder.width), dtype=np.float32)]
    for start in range(0, len(texts), STEP):
        yield Progress(start, len(texts), "embedding the tweets, once")
        parts.append(encoder.encode(texts[start : start + STEP]))
    embeddings = np.concatenate(parts)
    with atomic_folder(folder, embeddings.nbytes) as unfinished:
        np.save(Path(unfinished) / file.name, embeddings)
    for older in folder.parent.glob("*"):  # outdated: for an earlier set of tweets
        if older != folder:
            shutil.rmtree(older, ignore_errors=True)
    return embeddings


def _bert(store: Store, shares: np.ndarray) -> BertReader | None:
    """The active model, or None."""
    try:
        with store.reading() as session:
            run = get_run(session)
    except NotFoundError:
        return None
    calibration = Calibration.from_json(run.calibration) if run.calibration else Calibration.identity()
    return BertReader(run_management.load(store, run), run.id, calibration, shares)
