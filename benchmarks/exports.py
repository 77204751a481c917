"""
Exports: how long each format takes for 100,000 tweets with suggestions, predictions and decisions, and its memory.

The tweets are invented, and a reviewer decided one in a hundred. Each export runs in a process of its own; the time is
that of the export, without starting the process. Memory is by how much the process grows during the export, at its
peak, beyond what the same export of a small store takes. It is read from /proc, so the benchmark needs Linux.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.claims import Claim, run
from benchmarks.review_latency import tweets
from db.chunking import chunks
from db.decisions import NewDecision, add_decision
from db.predictions import add_predictions
from db.runs import add_run
from db.store import open_store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from emoclf.export.formats import FORMATS
from emoclf.labels import EMOTIONS

TARGET_SECONDS, TARGET_MB = 5, 100
SIZE, SMALL = 100_000, 10_000  # tweets
EXPORT = """
import json, re, sys, time
from pathlib import Path
import pyarrow.parquet
from db.store import open_store
from jobs.files.exports import write_export
url, what, form, path = sys.argv[1:]
def peak():  # of this process alone, in kB; getrusage would count the process that started it
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
store = open_store(url)
before, began = peak(), time.perf_counter()
rows = write_export(store, Path(path), what, form).rows
seconds = time.perf_counter() - began
print(json.dumps({"rows": rows, "seconds": seconds, "cpu": time.process_time(), "mb": (peak() - before) / 1000}))
"""
EXPORTS = [(form, "approved") for form in FORMATS] + [("csv", "everything"), ("parquet", "everything")]


def measure(quick: bool) -> list[Claim]:
    """Return two claims: the time and the memory of the slowest and of the largest export."""
    size = SIZE // 5 if quick else SIZE
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large, small = fill(folder, size), fill(folder, SMALL)
        found = {f"{form}, {what}": export(folder, large, what, form) for form, what in EXPORTS}
        least = {f"{form}, {what}": export(folder, small, what, form) for form, what in EXPORTS}
    seconds = {how: one["seconds"] for how, one in found.items()}
    memory = {how: found[how]["mb"] - least[how]["mb"] for how in found}
    return [
        claim(f"seconds of the slowest export, {size:,} tweets", seconds, TARGET_SECONDS, "s"),
        claim(f"memory of the largest export beyond that of {SMALL:,} tweets", memory, TARGET_MB, "MB"),
    ]


def claim(what: str, values: dict[str, float], target: float, unit: str) -> Claim:
    """Return the largest value as a claim."""
    detail = {how: round(value, 2) for how, value in values.items()}
    return Claim(what, max(values.values()), target, unit, at_most=True, detail=detail)


def export(folder: Path, url: str, what: str, form: str) -> dict[str, float]:
    """Export in a process of its own; return its rows, seconds and memory."""
    path = folder / f"{what}-{form}-{random.getrandbits(32):08x}{FORMATS[form].ending}"
    command = [sys.executable, "-c", EXPORT, url, what, form, str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def fill(folder: Path, size: int) -> str:
    """Create a store with invented tweets, each with a suggestion and a prediction; return its URL."""
    rng, url = random.Random(0), f"sqlite:///{folder / f'{size}.db'}"
    store = open_store(url)
    with store.writing(durable=False) as session:
        add_tweets(session, tweets(size, rng))
        run_id = add_run(
            session,
            [],
            **{"name": "invented", "base": "none", "labels": "original", "settings": {}, "seed": 0, "data_hash": ""},
            **{"code_version": "", "folder": "", "thresholds": [0.5] * len(EMOTIONS), "history": [], "metrics": {}},
            seconds=0.0,
        )
    for chunk in chunks(range(1, size + 1), 10_000):
        scored = [(i, [rng.random() ** 3 for _ in EMOTIONS.names]) for i in chunk]
        with store.writing(durable=False) as session:
            add_suggestions(session, "invented", "1", scored)
            add_predictions(session, run_id, [(i, p, frozenset({"joy"})) for i, p in scored], out_of_fold=True)
    with store.writing(durable=False) as session:
        for i in range(1, size + 1, 100):
            add_decision(session, NewDecision(f"event-{i}", i, "ana", frozenset({"joy", "trust"})))
    store.close()
    return url


if __name__ == "__main__":
    run(measure)
