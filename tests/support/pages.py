"""Opens, reads and operates a page without a browser."""

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from db.jobs import get_job
from db.store import Store
from jobs import runner
from tests.support.paths import ROOT
from tests.support.timeouts import TIMEOUT_SECONDS

Started = list[tuple[str, dict[str, Any]]]  # kind and settings of each job

# As in .streamlit/config.toml, which is not read where a test has another working folder.
config.set_option("server.address", "localhost")
# Streamlit reads the metadata of all installed packages at the first run of each AppTest, which takes a second.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
# It also collects garbage in full after every run, itself and through Keras, which takes seconds where other tests of
# the process have loaded TensorFlow. No page loads either.
script_runner.gc = SimpleNamespace(collect=lambda generation: 0)
script_runner._clean_problem_modules = lambda: None
# Tests run in other folders than that of the app's configuration.
config.set_option("server.address", "localhost")


def the_app() -> AppTest:
    """The app, which has not run yet."""
    return AppTest.from_file(str(ROOT / "main.py"), default_timeout=TIMEOUT_SECONDS)


def page_of(script: Callable[..., None], **values: Any) -> AppTest:
    """A page that consists of this function, which has not run yet."""
    return AppTest.from_function(script, default_timeout=TIMEOUT_SECONDS, kwargs=values)


def note_jobs(monkeypatch: pytest.MonkeyPatch) -> Started:
    """A list that collects the jobs started by pages; the jobs are not run."""
    found: Started = []

    def note(store: Store, job_id: int) -> None:
        with store.reading() as session:
            job = get_job(session, job_id)
        found.append((job.kind, dict(job.settings)))

    monkeypatch.setattr(runner, "start", note)
    monkeypatch.setattr(runner, "find_lost", lambda store: None)
    return found


def press(page: AppTest, label: str) -> AppTest:
    """Click the button with this label."""
    return next(button for button in page.button if button.label == label).click().run()


def words(app: AppTest) -> str:
    """All text of a page in one string."""
    found = [*app.title, *app.subheader, *app.markdown, *app.info, *app.error, *app.success, *app.caption, *app.text]
    return "\n".join(str(element.value) for element in found)
