"""
The SemEval-2018 E-c tweets and the auxiliary corpora as the benchmarks read them, from the folder EMOCLF_DATA.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from emoclf.backends.settings import EncoderSettings, TrainingSettings
from emoclf.files.corpora import Corpus, read_corpus
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from emoclf.progress import drain
from emoclf.text.twins import twin_key
from emoclf.training import first_stage as auxiliary
from emoclf.training.cross_validation import predict_out_of_fold
from emoclf.training.encoder_records import read_record
from emoclf.training.fold_results import FoldMemory
from emoclf.tweets import LabelledTexts

CACHE = Path(tempfile.gettempdir()) / "emoclf-benchmarks"  # what benchmarks keep for each other
PLUTCHIK = ("anger", "anticipation", "disgust", "fear", "joy", "sadness", "surprise", "trust")  # as XED numbers them


def data_folder() -> Path:
    """The folder with semeval2018, goemotions and xed; the program ends with a sentence where it is missing."""
    folder = Path(os.environ.get("EMOCLF_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not (folder / "semeval2018").is_dir():
        sys.exit(f"no SemEval-2018 files in {folder}; set EMOCLF_DATA to a folder that has semeval2018")
    return folder


def tweets(split: str) -> LabelledTexts:
    """The tweets of train or dev with their original labels and twin groups."""
    read = read_tweets(data_folder() / "semeval2018" / f"2018-E-c-En-{split}.txt").tweets
    labels = EMOTIONS.encode([tweet.original for tweet in read])
    return LabelledTexts([tweet.text for tweet in read], labels, [twin_key(tweet.text) for tweet in read])


def train_without_twins_of_dev() -> LabelledTexts:
    """The train tweets less those that say the same as a dev tweet."""
    train, scored = tweets("train"), set(tweets("dev").groups)
    return train.take(np.flatnonzero([group not in scored for group in train.groups]))


def in_random_order(tweets: LabelledTexts) -> np.ndarray:
    """Row numbers; the same order in every benchmark, so that one can use what another asked an LLM."""
    return np.random.default_rng(0).permutation(len(tweets))


def corpora() -> list[Corpus]:
    """GoEmotions and XED, less the twins of E-c tweets."""
    folder = data_folder()
    goemotions = tuple((folder / "goemotions" / "labels.txt").read_text(encoding="utf-8").split())
    groups = {*tweets("train").groups, *tweets("dev").groups}
    files = {
        "goemotions": (folder / "goemotions" / "train.tsv", goemotions, 0),
        "xed": (folder / "xed" / "en-annotated.tsv", PLUTCHIK, 1),
    }
    return [_corpus(name, *file).without_twins(groups) for name, file in files.items()]


def _corpus(name: str, path: Path, emotions: tuple[str, ...], first: int) -> Corpus:
    read = read_corpus(path, emotions, first).texts
    labels = np.zeros((len(read), len(emotions)), dtype=np.int8)
    for row, text in zip(labels, read, strict=True):
        row[list(text.labels)] = 1
    return Corpus(name, [text.text for text in read], labels, emotions)


def first_stage() -> str:
    """The encoder that the recipe begins from; trained once and kept."""
    read, settings = corpora(), EncoderSettings()
    folder = CACHE / auxiliary.identity(read, settings)
    if read_record(folder) is None:
        drain(auxiliary.train_encoder(read, settings)).save(folder)
    return f"dir:{folder}"


def out_of_fold(tweets: LabelledTexts) -> np.ndarray:
    """BERT's probabilities (n, 11) by the recipe, each from a model that saw neither the tweet nor its twins.

    Kept by all that they depend on, and each fold as soon as it is finished.
    """
    settings = TrainingSettings(base=first_stage())
    memory = memory_of(tweets, settings)
    kept = CACHE / f"out-of-fold-{memory.folder.name}.npy"
    if not kept.is_file():
        np.save(kept, drain(predict_out_of_fold(tweets, settings, memory=memory)).probabilities)
    return np.asarray(np.load(kept), dtype=float)


def memory_of(tweets: LabelledTexts, settings: TrainingSettings) -> FoldMemory:
    """Where finished folds of this training are kept; never forgotten, so that one benchmark can use another's."""
    return FoldMemory(CACHE / "folds", tweets, settings)
