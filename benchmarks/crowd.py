"""
Crowd: twenty reviewers at once on one SQLite file, with a reading of all labels beside them, over and over.

2,000 decisions, each sent over HTTP to a process that stores it and answers with
the next tweets; once left alone, and once killed (-9) and restarted ten times.
Counted is what went wrong: decisions lost, stored twice, on the wrong tweet, or
by two reviewers; and the time from a decision's arrival to its commit.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.claims import Claim, run
from db.store import open_store
from tests.crowd import Crowd, database, faults, fill

TWEETS, REVIEWERS = 7_000, 20


def measure(quick: bool) -> list[Claim]:
    """Two claims for each way: nothing went wrong, and how long a commit took."""
    decisions = 400 if quick else 2_000
    return [claim for kills in (0, 3 if quick else 10) for claim in crowd(decisions, kills)]


def crowd(decisions: int, kills: int) -> list[Claim]:
    """Let the reviewers work in a new store."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(database(Path(folder)))
        fill(store, TWEETS)
        outcome = Crowd(store, REVIEWERS, decisions, kills).run()
        wrong = faults(store, outcome)
        store.close()
    how = f"{REVIEWERS} reviewers, {decisions:,} decisions" + (f", killed {kills} times" if kills else "")
    p50, p99 = 1000 * np.percentile(outcome.seconds, [50, 99])
    detail = {"median_ms": round(p50, 1), "readings": outcome.readings, "commits": len(outcome.seconds)}
    return [
        Claim(f"decisions that went wrong: {how}", sum(wrong.values()), 0, "decisions", at_most=True, detail=wrong),
        Claim(f"p99 of a commit: {how}", p99, 1000, "ms", at_most=True, detail=detail),
    ]


if __name__ == "__main__":
    run(measure)
