"""Tests of unexpected errors: a page shows a sentence with an id, and never a traceback."""

import logging
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store import Store
from jobs.paths import program_log
from tests.support.pages import page_of, the_app

TWEET = "the ferry sang all night and nobody slept"
MESSAGE = r"Something unexpected went wrong \(error ([0-9a-f]{6})\)\. The log file (\S+) has the details\."


def plain(markdown: str) -> str:
    """A sentence as it looks: without the backslashes that keep it from being read as Markdown."""
    return re.sub(r"\\(\W|_)", r"\1", markdown)


def error_of(app: AppTest, faults: list[str]) -> tuple[str, str]:
    """The id that the page shows, its only error, and the name of the log file; the fault is then expected."""
    assert not app.exception
    assert len(app.error) == 1
    found = re.fullmatch(MESSAGE, plain(app.error[0].value))
    assert found, app.error[0].value
    assert len(faults) == 1
    faults.clear()
    return found[1], found[2]


def test_a_page_that_fails_unexpectedly_shows_the_id_in_the_log_and_no_traceback(
    store: Store, monkeypatch: pytest.MonkeyPatch, page_faults: list[str]
) -> None:
    def fail(*_: object) -> None:
        raise KeyError(TWEET)

    app = the_app()
    monkeypatch.setattr("ui.reviewer.ask", fail)
    error_id, log = error_of(app.run(), page_faults)
    assert Path(log) == program_log(store.url, "app").absolute()
    written = Path(log).read_text()
    assert f"error {error_id}: the page overview" in written
    assert "in fail" in written
    assert TWEET not in written


def failing_parts() -> None:
    """A page whose button has a callback that fails, and whose fragment fails when its own button is pressed."""
    import streamlit as st

    from emoclf import environment
    from emoclf.errors import DataFileError
    from jobs import logs
    from ui.unexpected import take_over

    take_over()
    logs.configure(environment.database_url(), "app")

    def fail() -> None:
        raise KeyError(" ".join(["the ferry", "sang"]))  # the log has this line of the program

    @st.fragment
    def part() -> None:
        if st.button("fragment"):
            fail()
        if st.button("mendable"):
            raise DataFileError("there is no *file*")

    st.button("callback", on_click=fail)
    part()


@pytest.mark.parametrize("where", ["callback", "fragment"])
def test_a_callback_or_a_fragment_that_fails_unexpectedly_shows_the_id_and_no_traceback(
    store: Store, page_faults: list[str], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = page_of(failing_parts).run()
    next(button for button in app.button if button.label == where).click().run()
    error_id, log = error_of(app, page_faults)
    written, printed = Path(log).read_text(), "".join(capsys.readouterr())
    assert f"error {error_id}: a callback or a fragment of a page" in written
    assert error_id in printed
    assert "the ferry sang" not in written + printed
    assert "exec_func_with_error_handling" not in printed


def test_a_user_error_is_shown_as_its_message_also_in_a_fragment(store: Store) -> None:
    app = page_of(failing_parts).run()
    next(button for button in app.button if button.label == "mendable").click().run()
    assert not app.exception
    assert [plain(error.value) for error in app.error] == ["there is no *file*"]


def test_an_invalid_setting_gives_a_clear_message_on_the_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOCLF_LOG", "loud")
    app = the_app().run()
    assert not app.exception
    assert [plain(error.value) for error in app.error] == ["EMOCLF_LOG is 'loud'; set it to info or debug"]


def test_a_page_that_is_drawn_again_and_again_logs_to_one_file_once(store: Store) -> None:
    app = the_app().run()
    before = list(logging.root.handlers)
    app.run()
    assert logging.root.handlers == before
