"""
Review latency: from the key that saves a tweet to the next tweet painted, in a real browser on a real server.

The time runs from the keydown event in the page to the second animation frame
after it: by then the browser has painted. The last key of each tweet is Enter;
every third tweet has one emotion flipped first. Stores of two sizes, filled with
invented tweets that have a suggestion and a prediction each.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.claims import Claim, run
from db import commands, summaries
from db.store import open_store
from emoclf.labels import EMOTIONS
from emoclf.tweets import Tweet
from jobs import doubts
from tests.browser import Server, chromium

TARGET_MS = 60
WORDS = ("today", "my", "bus", "coffee", "late", "again", "love", "rain", "game", "so", "happy", "sad", "why", "never")
PROBE = """
() => {
  window.painted = [];
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const pressed = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push(performance.now() - pressed)));
  }, true);
}
"""


def measure(quick: bool) -> list[Claim]:
    """One claim per store size."""
    sizes = (7_000,) if quick else (7_000, 200_000)
    return [latency(size, presses=60 if quick else 300) for size in sizes]


def latency(size: int, presses: int) -> Claim:
    """Fill a store, review in it, and take the times."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        fill(Path(folder), size)
        server.start()
        try:
            times, saved = review(server, presses)
        finally:
            server.stop()
    median, p95, worst = np.percentile(times, [50, 95, 100])
    detail = {
        "tweets": size,
        "median_ms": round(median, 1),
        "max_ms": round(worst, 1),
        "presses": len(times),
        "saved": saved,
    }
    return Claim(
        f"p95 from key to next tweet painted, {size:,} tweets", p95, TARGET_MS, "ms", at_most=True, detail=detail
    )


def review(server: Server, presses: int) -> tuple[list[float], int]:
    """Review by keyboard at two tweets a second; the times in milliseconds, and how many decisions the store has."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{server.url}/review")
        page.locator(".tweet").wait_for(timeout=60_000)
        page.evaluate(PROBE)
        for press in range(presses):
            if press % 3 == 0:
                page.keyboard.press("j")
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
        page.get_by_text("saved", exact=True).wait_for(timeout=60_000)
        times = page.evaluate("() => window.painted")
    store = open_store(f"sqlite:///{server.folder / 'emoclf.db'}")
    with store.reading() as session:
        saved = summaries.decided(session, "train")
    store.close()
    return list(times), saved


def fill(folder: Path, size: int) -> None:
    """A store with `size` invented tweets, each with a suggestion."""
    chance = random.Random(0)
    store = open_store(f"sqlite:///{folder / 'emoclf.db'}")
    with store.writing() as session:
        commands.add_tweets(session, tweets(size, chance))
    for chunk in commands.chunks(range(1, size + 1), 2000):
        with store.writing() as session:
            scored = [(i, [chance.random() ** 3 for _ in EMOTIONS.names]) for i in chunk]
            commands.add_suggestions(session, "invented", "1", scored)
    doubts.refresh(store)
    store.close()


def tweets(size: int, chance: random.Random) -> Iterator[Tweet]:
    """Invented tweets of 5 to 20 words."""
    for n in range(size):
        text = " ".join(chance.choices(WORDS, k=chance.randint(5, 20))) + f" {n}"
        yield Tweet(f"k{n}", text, frozenset(chance.sample(EMOTIONS.names, chance.randint(0, 3))))


if __name__ == "__main__":
    run(measure)
