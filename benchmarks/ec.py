"""
Reads the SemEval-2018 E-c tweets and the auxiliary corpora for the benchmarks, from the folder EMOCLF_DATA.
"""

import os
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.claims import missing
from emoclf.backends.settings import EncoderSettings, TrainingSettings
from emoclf.files.corpora import Corpus, read_corpus
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from emoclf.progress import drain
from emoclf.text.twins import twin_key
from emoclf.training import first_stage as auxiliary
from emoclf.training.cross_validation import predict_out_of_fold
from emoclf.training.encoder_records import read_record
from emoclf.training.fold_results import FoldResults
from emoclf.tweets import LabelledTexts

CACHE = Path(tempfile.gettempdir()) / "emoclf-benchmarks"  # results that benchmarks share
PLUTCHIK = ("anger", "anticipation", "disgust", "fear", "joy", "sadness", "surprise", "trust")  # in XED's order


def data_folder() -> Path:
    """Return the folder with semeval2018, goemotions and xed; exit with a message if it is missing."""
    folder = Path(os.environ.get("EMOCLF_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not (folder / "semeval2018").is_dir():
        missing(f"no SemEval-2018 files in {folder}; set EMOCLF_DATA to a folder that has semeval2018")
    return folder


def tweets(split: str) -> LabelledTexts:
    """Return the tweets of train or dev with their original labels and twin groups."""
    read = read_tweets(data_folder() / "semeval2018" / f"2018-E-c-En-{split}.txt").tweets
    labels = EMOTIONS.encode([tweet.original for tweet in read])
    return LabelledTexts([tweet.text for tweet in read], labels, [twin_key(tweet.text) for tweet in read])


def train_without_twins_of_dev() -> LabelledTexts:
    """Return the train tweets without the twins of dev tweets."""
    train, dev_groups = tweets("train"), set(tweets("dev").groups)
    return train.take(np.flatnonzero([group not in dev_groups for group in train.groups]))


def in_random_order(tweets: LabelledTexts) -> np.ndarray:
    """Return row numbers in random order, the same in every benchmark, so that answers of a language model can be
    shared.
    """
    return np.random.default_rng(0).permutation(len(tweets))


def corpora() -> list[Corpus]:
    """Return GoEmotions and XED without the twins of E-c tweets."""
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
    """Return the recipe's first-stage encoder; trained once and cached."""
    read, settings = corpora(), EncoderSettings()
    folder = CACHE / auxiliary.identity(read, settings)
    if read_record(folder) is None:
        drain(auxiliary.train_encoder(read, settings)).save(folder)
    return f"dir:{folder}"


def out_of_fold(tweets: LabelledTexts) -> np.ndarray:
    """Return BERT's out-of-fold probabilities (n, 11) with the recipe, from models that saw neither the tweet nor its
    twins.

    They are cached by everything that they depend on, fold by fold.
    """
    settings = TrainingSettings(base=first_stage())
    fold_results = fold_results_of(tweets, settings)
    file = CACHE / f"out-of-fold-{fold_results.folder.name}.npy"
    if not file.is_file():
        np.save(file, drain(predict_out_of_fold(tweets, settings, fold_results=fold_results)).probabilities)
    return np.asarray(np.load(file), dtype=float)


def fold_results_of(tweets: LabelledTexts, settings: TrainingSettings) -> FoldResults:
    """Return the stored folds of this training; they are kept, so that benchmarks can share them."""
    return FoldResults(CACHE / "folds", tweets, settings)
