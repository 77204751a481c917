"""Real Qwen weights, a real process, kill -9 in the middle: no tweet twice, none missing."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from db import commands
from db.store import Store
from emoclf.tweets import Tweet
from jobs import runner
from tests.test_jobs import wait_until

ROOT = Path(__file__).resolve().parents[1]
FEELINGS = ("so happy about", "furious with", "afraid of", "in love with", "sad about", "surprised by")
THINGS = ("this bus", "the exam", "my team", "monday", "the weather", "my neighbour", "that film", "the news")


@pytest.mark.real_model
def test_suggestions_killed_half_way_and_started_again_answer_each_tweet_once(store: Store, qwen: Path) -> None:
    tweets = [f"{feeling} {thing} {n}" for n in range(4) for feeling in FEELINGS for thing in THINGS]
    with store.writing() as session:
        commands.add_tweets(session, [Tweet(f"k{i}", words, frozenset()) for i, words in enumerate(tweets)])
    command = [sys.executable, str(ROOT / "cli.py"), "suggest", "--engine", f"dir:{qwen}", "--limit", "150", "--json"]
    first = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(suggested(store)) > 0 or first.poll() is not None)
    first.send_signal(signal.SIGKILL)
    first.wait()
    half = suggested(store)
    assert 0 < len(half) < 150
    again = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    assert json.loads(again.stdout)["suggested"] == 150 - len(half), again.stderr
    assert suggested(store)[: len(half)] == half
    assert len(suggested(store)) == len(set(suggested(store))) == 150
    runner.find_lost(store)


def suggested(store: Store) -> list[int]:
    """The tweets with a suggestion, in the order they got it."""
    with store.reading() as session:
        return list(session.scalars(text("SELECT tweet_id FROM suggestions ORDER BY id")))
