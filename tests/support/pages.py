"""Reads and operates a page without a browser."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.jobs import get_job
from db.store import Store
from jobs import runner

Started = list[tuple[str, dict[str, Any]]]  # kind and settings of each job


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
