"""Fixtures shared by all tests: a new store, invented tweets, fixed seeds and clean-up."""

import os

# One thread per process, also in the servers and workers that tests start: pytest runs a process per core, and threads
# of small networks and matrices mostly wait for each other. Set before numpy is imported.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
os.environ.update(dict.fromkeys(THREADS, "1"), TOKENIZERS_PARALLELISM="false")

import logging
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from db.store import Store, open_store
from db.tweets import add_tweets
from tests.support import models
from tests.support.databases import copied_store, new_database
from tests.support.paths import ROOT
from tests.support.selection import Selection, is_slow
from tests.support.tweets import TWEETS

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from tests.support.pages import Started


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --quick, which skips slow tests."""
    parser.addoption("--quick", action="store_true", help="no browser, real model, real data or training")


def pytest_configure(config: pytest.Config) -> None:
    """Register `Selection`, which selects the tests."""
    config.pluginmanager.register(Selection(config.getoption("quick")))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Allow networks only in tests marked as slow, so that `make quick` stays quick."""
    models.may_train = is_slow(item)


@pytest.fixture(autouse=True)
def _no_chance_and_no_leftovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    random.seed(0)
    np.random.seed(0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMOCLF_DB", f"sqlite:///{tmp_path / 'emoclf.db'}")
    monkeypatch.setenv("EMOCLF_RUNS", str(tmp_path / "runs"))
    yield
    if cached := sys.modules.get("ui.cached"):  # a page was opened in this process
        cached.shared_store.clear()
        cached.sizes.clear()
    if logs := sys.modules.get("jobs.logs"):
        logs.tear_down()


@pytest.fixture(autouse=True)
def page_faults() -> Iterator[list[str]]:
    """The unexpected errors of pages, which are shown as sentences instead of exceptions; the test fails if any remain.

    A test that expects errors empties the list.
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
    """Use one thread: with a tiny network, more threads only wait for each other."""
    import torch

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty store to copy for `store`: a copy takes a tenth of the time of all migrations."""
    with new_database(tmp_path_factory.mktemp("migrated")) as url:
        open_store(url).close()
        yield url


@pytest.fixture
def store(migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store in its own database."""
    with copied_store(migrated, tmp_path) as url:
        monkeypatch.setenv("EMOCLF_DB", url)
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with four invented tweets: ids 1 to 3 in train, 4 in dev; t2 has a wrong label."""
    with store.writing() as session:
        add_tweets(session, TWEETS)
    return store


@pytest.fixture
def many(store: Store) -> Store:
    """100 invented train tweets, ids 1 to 100, and a dev tweet; the LLM gives love to 1 to 60, BERT joy to 1 to 40."""
    from tests.support.batches import fill

    fill(store)
    return store


@pytest.fixture
def toys(store: Store) -> Store:
    """A store of toy tweets; the first train tweet is a twin of the first dev tweet."""
    from tests.support.models import fill

    fill(store)
    return store


@pytest.fixture
def app(store: Store) -> "AppTest":
    """The app on the store, without a browser."""
    from tests.support.pages import the_app

    return the_app()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> "Started":
    """The jobs started by pages, which are not run."""
    from tests.support.pages import note_jobs

    return note_jobs(monkeypatch)


@pytest.fixture
def on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `AppTest` run a page without the frame, since a redirect to the frame would lose clicks."""
    monkeypatch.setattr("ui.shell.is_around", lambda: True)


@pytest.fixture
def retrain(app: "AppTest", started: "Started", monkeypatch: pytest.MonkeyPatch) -> "Callable[[], AppTest]":
    """Open the Retrain page, whose jobs are not run."""
    # AppTest treats every run as the first after a start, which the guard redirects to the entry point: clicks would be
    # lost.
    monkeypatch.setattr("ui.shell.is_around", lambda: True)

    def opened() -> "AppTest":
        return app.switch_page("pages/retrain.py").run()

    return opened


@pytest.fixture
def semeval() -> Path:
    """The folder with the published SemEval-2018 E-c files; skips if it is absent."""
    folder = Path(os.environ.get("EMOCLF_DATA", ROOT.parent / "shared" / "data")) / "semeval2018"
    if not folder.is_dir():
        pytest.skip(f"no SemEval-2018 files in {folder}; set EMOCLF_DATA to a folder that has semeval2018/")
    return folder


@pytest.fixture
def qwen() -> Path:
    """A folder with real Qwen weights, given by EMOCLF_QWEN; skips if there is none."""
    default = Path.home() / ".cache" / "emoclf-dev-models" / "qwen2.5-coder-0.5b-instruct"
    folder = Path(os.environ.get("EMOCLF_QWEN", default))
    if not folder.is_dir():
        pytest.skip("no Qwen weights; set EMOCLF_QWEN to a checkpoint folder")
    return folder
