"""
Soak: over 10,000 decisions, does the app's memory stay flat, is every decision stored, and is the store whole after?

Twenty sessions of the real app decide through the review card's own protocol, over WebSockets and without browsers,
while trainings of a tiny BERT run one after another in processes of their own. The memory of the app is its resident
set size, read after equal shares of the decisions. Growth is the median of the last fifth over the median of the second
fifth: the first fifth is warm-up, in which modules are loaded and caches are filled.

    python -m benchmarks.soak [--quick]
"""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from benchmarks.claims import Claim, run
from benchmarks.concurrent_reviewers import Trainings
from benchmarks.soak_sessions import Session
from db.decisions import decision_log
from db.store import Store, open_store
from emoclf.labels import EMOTIONS
from jobs.maintenance.check import findings_of
from tests.support.browser import Server
from tests.support.models import toy_tweets
from tests.support.simulated_reviewers import fill

READINGS = 25  # of the memory
FLAT_PERCENT = 10


@dataclass(frozen=True)
class Size:
    """The size of a run."""

    sessions: int
    decisions: int
    has_training: bool


FULL = Size(20, 10_000, True)
QUICK = Size(20, 240, False)


@dataclass
class Outcome:
    """What the sessions made and what the app needed for it."""

    made: dict[str, frozenset[str]] = field(default_factory=dict)  # labels by event
    refused: int = 0
    megabytes: list[float] = field(default_factory=list)  # of memory, after equal shares of the decisions

    @property
    def growth_percent(self) -> float:
        """The growth of the memory after the warm-up.

        >>> Outcome(megabytes=[50.0, 100.0, 100.0, 100.0, 105.0]).growth_percent
        5.0
        """
        fifth = max(1, len(self.megabytes) // 5)
        return 100 * (median(self.megabytes[-fifth:]) / median(self.megabytes[fifth : 2 * fifth]) - 1)


def measure(quick: bool) -> list[Claim]:
    """Return three claims: the growth of the memory, the decisions that are not stored as made, and the findings."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        os.environ["EMOCLF_RUNS"] = str(Path(folder) / "runs")
        store = open_store(f"sqlite:///{Path(folder) / 'emoclf.db'}")
        stack.callback(store.close)
        fill(store, toy_tweets(size.decisions + 50 * size.sessions))
        server = Server(Path(folder))
        server.start()
        stack.callback(server.stop)
        trainings = _trainings(store, Path(folder), stack) if size.has_training else None
        outcome = asyncio.run(_review(server, size))
        if trainings:
            trainings.stopped.set()
            trainings.join()
        return _claims(store, size, outcome, trainings)


def _trainings(store: Store, folder: Path, stack: ExitStack) -> Trainings:
    trainings = Trainings(store, folder)
    trainings.start()
    stack.callback(trainings.stopped.set)
    trainings.has_started.wait()
    return trainings


async def _review(server: Server, size: Size) -> Outcome:
    """Let all sessions decide at once; read the memory after each share of the decisions."""
    outcome, process = Outcome(), psutil.Process(server.process.pid if server.process else None)
    names = [f"reviewer {n}" for n in range(size.sessions)]
    sessions = [await Session.open(server.port, name, _labels(n)) for n, name in enumerate(names)]
    step = max(1, size.decisions // READINGS)
    n_made = 0

    async def decide(session: Session) -> None:
        nonlocal n_made
        for _ in range(size.decisions // size.sessions):
            if not await session.decide():
                raise AssertionError("a session has no tweet left")
            n_made += 1
            if n_made % step == 0:
                outcome.megabytes.append(process.memory_info().rss / 1e6)
                print(f"{n_made:>7,} decisions  {outcome.megabytes[-1]:7.1f} MB", flush=True)

    await asyncio.gather(*map(decide, sessions))
    for session in sessions:
        kept = session.made.keys() - session.refused
        outcome.made |= dict.fromkeys(kept, frozenset(session.labels))
        outcome.refused += len(session.refused)
        await session.connection.close()
    return outcome


def _labels(session: int) -> list[str]:
    """The labels that a session gives, different for the sessions, so that a mix-up is found."""
    return EMOTIONS.ordered(EMOTIONS.from_mask(session + 1))


def _claims(store: Store, size: Size, outcome: Outcome, trainings: Trainings | None) -> list[Claim]:
    with store.reading() as session:
        stored = {row["event_id"]: frozenset(row["labels"].split()) for row in decision_log(session)}
    wrong = sum(stored.get(event) != labels for event, labels in outcome.made.items())
    by_nobody = len(stored.keys() - outcome.made.keys())
    findings = list(findings_of(store))
    for finding in findings:
        print(f"{finding.what}: {finding.count:,} ({', '.join(finding.first)})")
    ended = trainings.ended if trainings else []
    failed = sum(job.state != "done" for job in ended)
    conditions = f"{size.sessions} sessions, {size.decisions:,} decisions"
    conditions += ", trainings running" if trainings else ""
    memory = {"megabytes": [round(one, 1) for one in outcome.megabytes]}
    log = {"made": len(outcome.made), "stored": len(stored), "refused": outcome.refused}
    more = {"trainings": len(ended), "trainings that failed": failed}
    growth = outcome.growth_percent
    return [
        Claim(f"growth of the app's memory: {conditions}", growth, FLAT_PERCENT, "%", at_most=True, detail=memory),
        Claim("decisions not stored as made", wrong + by_nobody, 0, "decisions", at_most=True, detail=log | more),
        Claim("findings of `check` at the end", len(findings), 0, "findings", at_most=True),
    ]


if __name__ == "__main__":
    run(measure)
