"""Tests of the pages with tweets that came without labels."""

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions import NewDecision, add_decision
from db.queue import FIRST, LABELLING
from db.store import Store
from db.tweets import add_tweets
from emoclf.files.reading import Reading
from emoclf.tweets import Tweet
from tests.support.pages import words
from ui import uploads
from ui.shell import PAGES
from ui.unlabelled import FIRST_LABELS, Way


@pytest.fixture
def unlabelled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with three tweets without labels, the first of which is decided."""
    monkeypatch.setattr("ui.shell.is_around", lambda: True)  # as in test_pages
    with store.writing() as session:
        add_tweets(session, [Tweet(f"u{n}", f"text {n}", None) for n in range(3)])
        add_decision(session, NewDecision("e1", 1, "ana", frozenset({"joy"})))
    return store


def opened(app: AppTest, name: str) -> AppTest:
    app.run()
    return app.switch_page(f"pages/{name}.py").run()


@pytest.mark.parametrize("name", [name for name, *_ in PAGES])
def test_every_page_runs_on_a_store_of_tweets_without_labels(app: AppTest, unlabelled: Store, name: str) -> None:
    page = opened(app, name)
    assert not page.exception
    assert not page.error


def test_the_overview_counts_them_apart_and_shows_the_way(app: AppTest, unlabelled: Store) -> None:
    shown = words(opened(app, "overview"))
    assert "train: 3 tweets came without labels, 1 labelled since." in shown
    assert "1 · Label 3" in shown
    assert "3 train; 3 without labels" in shown
    assert "Emotions in the original labels" not in shown


def test_one_step_is_named_as_the_next_and_the_data_page_leads_to_the_same(
    app: AppTest, unlabelled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(app, "overview")
    assert [button.label for button in page.button if button.label == "Next"] == []
    assert [link.proto.label for link in page.get("page_link")] == [
        "Next: Label 3",
        "Open: Train",
        "Open: Label the uncertain",
    ]
    page.session_state["imported"] = [uploads.Taken("t.csv", "t.csv: 3 imported", is_good=True)]
    [link] = page.switch_page("pages/data.py").run().get("page_link")
    assert (link.proto.label, "order=what" in link.proto.query_string) == ("Next: Label 3", True)
    with unlabelled.writing() as session:
        add_tweets(session, [Tweet("t1", "so happy", frozenset({"joy"}))])
    page = opened(app, "overview")
    assert [button.label for button in page.button if button.label == "Next"] == ["Next"]
    assert "Next: Label 3" not in [link.proto.label for link in page.get("page_link")]


def test_a_store_with_labels_has_no_such_way(app: AppTest, filled: Store) -> None:
    assert "without labels" not in words(opened(app, "overview"))


def test_first_label_then_train_then_label_what_brings_most() -> None:
    assert [Way("train", 5, labelled, False).upcoming for labelled in (0, 4, 5)] == [0, 0, 1]
    assert Way("train", 900, FIRST_LABELS, True).upcoming == 2


def test_the_review_starts_with_what_to_label_next_where_no_tweet_has_labels(app: AppTest, unlabelled: Store) -> None:
    assert opened(app, "review").selectbox[0].value == LABELLING


def test_the_review_by_doubt_says_how_many_tweets_have_none(
    app: AppTest, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.shell.is_around", lambda: True)
    with filled.writing() as session:
        add_tweets(session, [Tweet(f"u{n}", f"text {n}", None) for n in range(3)])
    page = opened(app, "review")
    assert page.selectbox[0].value == FIRST
    assert f"Tweets that came without labels: 3 more. The order “{LABELLING}” lists them." in words(page)


def test_the_data_page_says_which_tweets_have_no_labels(app: AppTest, unlabelled: Store) -> None:
    page = opened(app, "data")
    assert list(page.dataframe[0].value["original"]) == ["no labels"] * 3
    assert page.dataframe[0].value["doubt"].isna().all()


def test_an_uploaded_file_of_texts_needs_the_users_word(store: Store) -> None:
    refused = uploads.take(store, "texts.csv", b"text\nso glad\n", None)
    assert (refused.is_good, "--unlabelled" in refused.words) == (False, True)
    taken = uploads.take(store, "texts.csv", b"text\nso glad\n", None, Reading(unlabelled=True))
    assert taken.is_good
    assert taken.words.endswith("The file has 1 tweet without labels.")


def test_the_choice_is_on_the_page(app: AppTest, store: Store) -> None:
    page = opened(app, "data")
    [choice] = [one for one in page.checkbox if one.label == "Tweets without labels (--unlabelled)"]
    assert choice.value is False
