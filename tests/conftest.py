"""Fixtures that many tests share: a fresh store, invented tweets, and a world without chance or leftovers."""

import logging
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from db import commands
from db.store import Store, open_store
from emoclf.tweets import Tweet
from tests.support.databases import new_database
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Server

PATIENCE_MS = 60_000
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # as `one_thread` for torch


@pytest.fixture(autouse=True)
def _no_chance_and_no_leftovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    random.seed(0)
    np.random.seed(0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMOCLF_DB", f"sqlite:///{tmp_path / 'emoclf.db'}")
    monkeypatch.setenv("EMOCLF_RUNS", str(tmp_path / "runs"))
    yield
    if cached := sys.modules.get("ui.cached"):  # a page has been opened in this process
        cached.shared_store.clear()
        cached.sizes.clear()
    if logs := sys.modules.get("jobs.logs"):
        logs.tear_down()


@pytest.fixture(autouse=True)
def page_faults() -> Iterator[list[str]]:
    """The unexpected errors of pages, which show a sentence in place of an exception; a test has to expect them.

    A test that does so empties the list.
    """
    found: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    handler.addFilter(lambda record: "page" in record.getMessage())
    logging.getLogger("jobs.logs").addHandler(handler)
    yield found
    logging.getLogger("jobs.logs").removeHandler(handler)
    assert found == []


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A tiny network has nothing to share out: on a busy machine its threads would only wait for each other."""
    import torch

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store in a database of its own."""
    with new_database(tmp_path) as url:
        monkeypatch.setenv("EMOCLF_DB", url)
        opened = open_store(url)
        yield opened
        opened.close()


TWEETS = (
    Tweet("t1", "so happy about the new puppy!! 🐶 #joy", frozenset({"joy", "love"})),
    Tweet("t2", "the bus is late AGAIN, I am furious", frozenset({"joy"})),
    Tweet("t3", "cannot wait for tomorrow", frozenset({"anticipation", "joy"})),
    Tweet("d1", "I miss my grandmother's kitchen", frozenset({"sadness"}), split="dev"),
)


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with four invented tweets: ids 1 to 3 in train, 4 in dev; t2 has a wrong label."""
    with store.writing() as session:
        commands.add_tweets(session, TWEETS)
    return store


@pytest.fixture
def semeval() -> Path:
    """The folder with the published SemEval-2018 E-c files; skips where it is absent."""
    folder = Path(os.environ.get("EMOCLF_DATA", ROOT.parent / "shared" / "data")) / "semeval2018"
    if not folder.is_dir():
        pytest.skip(f"no SemEval-2018 files in {folder}; set EMOCLF_DATA to a folder that has semeval2018/")
    return folder


@pytest.fixture
def qwen() -> Path:
    """A folder with real Qwen weights, which EMOCLF_QWEN names; skips where there is none."""
    default = Path.home() / ".cache" / "emoclf-dev-models" / "qwen2.5-coder-0.5b-instruct"
    folder = Path(os.environ.get("EMOCLF_QWEN", default))
    if not folder.is_dir():
        pytest.skip("no Qwen weights; set EMOCLF_QWEN to a checkpoint folder")
    return folder


@pytest.fixture
def server(tmp_path: Path) -> "Iterator[Server]":
    """The app in a process of its own, on the store of `store`."""
    from tests.support.browser import Server

    made = Server(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page() -> "Iterator[Page]":
    """A page of a real browser that waits as long as a busy machine needs."""
    from playwright.sync_api import expect

    from tests.support.browser import chromium

    with chromium() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield opened
