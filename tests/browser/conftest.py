"""Fixtures of the browser tests: a new server for every test, and one shared Chromium that is reset in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import TIMEOUT_MS, ForkServer, Server, chromium, free_port, reset_browser


@pytest.fixture(scope="package")
def port() -> int:
    """The one port of all servers, so that the browser loads the app's files only once."""
    return free_port()


@pytest.fixture(scope="package")
def fork_server() -> Iterator[ForkServer]:
    """The process that forks the servers."""
    started = ForkServer()
    yield started
    started.close()


@pytest.fixture
def server(tmp_path: Path, fork_server: ForkServer, port: int) -> Iterator[Server]:
    """The app in its own process, on the store of `store`."""
    started = Server(tmp_path, fork_server, port)
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="package")
def context(browser: Browser) -> BrowserContext:
    """The browser context, with settings common to all pages."""
    return browser.new_context(viewport={"width": 1280, "height": 900})


@pytest.fixture
def page(context: BrowserContext, port: int) -> Iterator[Page]:
    """A page of a reset browser, with time-outs long enough for a busy machine."""
    opened = context.new_page()
    opened.set_default_timeout(TIMEOUT_MS)
    expect.set_options(timeout=TIMEOUT_MS)
    yield opened
    reset_browser(context, f"http://localhost:{port}")
