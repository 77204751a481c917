"""A server of its own for every test, and one Chromium for all of them that forgets everything in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import PATIENCE_MS, Nursery, Server, chromium, forget, free_port


@pytest.fixture(scope="package")
def port() -> int:
    """The one port of all servers, so that the browser has to read the app's files only once."""
    return free_port()


@pytest.fixture(scope="package")
def nursery() -> Iterator[Nursery]:
    """What forks the servers."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def server(tmp_path: Path, nursery: Nursery, port: int) -> Iterator[Server]:
    """The app in a process of its own, on the store of `store`."""
    made = Server(tmp_path, nursery, port)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="package")
def context(browser: Browser) -> BrowserContext:
    """What its pages have in common."""
    return browser.new_context(viewport={"width": 1280, "height": 900})


@pytest.fixture
def page(context: BrowserContext, port: int) -> Iterator[Page]:
    """A page of a browser that knows nothing of other tests, and waits as long as a busy machine needs."""
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    forget(context, f"http://localhost:{port}")
