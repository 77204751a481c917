"""
Concurrent reviewers: twenty people review on one SQLite file, while trainings on its labels run one after another.

2,000 decisions are sent over HTTP to a process that stores each and returns the next tweets; once without faults, and
once with ten kills (-9) and restarts. The benchmark counts errors (decisions lost, stored twice, on the wrong tweet, or
by two reviewers) and measures the time from a decision's arrival to its commit. The trainings are the app's own jobs in
separate processes: they read all labels, write their progress, and store a run with its predictions. Their BERT is
tiny, so that one finishes during the review, which starts once the first is running. A thread reads all labels in a
loop in addition.
"""

import os
import tempfile
import threading
from pathlib import Path

import numpy as np

from benchmarks.claims import Claim, run
from db.jobs import get_job
from db.store import Store, open_store
from db.values import Job
from jobs import runner
from tests.support.models import tiny_bert, toy_tweets
from tests.support.simulated_reviewers import SimulatedReviewers, database, faults, fill

TWEETS, DECISIONS, KILLS = 3_000, 2_000, 10
QUICK = 600, 200, 2
REVIEWERS = 20
POLL_SECONDS = 0.2


class Trainings(threading.Thread):
    """Runs trainings as the app does, one after another, until stopped."""

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__()
        self.store, self.has_started, self.stopped = store, threading.Event(), threading.Event()
        small = {"epochs": 1, "folds": 2, "max_length": 32, "threads": 1}
        self.settings = {"base": tiny_bert(folder / "base"), "labels": "approved", **small}
        self.ended: list[Job] = []

    def run(self) -> None:
        """Run trainings; the last one finishes."""
        while not self.stopped.is_set():
            job_id = runner.queue_job(self.store, "train", self.settings)
            runner.start(self.store, job_id)
            self.ended.append(self._follow(job_id))

    def _follow(self, job_id: int) -> Job:
        pause = threading.Event()
        while True:
            runner.find_lost(self.store)
            with self.store.reading() as session:
                job = get_job(session, job_id)
            if job.done or job.is_over:
                self.has_started.set()
            if job.is_over:
                return job
            pause.wait(POLL_SECONDS)


def measure(quick: bool) -> list[Claim]:
    """Return two claims without and with kills: no errors, and the time of a commit."""
    tweets, decisions, kills = QUICK if quick else (TWEETS, DECISIONS, KILLS)
    return [claim for n in (0, kills) for claim in simulate(tweets, decisions, n)]


def simulate(tweets: int, decisions: int, kills: int) -> list[Claim]:
    """Simulate the reviewers on a new store, with trainings running."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EMOCLF_RUNS"] = str(Path(folder) / "runs")
        store = open_store(database(Path(folder)))
        fill(store, toy_tweets(tweets))
        trainings = Trainings(store, Path(folder))
        trainings.start()
        trainings.has_started.wait()
        outcome = SimulatedReviewers(store, REVIEWERS, decisions, kills).run()
        ended_meanwhile = len(trainings.ended)
        trainings.stopped.set()
        trainings.join()
        errors = faults(store, outcome) | {"trainings that failed": sum(j.state != "done" for j in trainings.ended)}
        store.close()
    conditions = f"{REVIEWERS} reviewers, {decisions:,} decisions, trainings running"
    conditions += f", killed {kills} times" if kills else ""
    p50, p99 = 1000 * np.percentile(outcome.seconds, [50, 99])
    detail = {
        "median_ms": round(p50, 1),
        "commits": len(outcome.seconds),
        "trainings started meanwhile": len(trainings.ended),
        "and ended": ended_meanwhile,
        "reads of all labels meanwhile": outcome.reads,
    }
    return [
        Claim(
            f"decisions with an error: {conditions}", sum(errors.values()), 0, "decisions", at_most=True, detail=errors
        ),
        Claim(f"p99 of a commit: {conditions}", p99, 1000, "ms", at_most=True, detail=detail),
    ]


if __name__ == "__main__":
    run(measure)
