"""A whole store that is built once per module, and a copy of it for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.maintenance import backup
from db.store import Store, open_store
from tests.support.databases import SERVER
from tests.support.whole_stores import fill


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a whole store that nobody has open, and its runs."""
    if SERVER:
        pytest.skip("about SQLite alone; EMOCLF_TEST_DB names a server")
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOCLF_RUNS", str(folder / "runs"))
        store = open_store(f"sqlite:///{folder / 'building.db'}")
        fill(store, folder)
        backup(store, folder / "emoclf.db")
        store.close()
    return folder


@pytest.fixture
def whole(built: Path, tmp_path: Path) -> Path:
    """The file of a whole store, with its runs beside it; nobody has it open."""
    shutil.copyfile(built / "emoclf.db", tmp_path / "emoclf.db")
    shutil.copytree(built / "runs", tmp_path / "runs")
    return tmp_path / "emoclf.db"


@pytest.fixture
def opened(whole: Path) -> Iterator[Store]:
    """The whole store, open."""
    store = open_store(f"sqlite:///{whole}")
    yield store
    store.close()
