"""A stress test with simulated reviewers on one SQLite file, a reader, and a server that is killed repeatedly."""

import http.client
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db.decisions import decision_log
from db.store import Store
from db.tweets import add_tweets, ids_by_key, labelled_tweets
from emoclf.labels import EMOTIONS
from emoclf.tweets import LabelledTexts, Tweet
from tests.support.browser import ROOT, free_port
from tests.support.timeouts import TIMEOUT_SECONDS

POLL_SECONDS = 0.05


def labels_of(tweet_id: int) -> list[str]:
    """The labels each reviewer gives a tweet, different for neighbouring tweets so that a mix-up is detected."""
    return EMOTIONS.ordered(EMOTIONS.from_mask(tweet_id % 2047))


@dataclass
class Outcome:
    """The events, their results, and the durations of commits."""

    events: dict[str, int] = field(default_factory=dict)  # event -> tweet
    refused: list[dict[str, Any]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # per commit
    kills: int = 0
    reads: int = 0
    fault: str = ""  # an error of the server, which ends the run


class SimulatedReviewers:
    """Reviewers in threads; each outbox survives the server, as in a browser."""

    def __init__(self, store: Store, reviewers: int, decisions: int, kills: int) -> None:
        self.store, self.reviewers, self.each, self.kills = store, reviewers, decisions // reviewers, kills
        self.port, self.outcome = free_port(), Outcome()
        self.lock, self.stopped = threading.Condition(), threading.Event()
        self.server: subprocess.Popen[bytes] | None = None

    def run(self) -> Outcome:
        """Let reviewers decide, kill and restart the server after equal shares of the work, and read all the time."""
        reader = threading.Thread(target=self._read)
        reviewers = [threading.Thread(target=self._review, args=(f"reviewer {n}",)) for n in range(self.reviewers)]
        self._start()
        for thread in (reader, *reviewers):
            thread.start()
        total = self.reviewers * self.each
        for kill in range(1, self.kills + 1):
            with self.lock:
                wanted = kill / (self.kills + 1) * total
                self.lock.wait_for(lambda wanted=wanted: self.outcome.fault or len(self.outcome.seconds) >= wanted)
            self._kill()
            self._start()
        for thread in reviewers:
            thread.join()
        self.stopped.set()
        reader.join()
        self._kill()
        self.outcome.kills = self.kills
        if self.outcome.fault:
            raise AssertionError(self.outcome.fault)
        return self.outcome

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.support.simulated_reviewers_server", self.store.url, str(self.port)]
        self.server = subprocess.Popen(command, cwd=ROOT)

    def _kill(self) -> None:
        assert self.server
        self.server.kill()
        self.server.wait()

    def _read(self) -> None:
        """Read all labels, as a training does."""
        while not self.stopped.is_set():
            with self.store.reading() as session:
                labelled_tweets(session, ["train"])
            self.outcome.reads += 1

    def _review(self, name: str) -> None:
        outbox: list[dict[str, Any]] = []
        decided = 0
        tweets: list[int] = []
        while (decided < self.each or outbox) and not self.outcome.fault:
            if tweets and decided < self.each and not outbox:
                event = self._decide(name, tweets.pop(0))
                outbox, decided = [event], decided + 1
            if (answer := self._send(name, outbox)) is None:
                continue
            settled = {*answer["acknowledged"], *(one["event_id"] for one in answer["refused"])}
            with self.lock:
                self.outcome.refused += answer["refused"]
                self.outcome.seconds += [answer["seconds"]] * bool(settled)
                self.lock.notify_all()
            outbox = [event for event in outbox if event["event_id"] not in settled]
            tweets = answer["tweets"]

    def _decide(self, name: str, tweet_id: int) -> dict[str, Any]:
        event_id = f"{name}/{tweet_id}/{len(self.outcome.events)}"
        with self.lock:
            self.outcome.events[event_id] = tweet_id
        return {
            "event_id": event_id,
            "kind": "decide",
            "tweet_id": tweet_id,
            "seen": None,
            "labels": labels_of(tweet_id),
            "shown": {"original": [], "suggestion": None, "prediction": None},
        }

    def _send(self, name: str, outbox: list[dict[str, Any]]) -> dict[str, Any] | None:
        """The server's answer; None if it is down after a kill, or cannot write now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", "/", json.dumps({"reviewer": name, "outbox": outbox}))
            answer = dict(json.loads(connection.getresponse().read()))
            if "away" in answer:
                self.stopped.wait(POLL_SECONDS)
                return None
            if "fault" not in answer:
                return answer
            with self.lock:
                self.outcome.fault = answer["fault"]
                self.lock.notify_all()
            return None
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            self.stopped.wait(POLL_SECONDS)
            return None
        finally:
            connection.close()


def fill(store: Store, tweets: LabelledTexts) -> None:
    """Add these invented tweets to train."""
    labelled = zip(tweets.texts, EMOTIONS.decode(tweets.labels), strict=True)
    with store.writing() as session:
        add_tweets(session, (Tweet(f"k{i}", words, labels) for i, (words, labels) in enumerate(labelled)))


def log(store: Store) -> list[dict[str, Any]]:
    """The decision log."""
    with store.reading() as session:
        return list(decision_log(session))


def faults(store: Store, outcome: Outcome) -> dict[str, int]:
    """Count decisions that are lost, duplicated, on the wrong tweet, or on another reviewer's tweet."""
    with store.reading() as session:
        ids = ids_by_key(session, [f"k{i}" for i in range(len(labelled_tweets(session, ["train"])))])
    rows = log(store)
    stored = {row["event_id"]: row for row in rows}
    wrong = [
        event
        for event, tweet in outcome.events.items()
        if event in stored
        and (ids[stored[event]["ID"]], stored[event]["labels"]) != (tweet, " ".join(labels_of(tweet)))
    ]
    return {
        "lost": len(outcome.events.keys() - stored.keys()),
        "stored twice": len(rows) - len(stored),
        "on the wrong tweet": len(wrong),
        "decided by two": len(rows) - len({row["ID"] for row in rows}),
        "refused": len(outcome.refused),
    }


def database(folder: Path) -> str:
    """The URL of a database in a folder."""
    return f"sqlite:///{folder / 'emoclf.db'}"
