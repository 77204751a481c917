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

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

PATIENCE_MS = 1000 * PATIENCE
SERVE = ["-m", "tests.support.serve"]
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


class Nursery:
    """A process that has imported what the app needs, and forks servers: each is new, but starts in no time."""

    def __init__(self) -> None:
        command = [sys.executable, *SERVE, "--nursery", str(ROOT / "app.py")]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self._answer() == "ready"

    def fork(self, port: int, env: dict[str, str], log: Path) -> psutil.Process:
        """A new server."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"port": port, "env": env, "log": str(log)}) + "\n")
        self.process.stdin.flush()
        return psutil.Process(int(self._answer()))

    def close(self) -> None:
        """End it, with its standard streams; its servers are ended by their own `stop`."""
        self.process.kill()
        with self.process:
            pass

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


class Server:
    """The app on a free port; the same folder again after `stop` is a restart."""

    def __init__(self, folder: Path, nursery: Nursery | None = None, port: int | None = None) -> None:
        self.folder, self.nursery = folder, nursery
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.process: psutil.Process | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = self._start(self.folder / "server.log")
        pause = threading.Event()
        for _ in range(10 * PATIENCE):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=PATIENCE).close()
                return
            except OSError:
                pause.wait(0.1)
        raise AssertionError((self.folder / "server.log").read_text())

    def _start(self, log: Path) -> psutil.Process:
        if self.nursery:
            return self.nursery.fork(self.port, self.environment(), log)
        command = [sys.executable, *SERVE, str(ROOT / "app.py"), str(self.port)]
        with log.open("ab") as output:
            return psutil.Popen(command, env=self.environment(), cwd=ROOT, stdout=output, stderr=output)

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
        if self.process and self.process.is_running():
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


def forget(context: BrowserContext, url: str) -> None:
    """Close all pages, and drop what the browser has kept of this address, except its copies of the app's files."""
    for other in context.browser.contexts if context.browser else []:
        if other != context:
            other.close()
    context.set_offline(False)
    context.clear_cookies()
    context.clear_permissions()
    last = context.new_page()
    for page in context.pages:
        if page != last:
            page.close()
    kinds = "cookies,local_storage,indexeddb,service_workers,cache_storage"
    context.new_cdp_session(last).send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": kinds})
    last.close()


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
