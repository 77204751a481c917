"""Tests of writes from pages: a failed write shows a message, keeps the input, and is stored once when retried."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db import batches, generations, guidelines, shares
from db.decisions import decision_log
from db.generations import Round, Written
from db.jobs import add_job
from db.store import Store
from emoclf.errors import StoreUnavailableError
from emoclf.synthetic.gate_results import GateResult
from jobs.review import bulk, review_card
from tests.support.batches import HAPPY
from tests.support.databases import about_sqlite
from tests.support.decisions import decide
from tests.support.outages import FAILED, away, full_disk
from tests.support.pages import words

pytestmark = about_sqlite


def errors(page: AppTest) -> list[str]:
    return [one.value for one in page.error]


@pytest.mark.usefixtures("on_its_own")
def test_a_settlement_that_fails_keeps_the_labels_and_is_stored_once_when_tried_again(
    app: AppTest, filled: Store
) -> None:
    review_card.save_events(filled, "ana", [decide("a1", 1, "joy")])
    review_card.save_events(filled, "ben", [decide("b1", 1, "fear")])
    page = app.switch_page("pages/reviewers.py").run()
    page.button_group[0].set_value(["trust"]).run()
    settle = next(one for one in page.button if one.label == "Settle and show next")
    with full_disk():
        settle.click().run()
    assert FAILED in errors(page)
    assert "trust" in page.button_group[0].value
    next(one for one in page.button if one.label == "Settle and show next").click().run()
    with filled.reading() as session:
        settled = [row for row in decision_log(session) if row["labels"].split() == ["trust"]]
    assert len(settled) == 1


@pytest.mark.usefixtures("on_its_own")
def test_a_share_that_cannot_be_stored_is_reported_and_stored_when_the_store_is_back(
    app: AppTest, filled: Store
) -> None:
    review_card.save_events(filled, "ana", [decide("a1", 1, "joy")])
    page = app.switch_page("pages/reviewers.py").run()
    with full_disk():
        page.slider[0].set_value(40).run()
    assert FAILED in errors(page)
    assert page.slider[0].value == 40
    page.run()
    with filled.reading() as session:
        assert (errors(page), shares.overlap_share(session)) == ([], 0.4)


@pytest.mark.usefixtures("on_its_own")
def test_a_guideline_that_cannot_be_stored_stays_in_its_fields(app: AppTest, filled: Store) -> None:
    page = app.switch_page("pages/guidelines.py").run()
    page.text_area[0].set_value("Only when it is meant.")
    with full_disk():
        page.button[0].click().run()
    assert "Not saved: " in words(page)
    assert page.text_area[0].value == "Only when it is meant."
    page.button[0].click().run()
    with filled.reading() as session:
        assert any("Only when it is meant." in str(one) for one in guidelines.everything(session).values())


def test_an_interrupted_sample_can_be_drawn_again_under_its_name(many: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = StoreUnavailableError("the disk is full", "the disk is full")

    def fail(*_arguments: Any) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(batches, "add_tweets", fail)
        with pytest.raises(StoreUnavailableError):
            bulk.draw_sample(many, HAPPY, "original", 10, "happy ones", "ana")
    number = bulk.draw_sample(many, HAPPY, "original", 10, "happy ones", "ana")
    with many.reading() as session:
        assert (batches.batch(session, number).name, batches.batch(session, number).state) == ("happy ones", "checking")


def test_a_page_with_an_unavailable_store_says_why_and_tries_again(app: AppTest, filled: Store, tmp_path: Any) -> None:
    page = app.switch_page("pages/guidelines.py").run()
    (tmp_path / "emoclf.db").rename(tmp_path / "elsewhere.db")
    page.run()
    assert any("This page cannot be shown now: the database file is missing" in message for message in errors(page))
    assert "Unsaved decisions are kept in this browser" in words(page)
    (tmp_path / "elsewhere.db").rename(tmp_path / "emoclf.db")
    page.run()
    assert errors(page) == []


def test_what_was_entered_stays_where_the_page_cannot_be_drawn_for_a_while(
    app: AppTest, filled: Store, tmp_path: Any
) -> None:
    page = app.switch_page("pages/synthetic.py").run()
    page.number_input(key="synthetic-target").set_value(123).run()
    with away(tmp_path):
        page.run()
        assert not page.number_input
    page.run()
    assert errors(page) == []
    assert page.number_input(key="synthetic-target").value == 123


def test_the_check_of_synthetic_tweets_continues_when_the_store_is_back(
    app: AppTest, filled: Store, tmp_path: Any
) -> None:
    with filled.writing() as session:
        job = add_job(session, "generate", {})
        gates = [GateResult("format", True)]
        written = Written("my dentist explained each step", frozenset({"trust"}), "trust", "aspirations", {}, gates)
        generations.add_round(session, Round(job, 0, "qwen", "write-1", [], {}, 1, []), [written])
    page = app.switch_page("pages/synthetic.py").run()
    page.button_group[0].set_value("Check").run()
    assert page.button_group[0].value == "Check"
    with away(tmp_path):
        page.run()
        assert errors(page) == []  # the card says that its store is away
        assert page.button_group[0].value == "Check"
    page.run()
    assert page.button_group[0].value == "Check"
