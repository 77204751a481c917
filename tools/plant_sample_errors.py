"""
Plants label errors in the sample: writes its data files from the true labels, train with errors and dev without.

Run it from the project's root: `python -m tools.plant_sample_errors`. The result is deterministic; the planted errors
are the differences between sample-truth.csv and sample-train.csv.
"""

import csv
import random
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

from emoclf.labels import EMOTIONS

SEED = 2018
SHARE = 0.10  # wrong cells per true label of the train split
CELLS_PER_ERROR = 4 / 3  # a drop and an addition make one cell wrong, a swap makes two
HEADER = ["ID", "Tweet", *EMOTIONS.names]

# The emotions that an inattentive annotator gives instead of an emotion, or in addition.
MISTAKEN_FOR = {
    "anger": ("fear", "joy", "sadness"),
    "anticipation": ("fear", "surprise"),
    "disgust": ("fear", "pessimism"),
    "fear": ("anger", "disgust"),
    "joy": ("love", "surprise"),
    "love": ("optimism", "sadness"),
    "optimism": ("love", "trust"),
    "pessimism": ("anger", "disgust"),
    "sadness": ("anger", "disgust"),
    "surprise": ("fear", "joy"),
    "trust": ("love", "optimism"),
}


def plant(true: list[frozenset[str]], seed: int = SEED) -> list[frozenset[str]]:
    """Return the labels with about SHARE of them wrong: spread over the emotions, at most one error per tweet.

    >>> sum(labels != {"joy"} for labels in plant([frozenset({"joy"})] * 40))
    3
    """
    rng = random.Random(seed)
    kinds = cycle(("drop", "swap", "add"))
    planted = list(true)
    untouched = set(range(len(true)))
    for emotion in EMOTIONS.names:
        errors = round(SHARE / CELLS_PER_ERROR * sum(emotion in labels for labels in true))
        for i in rng.sample([i for i in sorted(untouched) if emotion in true[i]], errors):
            planted[i] = _mislabel(true[i], emotion, next(kinds), rng)
            untouched.remove(i)
    return planted


def _mislabel(labels: frozenset[str], emotion: str, kind: str, rng: random.Random) -> frozenset[str]:
    """Drop `emotion`, add one that is confused with it, or do both; if there is none left to add, only drop."""
    wrong = [name for name in MISTAKEN_FOR[emotion] if name not in labels]
    added = {rng.choice(wrong)} if wrong and kind != "drop" else set()
    kept = labels if kind == "add" and added else labels - {emotion}
    return kept | added


def write_sample(truth: Path, folder: Path) -> None:
    """Write sample-train.csv and sample-dev.csv into `folder` from the true labels in `truth`."""
    with truth.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    train = [row for row in rows if row["split"] == "train"]
    dev = [row for row in rows if row["split"] == "dev"]
    _write(folder / "sample-train.csv", train, plant([labels_of(row) for row in train]))
    _write(folder / "sample-dev.csv", dev, [labels_of(row) for row in dev])


def labels_of(row: dict[str, str]) -> frozenset[str]:
    """Return the labels of one row of a sample file."""
    return frozenset(name for name in EMOTIONS.names if row[name] == "1")


def _write(path: Path, rows: list[dict[str, str]], choices: Iterable[frozenset[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row, labels in zip(rows, choices, strict=True):
            writer.writerow([row["ID"], row["Tweet"], *(int(name in labels) for name in EMOTIONS.names)])


if __name__ == "__main__":
    datasets = Path(__file__).parent.parent / "datasets"
    write_sample(datasets / "sample-truth.csv", datasets)
    print(f"wrote sample-train.csv and sample-dev.csv into {datasets}")
