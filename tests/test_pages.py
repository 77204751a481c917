"""The pages, without a browser: each says what it should, and never shows an exception."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db import commands
from db.store import Store
from emoclf.labels import EMOTIONS
from ui import cached, steps
from ui.shell import PAGES

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def app(store: Store) -> AppTest:
    cached.shared_store.clear()
    cached.sizes.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)


def words(app: AppTest) -> str:
    """All that a page says, in one string."""
    found = [*app.title, *app.subheader, *app.markdown, *app.info, *app.error, *app.success, *app.caption, *app.text]
    return "\n".join(str(element.value) for element in found)


@pytest.mark.parametrize("name", [name for name, *_ in PAGES])
@pytest.mark.parametrize("state", ["empty", "filled"])
def test_every_page_runs_on_an_empty_store_and_on_a_full_one(
    app: AppTest, request: pytest.FixtureRequest, name: str, state: str
) -> None:
    if state == "filled":
        request.getfixturevalue("filled")
    app.run()
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    assert not app.error


def test_an_empty_store_is_welcomed_with_the_sample(app: AppTest) -> None:
    app.run()
    assert "Welcome to emoclf" in words(app)
    assert [button.label for button in app.button] == ["Load the sample"]


def test_a_store_that_cannot_be_opened_is_one_sentence(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOCLF_DB", "sqlite:////no/such/folder/emoclf.db")
    app.run()
    assert not app.exception
    assert "cannot open sqlite:////no/such/folder/emoclf.db" in app.error[0].value


def test_nobody_reviews_without_a_name(app: AppTest, filled: Store) -> None:
    app.run()
    app.switch_page("pages/review.py").run()
    app.sidebar.text_input[0].set_value("  ").run()
    assert "every decision is stored with who made it" in app.sidebar.warning[0].value


def test_the_first_step_that_is_not_done_is_the_next(filled: Store) -> None:
    from db import summaries

    def done() -> list[bool]:
        with filled.reading() as session:
            counts = [summaries.counts(session, split) for split in ("train", "dev")]
        return [step.is_done for step in steps.steps(counts, [])]

    assert done() == [True, False, False, False, False]
    with filled.writing() as session:
        commands.add_suggestions(session, "qwen", "1", [(i, [0.5] * len(EMOTIONS)) for i in range(1, 5)])
    assert done() == [True, True, False, False, False]
