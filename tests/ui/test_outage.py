"""Tests of forms during an outage: what was entered is there again once the store can be read or written.

As a browser, `AppTest` sends only the values of fields that are on the page, and those of a form when it is submitted.
"""

import ast
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.testing.v1 import AppTest

from db import filters, shares
from db.runs import get_run
from db.store import Store
from emoclf.labels import EMOTIONS
from jobs.review import review_card
from tests.support.databases import about_sqlite
from tests.support.decisions import decide
from tests.support.outages import FAILED, away, full_disk
from tests.support.pages import Started, press, words
from tests.support.paths import ROOT
from tests.support.runs import add_run
from ui import cached, shell
from ui.review import filter_form

FIELDS = {
    "text_input", "text_area", "number_input", "selectbox", "multiselect", "slider", "select_slider", "radio", "pills",
    "segmented_control", "checkbox", "toggle", "date_input", "time_input", "color_picker", "feedback",
}  # fmt: skip
SOURCES = [path for folder in ("pages", "ui") for path in sorted((ROOT / folder).rglob("*.py"))]


Open = Callable[[str], AppTest]
FILE = ("new.csv", f"Tweet,{','.join(EMOTIONS.names)}\na new day{',0' * len(EMOTIONS)}\n".encode(), "text/csv")


@pytest.fixture
def opened(app: AppTest, monkeypatch: pytest.MonkeyPatch, started: Started) -> Open:
    """Opens a page in its frame by making it the first page, since `AppTest` runs any other one without the frame."""

    def start(name: str) -> AppTest:
        def navigate() -> StreamlitPage:
            return st.navigation(
                [
                    st.Page(shell.PAGES_FOLDER / f"{page}.py", url_path=page, default=page == name)
                    for page, *_ in shell.PAGES
                ]
            )

        monkeypatch.setattr(shell, "navigate", navigate)
        monkeypatch.setattr(shell, "PagesManager", SimpleNamespace(uses_pages_directory=False))
        return app.run()

    return start


def lose_and_find(page: AppTest, folder: Path) -> None:
    """Draw the page twice while its store is away, then once with the store."""
    with away(folder):
        page.run()
        assert any("cannot be shown now" in one.value for one in page.error)
        page.run()
    page.run()
    assert not page.error


def field(fields: Any, label: str) -> Any:
    """The field with this label."""
    return next(one for one in fields if one.label == label)


def persists(call: ast.Call) -> bool:
    """Whether a field has a key and keeps its value while it is not drawn; the URL keeps the value of `follow`."""
    unpacked = [ast.unparse(word.value).split("(")[0] for word in call.keywords if word.arg is None]
    named = {word.arg for word in call.keywords}
    return "follow" in unpacked or ("key" in named and ("PERSISTENT" in unpacked or "persist_state" in named))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_field_of_every_page_keeps_its_value_while_the_page_cannot_be_drawn(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    fields = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in FIELDS]
    assert [f"line {call.lineno}" for call in fields if not persists(call)] == []


@about_sqlite
def test_the_form_of_suggest_keeps_what_was_entered(opened: Open, filled: Store, tmp_path: Path) -> None:
    page = opened("suggest")
    other = field(page.selectbox, "Model").options[1]
    field(page.selectbox, "Model").set_value(other).run()
    field(page.selectbox, "Tweets").set_value("dev").run()
    field(page.number_input, "Maximum number of tweets").set_value(7).run()
    field(page.number_input, "Number of most doubtful tweets").set_value(33).run()
    lose_and_find(page, tmp_path)
    assert field(page.selectbox, "Model").value == other
    assert field(page.selectbox, "Tweets").value == "dev"
    assert field(page.number_input, "Maximum number of tweets").value == 7
    assert field(page.number_input, "Number of most doubtful tweets").value == 33


@about_sqlite
def test_the_forms_of_data_keep_the_chosen_file_and_settings(opened: Open, filled: Store, tmp_path: Path) -> None:
    page = opened("data")
    page.file_uploader[0].set_value(FILE).run()
    field(page.button_group, "Split").set_value("dev").run()
    field(page.selectbox, "Contents").set_value("decisions").run()
    lose_and_find(page, tmp_path)
    assert [one.name for one in page.file_uploader[0].value] == ["new.csv"]  # drawn before the store is read
    assert field(page.button_group, "Split").value == "dev"
    assert field(page.selectbox, "Contents").value == "decisions"


@about_sqlite
@pytest.mark.usefixtures("on_its_own")
def test_a_file_that_cannot_be_stored_can_be_imported_again(app: AppTest, filled: Store) -> None:
    page = app.switch_page("pages/data.py").run()
    page.file_uploader[0].set_value(FILE).run()
    with full_disk():
        press(page, "Import")
        assert [one.value for one in page.success] == []
        assert len(page.error) == 1
    press(page, "Import")
    [words] = [one.value for one in page.success]
    assert words.startswith("new.csv: 1 imported, 0 already in the store, 0 rejected; split: train")


@about_sqlite
def test_the_form_of_retrain_keeps_what_was_entered(opened: Open, toys: Store, tmp_path: Path) -> None:
    page = opened("retrain")
    field(page.text_input, "Base model").set_value("dir:/somewhere").run()
    field(page.number_input, "Learning rate").set_value(0.001).run()
    field(page.checkbox, "Then predict every tweet, for the review").set_value(False).run()
    lose_and_find(page, tmp_path)
    assert field(page.text_input, "Base model").value == "dir:/somewhere"
    assert field(page.number_input, "Learning rate").value == 0.001
    assert field(page.checkbox, "Then predict every tweet, for the review").value is False


@about_sqlite
def test_the_form_of_bulk_accept_keeps_what_was_entered(opened: Open, many: Store, tmp_path: Path) -> None:
    page = opened("bulk")
    page.radio[0].set_value("suggestion").run()
    field(page.text_input, "Name of the batch").set_value("mine").run()
    lose_and_find(page, tmp_path)
    assert page.radio[0].value == "suggestion"
    assert field(page.text_input, "Name of the batch").value == "mine"


@about_sqlite
def test_a_guideline_that_is_saved_during_an_outage_stays_in_its_fields(
    opened: Open, filled: Store, tmp_path: Path
) -> None:
    page = opened("guidelines")
    page.text_area[0].set_value("Only when it is meant.")
    with away(tmp_path):
        press(page, "Save")
        assert not page.text_area
        page.run()
    page.run()
    assert "Not saved: " in words(page)
    assert page.text_area[0].value == "Only when it is meant."


@pytest.fixture
def review(opened: Open, filled: Store) -> AppTest:
    """The review page with an open filter form."""
    page = opened("review")
    page.session_state[filter_form.POPOVER] = True
    return page.run()


@about_sqlite
def test_the_filter_form_stays_on_the_page_so_that_nothing_entered_is_lost(review: AppTest, tmp_path: Path) -> None:
    with away(tmp_path):
        for _ in range(2):
            cached.sizes.clear()
            review.run()
            assert not review.error
            assert field(review.selectbox, "Emotion").options
        field(review.text_input, "Words in the tweet").set_value("happy")
        press(review, "Show")
    assert review.query_params["text"] == "happy"


@about_sqlite
@pytest.mark.usefixtures("on_its_own")
def test_the_name_of_a_filter_that_cannot_be_saved_stays_in_its_field(app: AppTest, filled: Store) -> None:
    app.query_params["text"] = "happy"
    page = app.switch_page("pages/review.py").run()
    field(page.text_input, "Name").set_value("good mood")
    with full_disk():
        press(page, "Save this filter")
        assert FAILED in [one.value for one in page.error]
        assert field(page.text_input, "Name").value == "good mood"
    press(page, "Save this filter")
    assert field(page.text_input, "Name").value == ""
    with filled.reading() as session:
        assert list(filters.saved(session)) == ["good mood"]


def test_a_filter_that_was_shown_and_cleared_leaves_empty_fields(review: AppTest) -> None:
    field(review.text_input, "Words in the tweet").set_value("happy")
    press(review, "Show")
    press(review, "Clear")
    review.session_state[filter_form.POPOVER] = True
    review.run()
    assert field(review.text_input, "Words in the tweet").value == ""


@about_sqlite
@pytest.mark.usefixtures("on_its_own")
def test_a_name_that_a_run_cannot_be_given_stays_in_its_field(app: AppTest, filled: Store, started: Started) -> None:
    add_run(filled, name="first")
    page = app.switch_page("pages/retrain.py").run()
    field(page.text_input, "Name").set_value("best").run()
    with full_disk():
        press(page, "Rename")
        assert field(page.text_input, "Name").value == "best"
    press(page, "Rename")
    with filled.reading() as session:
        assert get_run(session, 1).name == "best"
    field(page.text_input, "Name").set_value("first").run()
    press(page, "Rename")
    assert field(page.text_input, "Name").value == "first"


def test_a_share_that_is_moved_back_is_stored_as_what_it_was(opened: Open, filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("a1", 1, "joy")])
    page = opened("reviewers")
    start = page.slider[0].value
    page.slider[0].set_value(40).run()
    page.run()
    page.slider[0].set_value(start).run()
    page.run()
    assert page.slider[0].value == start
    with filled.reading() as session:
        assert shares.overlap_share(session) == start / 100
