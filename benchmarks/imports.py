"""
Imports: seconds for the command that imports E-c train, and for previews and imports of larger files.

Each import goes into a new store. The large files are GoEmotions, previewed and imported as tweets without labels, and
invented tweets with IDs, labels and metadata. Seconds are those of a clock on the wall, and include reading the file.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks import ec
from benchmarks.claims import Claim, run
from db.store import Store, open_store
from emoclf.files.reading import Reading
from emoclf.labels import EMOTIONS
from jobs.files.imports import import_file
from jobs.files.preview import preview

COMMAND_SECONDS, PREVIEW_SECONDS, UNLABELLED_SECONDS, LARGE_SECONDS = 2, 3, 10, 15
ROWS = 100_000
WORDS = (
    *("so", "happy", "sad", "rain", "coffee", "late", "bus", "again", "friend", "home", "nobody", "told"),
    *("me", "why", "this", "day", "won", "lost", "cake", "never"),
)


def measure(quick: bool) -> list[Claim]:
    """Return the medians of a few runs; `quick` measures once, and a tenth of the invented tweets."""
    times, rows = (1, ROWS // 10) if quick else (5, ROWS)
    goemotions = ec.data_folder() / "goemotions"
    train, unlabelled = goemotions / "train.tsv", Reading(unlabelled=True)
    with tempfile.TemporaryDirectory() as folder:
        large = invented(Path(folder) / "invented.csv", rows)
        return [
            claim("the import command on E-c train, 6,838 tweets", COMMAND_SECONDS, command, times),
            claim(
                "the preview of GoEmotions train, 43,410 tweets without labels",
                PREVIEW_SECONDS,
                lambda: in_store(lambda store: preview(store, train, reading=unlabelled)),
                times,
            ),
            claim(
                "the import of GoEmotions train as tweets without labels",
                UNLABELLED_SECONDS,
                lambda: in_store(lambda store: import_file(store, train, reading=unlabelled)),
                times,
            ),
            claim(
                f"the preview of {rows:,} tweets",
                LARGE_SECONDS,
                lambda: in_store(lambda store: preview(store, large)),
                times,
            ),
            claim(
                f"the import of {rows:,} tweets",
                LARGE_SECONDS,
                lambda: in_store(lambda store: import_file(store, large)),
                times,
            ),
        ]


def claim(what: str, target: float, once: Callable[[], float], times: int) -> Claim:
    """Return the median of several runs."""
    seconds = [once() for _ in range(times)]
    print(f"{what}: {', '.join(f'{one:.2f}' for one in seconds)} s", file=sys.stderr)
    detail = {"runs": times, "fastest": round(min(seconds), 2), "slowest": round(max(seconds), 2)}
    return Claim(f"seconds for {what}", float(np.median(seconds)), target, "s", at_most=True, detail=detail)


@contextmanager
def new_store() -> Iterator[Store]:
    """Open an empty store in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'emoclf.db'}")
        yield store
        store.close()


def in_store(action: Callable[[Store], object]) -> float:
    """Return the seconds that an action takes in an empty store."""
    with new_store() as store:
        began = time.perf_counter()
        action(store)
        return time.perf_counter() - began


def command() -> float:
    """Return the seconds of the whole command, with the start of Python."""
    with new_store() as store:
        root = Path(__file__).resolve().parents[1]
        words = [sys.executable, "cli.py", "import", str(ec.data_folder() / "semeval2018" / "2018-E-c-En-train.txt")]
        began = time.perf_counter()
        subprocess.run([*words, "--db", store.url], cwd=root, env=dict(os.environ), check=True, capture_output=True)
        return time.perf_counter() - began


def invented(path: Path, rows: int) -> Path:
    """Write a file of invented tweets, one in ten a twin of another; return its path."""
    rng = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ID", "Tweet", *EMOTIONS.names, "place"])
        text = ""
        for n in range(rows):
            text = f"{text} #again" if n % 10 == 9 else f"{' '.join(rng.choices(WORDS, k=15))} {n}"
            labels = [int(rng.random() < 0.2) for _ in EMOTIONS.names]
            writer.writerow([f"2026-{n:06}", text, *labels, "Oslo"])
    return path


if __name__ == "__main__":
    run(measure)
