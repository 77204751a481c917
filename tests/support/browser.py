"""Starts a real server in its own process, and a real Chromium that can reach only this server."""

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
from tests.support.timeouts import TIMEOUT_SECONDS

TIMEOUT_MS = 1000 * TIMEOUT_SECONDS
NO_CHROMIUM = "no Chromium on this machine; install the package chromium"
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


class ForkServer:
    """A process that has imported the app's dependencies and forks servers, so that each starts fast."""

    def __init__(self) -> None:
        command = [sys.executable, *SERVE, "--fork-server", str(ROOT / "app.py")]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self._answer() == "ready"

    def fork(self, port: int, env: dict[str, str], log: Path) -> psutil.Process:
        """Fork a new server."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"port": port, "env": env, "log": str(log)}) + "\n")
        self.process.stdin.flush()
        return psutil.Process(int(self._answer()))

    def close(self) -> None:
        """End the process and its streams; servers are ended by their own `stop`."""
        self.process.kill()
        with self.process:
            pass

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


class Server:
    """The app on a free port; starting it again with the same folder is a restart."""

    def __init__(self, folder: Path, fork_server: ForkServer | None = None, port: int | None = None) -> None:
        self.folder, self.fork_server = folder, fork_server
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.process: psutil.Process | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.process = self._start(self.folder / "server.log")
        pause = threading.Event()
        for _ in range(10 * TIMEOUT_SECONDS):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=TIMEOUT_SECONDS).close()
                return
            except OSError:
                pause.wait(0.1)
        raise AssertionError((self.folder / "server.log").read_text())

    def _start(self, log: Path) -> psutil.Process:
        if self.fork_server:
            return self.fork_server.fork(self.port, self.environment(), log)
        command = [sys.executable, *SERVE, str(ROOT / "app.py"), str(self.port)]
        with log.open("ab") as output:
            return psutil.Popen(command, env=self.environment(), cwd=ROOT, stdout=output, stderr=output)

    def environment(self) -> dict[str, str]:
        """The server's environment variables."""
        return {
            **os.environ,
            "EMOCLF_DB": f"sqlite:///{self.folder / 'emoclf.db'}",
            "EMOCLF_RUNS": str(self.folder / "runs"),
            "EMOCLF_TEST_MODULES": str(self.folder / "modules.json"),
        }

    def stop(self, signal_sent: signal.Signals = signal.SIGKILL) -> None:
        """Stop the server, by default like a crash."""
        if self.process and self.process.is_running():
            self.process.send_signal(signal_sent)
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
    """A free port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium of this machine; skips if there is none."""
    if (path := chromium_path()) is None:
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def reset_browser(context: BrowserContext, url: str) -> None:
    """Close all pages, and delete all browser data except the cached files of the app."""
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


def second_browser(browser: Browser) -> Browser:
    """A second browser with its own processes, closed at the end of the block."""
    return browser.browser_type.launch(executable_path=chromium_path(), args=FLAGS)


def chromium_path() -> str | None:
    """The path of this machine's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def take_screenshot(page: Page, name: str) -> None:
    """Save a screenshot for people."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def foreign_requests(page: Page, server: Server) -> list[str]:
    """A list that collects requests of the page to other addresses than the app's."""
    urls: list[str] = []
    own = (server.url, f"ws://localhost:{server.port}", "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else urls.append(request.url))
    return urls
