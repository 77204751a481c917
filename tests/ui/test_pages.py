"""Tests of the pages without a browser: each shows its content, and never an exception."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db import filters
from db.decisions import NewDecision, add_decision
from db.jobs import add_job, end_job, get_job
from db.store import Store
from db.suggestions import add_suggestions
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from jobs.files import corpora
from jobs.files.sample import load_sample
from jobs.settings.llm import ENGINES
from tests.support.pages import Started, page_of, press, words
from ui import steps, uploads
from ui.shell import PAGES


@pytest.mark.parametrize("name", [name for name, *_ in PAGES])
@pytest.mark.parametrize("state", ["empty", "filled"])
def test_every_page_runs_on_an_empty_store_and_on_a_full_one(
    app: AppTest, request: pytest.FixtureRequest, name: str, state: str
) -> None:
    if state == "filled":
        request.getfixturevalue("filled")
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    assert not app.error


def test_an_empty_store_is_welcomed_with_the_sample(app: AppTest) -> None:
    app.run()
    assert "Welcome to emoclf" in words(app)
    assert [button.label for button in app.button] == ["Load the sample"]


def test_a_store_that_cannot_be_opened_gives_a_clear_message(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOCLF_DB", "sqlite:////no/such/folder/emoclf.db")
    app.run()
    assert not app.exception
    assert "cannot open sqlite:////no/such/folder/emoclf.db" in app.error[0].value


def test_nobody_reviews_without_a_name(app: AppTest, filled: Store) -> None:
    app.switch_page("pages/review.py").run()
    app.sidebar.text_input[0].set_value("  ").run()
    assert "every decision is stored with the name of its reviewer" in app.sidebar.warning[0].value


def test_a_name_that_was_entered_on_one_page_is_the_reviewer_on_every_page(app: AppTest, filled: Store) -> None:
    app.run()
    app.sidebar.text_input[0].set_value("Bea").run()
    for name in ("data", "suggest", "guidelines"):
        app.switch_page(f"pages/{name}.py").run()
        assert app.sidebar.text_input[0].value == "Bea"
    app.sidebar.text_input[0].set_value("Cleo").run()
    app.switch_page("pages/overview.py").run()
    assert app.sidebar.text_input[0].value == "Cleo"


def test_the_first_step_that_is_not_done_is_the_next(filled: Store) -> None:
    from db import summaries

    def done() -> list[bool]:
        with filled.reading() as session:
            counts = [summaries.counts(session, split) for split in ("train", "dev")]
        return [step.is_done for step in steps.steps(counts, [])]

    assert done() == [True, False, False, False, False]
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(i, [0.5] * len(EMOTIONS)) for i in range(1, 5)])
    assert done() == [True, True, False, False, False]


def test_an_unusable_upload_is_explained_and_the_next_one_is_accepted(store: Store) -> None:
    header = ",".join(["Tweet", *EMOTIONS.names])
    good = f"{header}\nhello there,{','.join('0' * 11)}\nbroken,{','.join('7' * 11)}\n".encode()
    bad, taken = uploads.take(store, "a.csv", b"\xff\xfe", None), uploads.take(store, "b.csv", good, "dev")
    assert (bad.is_good, bad.words.startswith("a.csv is not UTF-8 text")) == (False, True)
    assert (taken.is_good, taken.words) == (
        True,
        "b.csv: 1 imported, 0 already in the store, 1 rejected; split: dev, as chosen.",
    )
    assert b"anger is '7', expected 0 or 1" in taken.rejects


def test_a_file_name_from_the_browser_cannot_leave_its_folder(store: Store, tmp_path: Path) -> None:
    uploads.take(store, "../../outside.csv", b"x", None)
    assert not list(tmp_path.parent.rglob("outside.csv"))


@pytest.fixture
def with_moods(store: Store, tmp_path: Path) -> Store:
    (tmp_path / "moods.tsv").write_text("so quiet\t0\nwhat a din\t1\n")
    corpora.import_corpus(store, tmp_path / "moods.tsv", "moods", ("calm", "cross"), licence="CC0")
    return store


def test_the_data_page_lists_auxiliary_corpora(app: AppTest, with_moods: Store) -> None:
    app.switch_page("pages/data.py").run()
    assert "moods\n2 texts" in words(app)
    assert "calm, cross\nLicence: CC0" in words(app)


def test_an_auxiliary_corpus_can_be_removed_on_the_page(with_moods: Store) -> None:
    def section() -> None:
        from emoclf.environment import database_url
        from ui.cached import shared_store
        from ui.corpora import corpora_section

        corpora_section(shared_store(database_url()))

    app = page_of(section).run()
    app.button(key="remove-moods").click().run()
    assert not app.exception
    assert corpora.listing(with_moods) == []
    assert words(app) == ""


def test_tweets_that_got_no_answer_can_be_asked_again(app: AppTest, filled: Store) -> None:
    with filled.writing() as session:
        job = get_job(session, add_job(session, "suggest", {"engine": "scripted:words"}))
        end_job(session, job, "done", "done", {"suggested": 2, "failed": 2})
    app.switch_page("pages/suggest.py").run()
    assert "2 tweets got no answer in the last request for suggestions." in [warning.value for warning in app.warning]
    assert "Ask again" in [button.label for button in app.button]


def test_an_address_with_a_password_is_refused_on_the_page_and_nothing_starts(
    app: AppTest, filled: Store, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.shell.is_around", lambda: True)  # else a click is lost, see the fixture `retrain`
    uri = "openai:https://me:s3cret@api.example.org/v1#x"
    monkeypatch.setitem(ENGINES, uri, "")  # AppTest can only select what is offered
    page = app.switch_page("pages/suggest.py").run()
    page.selectbox[0].set_value(uri).run()
    press(page, "Start")
    assert "put the key into EMOCLF_OPENAI_KEY" in words(page)
    assert started == []


def test_a_server_that_the_owner_does_not_list_gets_no_tweets(
    app: AppTest, filled: Store, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.shell.is_around", lambda: True)  # else a click is lost, see the fixture `retrain`
    uri = "openai:http://169.254.169.254/v1#x"
    monkeypatch.setitem(ENGINES, uri, "")  # AppTest can only select what is offered
    page = app.switch_page("pages/suggest.py").run()
    page.selectbox[0].set_value(uri).run()
    press(page, "Start")
    assert any("not among the servers that may be used here" in one.value for one in page.text)
    assert started == []


@pytest.mark.processes
def test_a_doubtful_original_label_links_to_its_card_and_shows_its_whole_reason(app: AppTest, store: Store) -> None:
    load_sample(store)
    app.switch_page("pages/suggest.py").run()
    by_model, by_labels = [table for table in app.dataframe if "why" in table.value]
    for listed in (by_model, by_labels):
        assert listed.value["review"].str.startswith("review?tweet=sample-").all()
        assert listed.proto.row_height > 64  # below that Streamlit shows one line and cuts off the rest


def test_a_filter_that_is_named_like_a_split_is_still_a_filter_of_its_own(app: AppTest, filled: Store) -> None:
    with filled.writing() as session:
        filters.save(session, "train", Filter(emotion="joy", source="original"))
    app.switch_page("pages/suggest.py").run()
    [tweets] = [box for box in app.selectbox if box.label == "Tweets"]
    assert tweets.options == ["all", "train", "dev", "filter: train"]


def test_the_export_of_training_labels_says_how_many_were_decided(
    app: AppTest, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.shell.is_around", lambda: True)  # as in test_retrain
    with filled.writing() as session:
        add_decision(session, NewDecision("e1", 2, "ana", frozenset({"anger"})))
    app.switch_page("pages/data.py").run()
    what = next(one for one in app.selectbox if one.label == "Contents")
    assert what.options[0] == "training labels: the decision where there is one, else the original (approved)"
    assert what.options[1] == "training labels of decided tweets only (decided)"
    next(button for button in app.button if button.label == "Prepare the file").click().run()
    assert "Labels: 1 decided, 3 original." in words(app)
