"""Tests of guidelines: built-in texts, edits with author and version, and outdated decisions."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from db import guidelines
from db.decisions import decision_log
from db.guidelines import EditedMeanwhileError
from db.store import Store
from emoclf.errors import LabelError, SettingError, StoreError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.guidelines import BUILT_IN, MAX_CHARACTERS
from jobs.files.exports import export
from jobs.review import guidelines as guiding
from jobs.review import review_card
from tests.support.decisions import card_data, decide
from tests.support.guidelines import GUIDELINE
from tests.support.pages import the_app


def decided_under(store: Store) -> list[int | None]:
    with store.reading() as session:
        return [row["guidelines"] for row in decision_log(session)]


def outdated(store: Store, emotion: str) -> dict[str, tuple[int, int]]:
    return {one.wanted.split: (one.found, one.named) for one in guiding.touched(store, emotion)}


@pytest.mark.parametrize("emotion", EMOTIONS.names)
def test_every_emotion_has_a_definition_two_examples_and_two_counter_examples(emotion: str) -> None:
    one = BUILT_IN[emotion]
    assert len({one.definition, *one.examples, *one.counter_examples}) == 5


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"definition": " "}, "a part of the guideline is empty"),
        ({"examples": ("one",)}, "write a definition, two examples and two counter-examples"),
        ({"counter_examples": ("a", "")}, "a part of the guideline is empty"),
        ({"definition": "x" * (MAX_CHARACTERS + 1)}, "has 281 characters; the most is 280"),
    ],
)
def test_an_incomplete_or_too_long_guideline_is_refused(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        replace(GUIDELINE, **change)


def test_an_edit_is_in_force_for_its_emotion_alone_and_the_older_text_stays(store: Store) -> None:
    assert guiding.edit(store, "joy", GUIDELINE, "ana", 0) == 1
    assert guiding.edit(store, "fear", GUIDELINE, "ana", 0) == 2
    with store.reading() as session:
        now, ever = guidelines.current(session), guidelines.everything(session)["joy"]
        assert guidelines.version(session) == 2
    assert [(one.version, one.text, one.reviewer) for one in ever] == [
        (0, BUILT_IN["joy"], None),
        (1, GUIDELINE, "ana"),
    ]
    assert (now["joy"].version, now["fear"].version, now["love"].text) == (1, 2, BUILT_IN["love"])


def test_saving_the_same_text_again_creates_no_version(store: Store) -> None:
    assert guiding.edit(store, "joy", BUILT_IN["joy"], "ana", 0) == 0
    assert guiding.edit(store, "joy", GUIDELINE, "ana", 0) == 1
    assert guiding.edit(store, "joy", GUIDELINE, "ana", 1) == 1


def test_an_edit_based_on_an_older_text_is_refused_and_names_the_newer_author(store: Store) -> None:
    guiding.edit(store, "joy", GUIDELINE, "ana", 0)
    with pytest.raises(EditedMeanwhileError, match="ana edited the guideline of joy meanwhile") as faster:
        guiding.edit(store, "joy", replace(GUIDELINE, definition="mine"), "ben", 0)
    assert (faster.value.theirs.version, faster.value.theirs.text) == (1, GUIDELINE)
    with store.reading() as session:
        assert guidelines.current(session)["joy"].text == GUIDELINE


def test_an_edit_needs_a_name_and_an_emotion(store: Store) -> None:
    with pytest.raises(SettingError, match="stored with the name of its author"):
        guiding.edit(store, "joy", GUIDELINE, " ", 0)
    with pytest.raises(LabelError):
        guiding.edit(store, "glee", GUIDELINE, "ana", 0)


@pytest.mark.parametrize("statement", ["UPDATE guidelines SET definition = 'x'", "DELETE FROM guidelines"])
def test_the_database_itself_refuses_to_change_or_delete_a_guideline(store: Store, statement: str) -> None:
    guiding.edit(store, "joy", GUIDELINE, "ana", 0)
    with pytest.raises(StoreError, match="only ever added"), store.writing() as session:
        session.execute(text(statement))


def test_a_decision_keeps_the_version_that_was_on_the_screen(filled: Store) -> None:
    guiding.edit(filled, "joy", GUIDELINE, "ana", 0)
    data = card_data(filled, "ana", Filter(), "as imported", 3)
    assert data["guidelines"]["version"] == 1
    assert data["guidelines"]["of"]["joy"]["definition"] == "Also delight."
    seen = {**decide("e1", 1, "joy"), "guidelines": 0}  # the card was filled before the edit
    unsaid = decide("e2", 2, "joy")  # by a page from before there were guidelines
    assert review_card.save_events(filled, "ana", [seen, unsaid]).refused == []
    review_card.decide_tweet(filled, "t3", ["joy"], "ana", "e3")
    assert decided_under(filled) == [0, None, 1]


def test_an_edit_offers_tweets_decided_under_an_older_text_again(filled: Store) -> None:
    for key, labels in (("t1", ["joy"]), ("t2", []), ("d1", ["sadness"])):
        review_card.decide_tweet(filled, key, labels, "ana", key)
    assert outdated(filled, "joy") == {}
    guiding.edit(filled, "joy", GUIDELINE, "ana", 0)
    assert outdated(filled, "joy") == {"train": (2, 2), "dev": (1, 0)}  # t2: the original names joy
    assert outdated(filled, "fear") == {}
    review_card.decide_tweet(filled, "t2", [], "ana", "again")
    assert outdated(filled, "joy") == {"train": (1, 1), "dev": (1, 0)}


def test_exports_name_the_version_of_each_decision_and_hold_every_text(filled: Store, tmp_path: Path) -> None:
    guiding.edit(filled, "joy", GUIDELINE, "ana", 0)
    review_card.decide_tweet(filled, "t1", ["joy"], "ana", "e1")
    export(filled, tmp_path / "log.jsonl", "decisions")
    assert json.loads((tmp_path / "log.jsonl").read_text())["guidelines"] == 1
    assert export(filled, tmp_path / "texts.jsonl", "guidelines") == len(EMOTIONS) + 1
    rows = [json.loads(line) for line in (tmp_path / "texts.jsonl").read_text().splitlines()]
    [edited] = [row for row in rows if row["reviewer"]]
    assert (edited["version"], edited["emotion"], json.loads(edited["examples"])) == (1, "joy", ["yes!!", "best day"])


@pytest.fixture
def page(filled: Store) -> AppTest:
    review_card.decide_tweet(filled, "t1", ["joy"], "ana", "e1")
    app = the_app().run()
    app.query_params["emotion"] = "joy"
    return app.switch_page("pages/guidelines.py").run()


def words(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(one.value) for one in [*app.text, *app.caption])


def save(app: AppTest, definition: str) -> str:
    app.text_area[0].set_value(definition)
    app.button[0].click().run()
    return words(app)


def test_the_page_saves_an_edit_and_links_to_the_affected_tweets(page: AppTest, filled: Store) -> None:
    assert "Every decision in force was made under this version." in words(page)
    assert "Saved. The review card shows the new text from now on." in save(page, "Also glee.")
    [every, named] = page.get("page_link")
    assert every.proto.label == "1 train tweet was decided under an older version"
    assert every.proto.query_string == "split=train&outdated=joy"
    assert named.proto.query_string == "split=train&outdated=joy&emotion=joy"
    with filled.reading() as session:
        assert guidelines.current(session)["joy"].text.definition == "Also glee."
    assert "Not saved: a part of the guideline is empty" in save(page, " ")


def test_the_page_shows_both_texts_if_another_edit_was_saved_first(page: AppTest, filled: Store) -> None:
    guiding.edit(filled, "joy", GUIDELINE, "ben", 0)
    message = save(page, "Also mine.")
    assert (
        "ben edited the guideline of joy meanwhile; your text is not saved yet. Their text:\nAlso delight." in message
    )
    assert page.text_area[0].value == "Also mine."
    with filled.reading() as session:
        assert guidelines.current(session)["joy"].text == GUIDELINE
    save(page, "Also mine.")
    with filled.reading() as session:
        assert [one.text.definition for one in guidelines.everything(session)["joy"]][1:] == [
            "Also delight.",
            "Also mine.",
        ]
