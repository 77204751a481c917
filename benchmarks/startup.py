"""
Start-up: the time from the command to the first page painted in an open browser, on an empty store.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.claims import Claim, missing, run
from tests.support.browser import NO_CHROMIUM, Server, chromium, chromium_path

TARGET_SECONDS = 5


def measure(quick: bool) -> list[Claim]:
    """Return the median of a few starts, each on a fresh server and store."""
    if chromium_path() is None:
        missing(NO_CHROMIUM)
    with chromium() as browser:
        seconds = []
        for _ in range(2 if quick else 7):
            page = browser.new_page()
            with tempfile.TemporaryDirectory() as folder:
                server = Server(Path(folder))
                began = time.monotonic()
                server.start()
                page.goto(server.url)
                page.get_by_role("heading", name="Welcome to emoclf").wait_for(timeout=60_000)
                seconds.append(time.monotonic() - began)
                server.stop()
            page.close()
    detail = {"starts": len(seconds), "fastest": round(min(seconds), 2), "slowest": round(max(seconds), 2)}
    name = "seconds from the start command to the first page"
    return [Claim(name, float(np.median(seconds)), TARGET_SECONDS, "s", at_most=True, detail=detail)]


if __name__ == "__main__":
    run(measure)
