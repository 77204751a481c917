"""Fault injection: the app on a small disk behind a proxy, reviewers in a browser, jobs, and faults."""

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from db import batches, shares
from db.jobs import get_job, unfinished_jobs
from db.store import Store, open_store
from db.tweets import add_tweets
from emoclf.errors import SettingError, StoreUnavailableError
from emoclf.progress import drain
from emoclf.review.filters import Filter
from emoclf.tweets import Tweet
from jobs import runner
from jobs.review import accept, bulk, review_card
from tests.support.browser import Server
from tests.support.fault_injection.event_log import EventLog
from tests.support.fault_injection.faults import PostgreSQL, Proxy, full_disk, small_disk, write_lock
from tests.support.fault_injection.reviewers import Reviewer

TWEETS, BATCH_SIZE = 8_000, 300
HOUR = 3600
OWNER = "batch owner"  # accepts in bulk


class FaultServer(Server):
    """The app, on any database, with a clock that can be set back."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.database = url

    def environment(self) -> dict[str, str]:
        """The app's environment variables."""
        return {**super().environment(), "EMOCLF_DB": self.database, "EMOCLF_TEST_CLOCK": str(self.clock)}


class Environment:
    """The whole run; `inject(kind)` injects a fault, and `end` waits until everything has recovered."""

    def __init__(
        self, browser: Browser, reviewers: int, longest_lock: float, database: str, batches: int, seed: int
    ) -> None:
        self.random, self.longest_lock, self.database = random.Random(seed), longest_lock, database
        self.n_injected, self.timers = Counter[str](), list[threading.Timer]()
        self.stack = ExitStack()
        self.folder, self.has_own_disk = self.stack.enter_context(small_disk())
        self.other_folder = Path(self.stack.enter_context(_folder()))
        self.postgresql = PostgreSQL(self.other_folder) if database == "PostgreSQL" else None
        url = self._database()
        self.store = open_store(url)
        self.stack.callback(self.store.close)
        self.batches = _fill(self.store, batches)
        self.server = FaultServer(self.folder if self.has_own_disk else self.other_folder, url)
        self.server.start()
        self.stack.callback(self.server.stop)
        self.proxy = Proxy(self.server.port)
        self.stack.callback(self.proxy.stop)
        self.event_log = EventLog(self.store)
        address = f"http://localhost:{self.proxy.port}/review?split=dev"
        self.reviewers = [Reviewer(browser, f"rev {n}", address, self.event_log, seed + n) for n in range(reviewers)]

    def _database(self) -> str:
        if self.postgresql is None:
            return f"sqlite:///{self.folder / 'emoclf.db'}"
        self.postgresql.start()
        self.stack.callback(self.postgresql.stop)
        return self.postgresql.url

    @property
    def kinds(self) -> dict[str, Callable[[], None]]:
        """The possible faults by name."""
        faults: dict[str, Callable[[], None]] = {
            "app killed (-9)": self._kill_app,
            "worker killed (-9)": self._kill_worker,
            "network cut": self._cut,
            "clock set back an hour": self._set_clock_back,
            "page changed": lambda: self._random_reviewer().leave_and_return(),
            "page reloaded": lambda: self._random_reviewer().reload(),
            "tab closed and reopened": lambda: self._random_reviewer().close_and_reopen(),
        }
        if self.postgresql:
            faults["PostgreSQL restarted"] = self._restart_postgresql
        else:
            faults["write lock held"] = self._lock
            if self.has_own_disk:
                faults["disk filled"] = self._fill_disk
        return faults

    def inject(self, kind: str) -> None:
        """Inject a fault; some continue in the background."""
        self.n_injected[kind] += 1
        self.kinds[kind]()

    def end(self, timeout: float) -> bool:
        """Remove all faults, and wait until every page shows that everything is saved; False if one never does."""
        for timer in self.timers:
            timer.join()
        self._finish_batches()
        deadline = time.monotonic() + timeout
        for reviewer in self.reviewers:
            while (shown := reviewer.check_page(self.store)) is None or shown["state"] != "saved":
                if time.monotonic() > deadline:
                    return False
                if shown is None:
                    reviewer.open()
                elif shown["state"] == "refused":
                    reviewer.decide()
                reviewer.page.wait_for_timeout(1000)
        return True

    def close(self) -> None:
        """Shut everything down."""
        for reviewer in self.reviewers:
            reviewer.context.close()
        self.stack.close()

    def _finish_batches(self) -> None:
        """Resume batches whose job gave up, as the page offers: a lock may last longer than a job waits."""
        runner.find_lost(self.store)
        with self.store.reading() as session:
            accepting = [batch for batch in batches.everything(session) if batch.state == "accepting"]
            running = [job for job in unfinished_jobs(session) if runner.is_alive(job)]
        for job in running:
            while runner.is_alive(job):
                time.sleep(0.1)
        for batch in accepting:
            with suppress(SettingError):  # accepted by the job still running
                drain(accept.accept(self.store, batch.id, OWNER))

    # ---- faults

    def _random_reviewer(self) -> Reviewer:
        return self.random.choice(self.reviewers)

    def _kill_app(self) -> None:
        self.server.stop(signal.SIGKILL)
        self.server.start()

    def _kill_worker(self) -> None:
        """Kill the job that accepts a batch, and resume it in another process while reviewers work."""
        if self.batches:
            settings = {"batch": self.batches.pop(), "reviewer": OWNER}
            self._later(0, lambda: self._start_and_kill(settings))

    def _start_and_kill(self, settings: dict[str, Any]) -> None:
        for then in (self._kill_soon, lambda _job: None):
            while True:
                try:
                    job_id = runner.queue_job(self.store, "accept", settings)
                    runner.start(self.store, job_id)
                    then(job_id)
                    break
                except (StoreUnavailableError, SettingError):  # as if the button had shown "Not saved"
                    time.sleep(1)

    def _kill_soon(self, job_id: int) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with self.store.reading() as session:
                job = get_job(session, job_id)
            if job.is_over:
                return
            if job.done and job.pid:
                os.kill(job.pid, signal.SIGKILL)
                while runner.is_alive(job):
                    time.sleep(0.02)
                return
            time.sleep(0.02)

    def _cut(self) -> None:
        self.proxy.cut(True)
        self._later(self.random.uniform(1, 10), lambda: self.proxy.cut(False))

    def _set_clock_back(self) -> None:
        """Set the clocks of the server and a reviewer back, or restore them."""
        is_set_back = self.server.clock.read_text() == str(HOUR)
        self.server.clock.write_text("0" if is_set_back else str(HOUR))
        self._random_reviewer().set_clock_back(0 if is_set_back else 1000 * HOUR)

    def _lock(self) -> None:
        held = write_lock(self.folder / "emoclf.db")
        held.__enter__()
        self._later(self.random.uniform(1, self.longest_lock), lambda: held.__exit__(None, None, None))

    def _fill_disk(self) -> None:
        filled = full_disk(self.folder)
        filled.__enter__()
        self._later(self.random.uniform(1, 10), lambda: filled.__exit__(None, None, None))

    def _restart_postgresql(self) -> None:
        assert self.postgresql
        self.postgresql.restart(self.random.choice(["fast", "immediate"]))

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, action)
        timer.start()
        self.timers = [*(one for one in self.timers if one.is_alive()), timer]


def _fill(store: Store, wanted: int) -> list[int]:
    """Add dev tweets with numbers for the reviewers, and batches of train tweets with checked samples."""
    emotions = ("joy", "anger", "fear")
    with store.writing() as session:
        numbers = range(TWEETS)
        of_dev = (
            Tweet(f"k{n}", f"an invented tweet, number {n}", frozenset({emotions[n % 3]}), split="dev") for n in numbers
        )
        add_tweets(session, of_dev)
        shares.set_blind(session, split="dev", share=0.0)
    return [_batch(store, f"batch{n}") for n in range(wanted)]


def _batch(store: Store, name: str) -> int:
    with store.writing() as session:
        tweets = (Tweet(f"{name}-{n}", f"{name} happy {n}", frozenset({"joy"})) for n in range(BATCH_SIZE))
        add_tweets(session, tweets)
    number = bulk.draw_sample(store, Filter(text=name), "original", bulk.LEAST, name, OWNER)
    with store.reading() as session:
        sample = [one.tweet_id for one in batches.sample(session, number)]
    shown = {"original": ["joy"], "suggestion": None, "prediction": None}
    events = [
        {"event_id": f"sample {i}", "kind": "decide", "tweet_id": i, "labels": ["joy"], "shown": shown} for i in sample
    ]
    assert not review_card.save_events(store, "batch owner", events).refused
    return number


def batch_faults(store: Store) -> Counter[str]:
    """Errors after killed workers: tweets of a batch accepted twice, or left out."""
    found = Counter[str]()
    with store.reading() as session:
        for batch in batches.everything(session):
            if batch.state not in ("accepted", "checking"):
                found[f"batch left {batch.state}"] += 1
            if batch.state == "accepted":
                outcomes = batches.outcomes(session, batch.id)
                found["tweets of a batch left out"] += BATCH_SIZE - bulk.LEAST - outcomes["accepted"]
    return +found


@contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield folder
