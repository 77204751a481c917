"""Tests of the import on the Data page: a preview first, one button that stores it, and a list with undo and move."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from db import summaries
from db.store import Store
from emoclf.labels import EMOTIONS
from jobs.files import import_changes
from jobs.review import review_card
from tests.support.decisions import decide
from tests.support.pages import press, words

pytestmark = pytest.mark.usefixtures("on_its_own")

ZEROS = ",0" * (len(EMOTIONS) - 1)
EMOTION_COLUMNS = ",".join(EMOTIONS.names)
FILE = ("dev.csv", f"ID,Tweet,{EMOTION_COLUMNS}\na1,what a day,1{ZEROS}\na2,rain,7{ZEROS}\n".encode(), "text/csv")
NASTY = "![x](http://evil.example) :red[b] $y$"
OTHER = (f"{NASTY}.csv", f'nr,"{NASTY}",mood\n7,what a day,joy\n8,such rain,sadness\n'.encode(), "text/csv")


@pytest.fixture
def data_page(app: AppTest, store: Store) -> AppTest:
    return app.run().switch_page("pages/data.py").run()


def sizes(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return summaries.sizes(session)


def button(page: AppTest, label: str) -> Button:
    return next(one for one in page.button if one.label == label)


def tables(page: AppTest) -> list[list[dict[str, object]]]:
    return [table.value.to_dict("records") for table in page.dataframe]


def test_a_file_is_previewed_and_nothing_is_stored_before_the_button(data_page: AppTest, store: Store) -> None:
    page = data_page.file_uploader[0].set_value(FILE).run()
    text = words(page)
    assert "comma-separated text, UTF-8; split: dev, from the file name" in text
    assert "Columns: id (ID), tweet (text), anger (emotion)" in text
    assert {one.label: one.value for one in page.metric} == {
        "new": "1",
        "already stored": "0",
        "in conflict with the store": "0",
        "rejected in all": "1",
    }
    rejects, first = tables(page)
    assert rejects == [{"rows": 1, "reason": "anger is '7', expected 0 or 1", "first line": 3}]
    assert [(row["ID"], row["tweet"], row["labels"], row["split"]) for row in first] == [
        ("a1", "what a day", "anger", "dev")
    ]
    assert sizes(store) == {}
    press(page, "Import")
    assert sizes(store) == {"dev": 1}
    assert {one.label: one.value for one in page.metric}["already stored"] == "1"


def test_another_split_shows_in_the_preview_at_once(data_page: AppTest) -> None:
    page = data_page.file_uploader[0].set_value(FILE).run()
    next(one for one in page.button_group if one.label == "Split").set_value("test").run()
    assert "split: test, as chosen" in words(page)


def test_a_file_with_unknown_columns_is_read_once_its_columns_are_chosen(data_page: AppTest, store: Store) -> None:
    page = data_page.file_uploader[0].set_value(OTHER).run()
    assert "has no column" in page.error[0].value
    fields = {box.label: box for box in page.selectbox}
    assert fields["Texts (--text-column)"].options == ["as found", "nr", NASTY.lower(), "mood"]
    fields["Texts (--text-column)"].set_value(NASTY.lower())
    fields["IDs (--id-column)"].set_value("nr")
    fields["Labels (--labels-column)"].set_value("mood").run()
    assert not page.error
    assert f"Columns: nr (ID), {NASTY.lower()} (text), mood (labels)" in words(page)
    press(page, "Import")
    assert sizes(store) == {"train": 2}
    assert import_changes.listing(store)[0].imported_by == page.sidebar.text_input[0].value


def test_the_option_that_a_message_names_is_one_click_away(data_page: AppTest, store: Store) -> None:
    page = data_page.file_uploader[0].set_value(("dev.csv", b"text\nthe bus is late again\n", "text/csv")).run()
    assert "--unlabelled" in page.error[0].value
    press(page, "The file has tweets without labels")
    assert not page.error
    assert tables(page)[0][0]["labels"] == "no labels"
    press(page, "Import")
    assert sizes(store) == {"dev": 1}


def test_a_file_that_cannot_be_read_cannot_be_imported_until_it_can(data_page: AppTest) -> None:
    page = data_page.run()
    assert button(page, "Import").disabled
    page = page.file_uploader[0].set_value(OTHER).run()
    assert button(page, "Import").disabled
    assert "This file cannot be imported as it is read now" in words(page)
    page = page.file_uploader[0].set_value([FILE, OTHER]).run()
    assert not button(page, "Import").disabled
    assert "be imported as it is read now" not in words(page)


def test_the_columns_are_chosen_above_the_rows_they_change(data_page: AppTest) -> None:
    page = data_page.file_uploader[0].set_value(FILE).run()
    shown = [str(getattr(one, "label", "") or getattr(one, "value", "")) for one in page.expander[1]]
    at = [
        shown.index(next(one for one in shown if one.startswith(start)))
        for start in ("Columns:", "Texts (", "The first 1")
    ]
    assert at == sorted(at)


def test_after_an_import_the_page_leads_to_the_step_that_the_overview_names(data_page: AppTest) -> None:
    assert not data_page.get("page_link")
    page = imported(data_page)
    [link] = page.get("page_link")
    assert (link.proto.label, link.proto.page) == ("Next: LLM suggests", "suggest")


def test_one_column_for_two_purposes_is_refused_in_a_sentence(data_page: AppTest) -> None:
    page = data_page.file_uploader[0].set_value(FILE).run()
    for label in ("Texts (--text-column)", "IDs (--id-column)"):
        next(box for box in page.selectbox if box.label == label).set_value("tweet")
    page.run()
    assert "the column 'tweet' is chosen for two things" in page.error[0].value


def test_names_of_files_and_columns_are_never_markup(data_page: AppTest) -> None:
    page = data_page.file_uploader[0].set_value(OTHER).run()
    shown = [*page.markdown, *page.error, *page.caption, *page.success]
    assert not any("![x](" in str(one.value) or ":red[b]" in str(one.value) for one in shown)
    assert not any("![x](" in one.label for one in page.expander)


def imported(page: AppTest) -> AppTest:
    return press(page.file_uploader[0].set_value(FILE).run(), "Import")


def test_an_undo_says_what_it_will_do_and_does_it_once_confirmed(data_page: AppTest, store: Store) -> None:
    page = press(imported(data_page), "Undo this import")
    assert "1 tweet will be removed. Nothing that a person decided is removed." in words(page)
    press(page, "Keep them")
    assert sizes(store) == {"dev": 1}
    press(press(page, "Undo this import"), "Remove 1 tweet")
    assert "1 tweet was removed." in [one.value for one in page.success]
    assert sizes(store) == {}
    [listed] = [rows for rows in tables(page) if rows and "still stored" in rows[0]]
    assert listed[0]["still stored"] == 0
    assert listed[0]["undone"] != ""
    assert "Undone imports: 1" in [one.label for one in page.expander]


def test_undone_imports_are_listed_apart_and_the_split_is_a_short_name_with_its_reason_below(
    data_page: AppTest,
) -> None:
    page = press(press(imported(data_page), "Undo this import"), "Remove 1 tweet")
    press(page, "Import")
    in_force, undone = (rows for rows in tables(page) if rows and "still stored" in rows[0])
    assert [(row["import"], row["split"], "undone" in row) for row in in_force] == [(2, "dev", False)]
    assert [(row["import"], "undone" in row) for row in undone] == [(1, True)]
    assert "Split of import 2: dev, from the file name" in words(page)


def test_an_undo_of_decided_tweets_alone_cannot_be_confirmed(data_page: AppTest, store: Store) -> None:
    page = imported(data_page)
    review_card.save_events(store, "ana", [decide("e1", 1, "joy")])
    press(page, "Undo this import")
    assert "1 tweet stays: 1 decided by a reviewer or in a batch." in words(page)
    assert next(one for one in page.button if one.label == "Remove 0 tweets").disabled


def test_the_tweets_of_an_import_move_to_another_split(data_page: AppTest, store: Store) -> None:
    page = imported(data_page)
    next(one for one in page.button_group if one.label == "Move to").set_value("train").run()
    press(page, "Move")
    assert "1 tweet moved to train." in [one.value for one in page.success]
    assert sizes(store) == {"train": 1}
