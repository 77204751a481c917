"""A real server in a process of its own, and a real Chromium that looks at it and at nothing else."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.paths import ROOT

SCREENSHOTS = ROOT / "tests" / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Server:
    """The app on a free port; the same folder again after `stop` is a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        env = self.environment()
        command = [sys.executable, "-m", "tests.support.serve", str(ROOT / "app.py"), str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
        pause = threading.Event()
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).close()
                return
            except OSError:
                pause.wait(0.1)
        raise AssertionError((self.folder / "server.log").read_text())

    def environment(self) -> dict[str, str]:
        """What it is started with."""
        return {
            **os.environ,
            "EMOCLF_DB": f"sqlite:///{self.folder / 'emoclf.db'}",
            "EMOCLF_RUNS": str(self.folder / "runs"),
            "EMOCLF_TEST_MODULES": str(self.folder / "modules.json"),
        }

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it, by default as a crash would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait()

    def modules(self) -> set[str]:
        """The names in `sys.modules` of the running app."""
        assert self.process
        found = self.folder / "modules.json"
        found.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        pause = threading.Event()
        while not found.exists():
            pause.wait(0.05)
        return set(json.loads(found.read_text()))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium of the machine; skips where there is none."""
    if (path := installed()) is None:
        pytest.skip("no Chromium on this machine; install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def another(browser: Browser) -> Browser:
    """A second browser with processes of its own; it ends with the first one's block."""
    return browser.browser_type.launch(executable_path=installed(), args=FLAGS)


def installed() -> str | None:
    """Where this machine has a Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def look(page: Page, name: str) -> None:
    """Keep a picture of the page, for people."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def strangers(page: Page, server: Server) -> list[str]:
    """A list that fills with every address the page asks that is not the app's own."""
    asked: list[str] = []
    own = (server.url, f"ws://localhost:{server.port}", "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else asked.append(request.url))
    return asked
