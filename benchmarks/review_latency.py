"""
Review latency: from the key that saves a tweet until the next tweet is painted, in a real browser and server.

The time runs from the keydown event in the page to the second animation frame after it, when the browser has painted.
The last key of each tweet is Enter; every third tweet has one emotion flipped first. Stores have three sizes, with
invented tweets that have one suggestion each. Each is measured with one reviewer alone, and with ten others who decide
a tweet every second, each in a browser profile and session of their own.
"""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Browser, Page

from benchmarks.claims import Claim, missing, run
from db import summaries
from db.chunking import chunks
from db.queue import set_rank_inputs
from db.store import open_store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from db.values import RankInputs
from emoclf.labels import EMOTIONS
from emoclf.tweets import Tweet
from tests.support.browser import NO_CHROMIUM, Server, chromium, chromium_path, second_browser
from ui.reviewer import COOKIE

TARGET_MS, OTHERS = 60, 10
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


AUTO_REVIEWER = """
() => setInterval(
  () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, composed: true })),
  1000,
)
"""


def measure(quick: bool) -> list[Claim]:
    """Return two claims per store size: one reviewer alone, and with others."""
    if chromium_path() is None:
        missing(NO_CHROMIUM)
    sizes = (7_000,) if quick else (7_000, 200_000, 1_000_000)
    return [claim for size in sizes for claim in latency(size, presses=20 if quick else 300)]


def latency(size: int, presses: int) -> list[Claim]:
    """Fill a store, review in it, and measure the times."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        fill(Path(folder), size)
        server.start()
        try:
            return [claim(server, size, presses, others) for others in (0, OTHERS)]
        finally:
            server.stop()


def claim(server: Server, size: int, presses: int, others: int) -> Claim:
    """Return the p95 of the times with this many other reviewers."""
    before = decided(server)
    times = review(server, presses, others)
    median, p95, worst = np.percentile(times, [50, 95, 100])
    detail = {
        "tweets": size,
        "median_ms": round(median, 1),
        "max_ms": round(worst, 1),
        "presses": len(times),
        "saved": decided(server) - before,
    }
    others_note = f", {others} others at work" if others else ""
    what = f"p95 from key to next tweet painted, {size:,} tweets{others_note}"
    return Claim(what, p95, TARGET_MS, "ms", at_most=True, detail=detail)


def review(server: Server, presses: int, others: int) -> list[float]:
    """Review by keyboard at two tweets per second; return the times in milliseconds."""
    with chromium() as browser:
        others_browser = second_browser(browser)
        for n in range(others):
            open_review(others_browser, server, f"other {n}").evaluate(AUTO_REVIEWER)
        page = open_review(browser, server, "measured")
        page.evaluate(PROBE)
        for press in range(presses):
            if press % 3 == 0:
                page.keyboard.press("j")
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
        page.get_by_text("saved", exact=True).wait_for(timeout=60_000)
        return list(page.evaluate("() => window.painted"))


def open_review(browser: Browser, server: Server, reviewer: str) -> Page:
    """Open the review page in a browser profile of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": COOKIE, "value": quote(reviewer), "url": server.url}])
    page = context.new_page()
    page.goto(f"{server.url}/review")
    page.locator(".tweet").wait_for(timeout=120_000)
    return page


def decided(server: Server) -> int:
    """Return the number of current decisions in the store."""
    store = open_store(f"sqlite:///{server.folder / 'emoclf.db'}")
    with store.reading() as session:
        found = summaries.decided(session, "train")
    store.close()
    return found


def fill(folder: Path, size: int) -> None:
    """Create a store with `size` invented tweets, each with a suggestion."""
    rng = random.Random(0)
    store = open_store(f"sqlite:///{folder / 'emoclf.db'}")
    with store.writing() as session:
        add_tweets(session, tweets(size, rng))
    for chunk in chunks(range(1, size + 1), 2000):
        with store.writing() as session:
            scored = [(i, [rng.random() ** 3 for _ in EMOTIONS.names]) for i in chunk]
            add_suggestions(session, "invented", "1", scored)
        with store.writing() as session:
            rank_inputs = [RankInputs(i, rng.random(), rng.choice(EMOTIONS.names)) for i in chunk]
            set_rank_inputs(session, rank_inputs)
    store.close()


def tweets(size: int, rng: random.Random) -> Iterator[Tweet]:
    """Yield invented tweets of 5 to 20 words."""
    for n in range(size):
        text = " ".join(rng.choices(WORDS, k=rng.randint(5, 20))) + f" {n}"
        yield Tweet(f"k{n}", text, frozenset(rng.sample(EMOTIONS.names, rng.randint(0, 3))))


if __name__ == "__main__":
    run(measure)
