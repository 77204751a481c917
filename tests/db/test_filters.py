"""Tests of filters: lists contain what was asked for, URLs reproduce them, and invalid ones are reported in words."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from db import filters, flags
from db.decisions import NewDecision, add_decision
from db.jobs import add_job, end_job, get_job
from db.queue import IMPORTED, next_items, set_rank_inputs
from db.store import Store
from db.tweets import add_tweets
from db.values import RankInputs
from emoclf.errors import SettingError
from emoclf.review.filters import Filter, parse
from emoclf.tweets import Tweet
from jobs.review import review_card
from tests.support.command_line import answer
from tests.support.databases import database_at
from tests.support.decisions import card_data, decide
from tests.support.pages import page_of, the_app
from ui import cached

JOY, ANGER, LOVE = frozenset({"joy"}), frozenset({"anger"}), frozenset({"love"})


@pytest.fixture
def labelled(filled: Store) -> Store:
    """Tweet 1: joy love, LLM joy, BERT love. Tweet 2: joy, both say anger. Tweet 3: nobody spoke, ana decided anger."""
    with filled.writing() as session:
        set_rank_inputs(
            session, [RankInputs(1, 0.4, "love", 0.0, JOY, LOVE), RankInputs(2, 0.9, "joy", 0.0, ANGER, ANGER)]
        )
        flags.add_flag(session, "f1", 2, "ana", "sarcasm?")
        flags.add_flag(session, "f2", 1, "ana", "?")
        flags.add_flag(session, "f3", 1, "ana", None)
        add_decision(session, NewDecision("e1", 3, "ana", ANGER))
        add_tweets(session, [Tweet("t5", "100% made up", JOY)])  # 5: after d1, which is 4
    return filled


def listed(store: Store, **fields: str) -> list[int]:
    with store.reading() as session:
        return sorted(item.tweet_id for item in next_items(session, parse(fields)))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, [1, 2, 5]),
        ({"split": "dev"}, [4]),
        ({"emotion": "anger"}, [2]),
        ({"emotion": "anger", "decided": "any"}, [2, 3]),
        ({"emotion": "love", "source": "prediction"}, [1]),
        ({"emotion": "love", "source": "suggestion"}, []),
        ({"emotion": "anger", "source": "decision"}, [3]),
        ({"differ": "original-suggestion"}, [1, 2]),
        ({"differ": "suggestion-prediction"}, [1]),
        ({"differ": "original-suggestion", "emotion": "joy"}, [2]),
        ({"differ": "original-decision"}, [3]),
        ({"doubt": "0.3-0.5"}, [1]),
        ({"doubt": "0.5-1", "emotion": "joy", "source": "original"}, [2]),
        ({"reviewer": "ana"}, [3]),
        ({"reviewer": "ben"}, []),
        ({"decided": "yes"}, [3]),
        ({"flagged": "yes"}, [2]),
        ({"text": "FURIOUS bus"}, [2]),
        ({"text": "#joy puppy"}, [1]),
        ({"text": "pup"}, []),
        ({"text": "🐶"}, [1]),
        ({"text": "100%"}, [5]),
        ({"text": '" OR AND ( *'}, []),
        ({"text": "%"}, [5]),
    ],
)
def test_a_filter_lists_what_it_asks_for_and_counts_the_same(
    labelled: Store, fields: dict[str, str], found: list[int]
) -> None:
    assert listed(labelled, **fields) == found
    with labelled.reading() as session:
        assert [item.tweet_id for item in next_items(session, parse(fields), IMPORTED)] == found
        anywhere = parse({**fields, "decided": "any"})
        assert filters.listed(session, parse(fields)) == len(found)
        assert (
            filters.listed(session, anywhere)
            == filters.count(session, anywhere)
            == len(listed(labelled, **{**fields, "decided": "any"}))
        )
        assert filters.decided(session, anywhere) == len(listed(labelled, **{**fields, "decided": "yes"}))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"emotion": "glee"}, "emotion is 'glee'; it can be anger, "),
        ({"source": "original"}, "no emotion is given"),
        ({"doubt": "0.9-0.1"}, "doubt is '0.9-0.1'; it is two numbers from 0 to 1"),
        ({"doubt": "nan-1"}, "it is two numbers from 0 to 1"),
        ({"differ": "joy"}, "it can be original-suggestion, "),
        ({"colour": "red"}, "a filter has no field 'colour'; it has split, text, "),
    ],
)
def test_an_invalid_filter_is_refused_with_a_message(fields: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError) as problem:
        parse(fields)
    assert sentence in str(problem.value)


def test_an_address_holds_the_whole_filter() -> None:
    wanted = Filter("dev", "a & b", "joy", "original", "original-decision", "0.1-0.5", "Ana", "any", "yes", "fear")
    assert parse(wanted.to_query()) == wanted
    assert parse({"text": " ", "emotion": ""}) == Filter()


def test_a_changed_text_is_found_by_its_new_words(filled: Store) -> None:
    with filled.writing() as session:
        session.execute(text("UPDATE tweets SET text = 'a grumpy kitten' WHERE id = 2"))
    assert listed(filled, text="kitten") == [2]
    assert listed(filled, text="furious") == []


def test_a_filter_can_be_saved_replaced_and_deleted(filled: Store) -> None:
    with filled.writing() as session:
        filters.save(session, "late", Filter(text="late"))
        filters.save(session, "late", Filter(text="too late"))
        assert filters.saved(session) == {"late": Filter(text="too late")}
        filters.forget(session, "late")
        assert filters.saved(session) == {}


def test_a_list_of_decided_tweets_continues_after_each_new_decision(labelled: Store) -> None:
    def ids(done: set[int]) -> list[int]:
        data = card_data(labelled, "ben", Filter(reviewer="ana"), "as imported", 1, done=done)
        return [tweet["id"] for tweet in data["tweets"]]

    assert ids(set()) == [3]
    review_card.save_events(labelled, "ana", [decide("e9", 3, "joy")])
    assert ids({3}) == []


def test_the_command_line_takes_the_same_filter(labelled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "queue", "--emotion", "joy", "--source", "original", "--doubt", "0.5-1")
    assert [item["tweet"] for item in found["items"]] == ["t2"]


@pytest.fixture
def page(labelled: Store) -> AppTest:
    for kept in (cached.shared_store, cached.sizes):
        kept.clear()
    app = the_app()
    app.run()
    return app


def open_with(page: AppTest, **address: str) -> str:
    """All that the review page says under an address."""
    page.query_params.update(address)
    page.switch_page("pages/review.py").run()
    assert not page.exception
    return "\n".join(str(element.value) for element in [*page.text, *page.warning])


def test_a_link_opens_its_list_and_says_how_many_it_finds(page: AppTest) -> None:
    assert "1 tweet: doubt 0.5-1, flagged yes" in open_with(page, flagged="yes", doubt="0.5-1")


def test_an_invalid_link_is_reported_and_the_queue_is_shown(page: AppTest) -> None:
    assert "emotion is 'glee'" in open_with(page, emotion="glee")


@pytest.mark.parametrize("field", ["sample", "batch"])
def test_a_link_to_a_batch_that_the_store_does_not_hold_says_so_and_shows_the_queue(page: AppTest, field: str) -> None:
    assert "this store has no batch 77. The whole queue is shown instead." in open_with(page, **{field: "77"})
    assert not page.error


def test_emotions_without_a_source_are_found_in_a_store_from_before_filters(tmp_path: Path) -> None:
    from db.store import open_store

    rows = (
        "INSERT INTO tweets VALUES (1, 'k1', 'so happy', 'h', 'train', 'imported', 'g', 16, '{}', "
        "'2026-11-01 10:00:00');\n"
        "INSERT INTO queue VALUES (1, 'train', 0.5, 'joy', NULL);\n"
        "INSERT INTO flags VALUES (1, 'f1', 1, 'ana', 'what?', '2026-11-01 10:00:00');\n"
        "INSERT INTO runs SELECT n, 'run', 'dir:x', 'approved', '{}', 13, '0.1.0', 'abc', 'folder', '[0.5]', '[]', "
        "'{}', 12.5, '2026-11-01 11:00:00', 0, 1, NULL FROM (SELECT 1 AS n UNION SELECT 2);\n"
        "INSERT INTO predictions VALUES (1, 1, 1, '[0.1]', 32, '2026-11-01 11:01:00');\n"
        "INSERT INTO predictions VALUES (2, 1, 0, '[0.1]', 16, '2026-11-01 12:01:00');\n"
    )
    old = open_store(database_at("0007", rows, tmp_path))
    for fields in ({"text": "happy"}, {"flagged": "yes"}, {"emotion": "joy"}):
        assert listed(old, **fields) == [1]
    assert listed(old, emotion="love", source="prediction") == [1]  # the older run speaks out of fold
    old.close()


WICKED = "![p](http://evil.test/n.png) **x** <b>"


def shown_as_written(text: str) -> bool:
    """Whether no mark of Markdown stands without a backslash before it."""
    return bool(text) and not re.search(r"(?<!\\)[\[\]*<>`]", text)


def test_the_words_of_an_address_and_the_names_of_filters_are_never_markup(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.writing() as session:
        filters.save(session, WICKED, Filter(emotion="joy", source="original"))

    def choice() -> None:
        import streamlit as st

        from emoclf.environment import database_url
        from ui.cached import shared_store
        from ui.review import filter_form

        st.session_state[filter_form.POPOVER] = True
        filter_form.of_address(shared_store(database_url()))
        filter_form._saved(shared_store(database_url()))

    page = page_of(choice)
    page.query_params["emotion"] = WICKED
    page.run()
    assert not page.exception
    assert "evil.test" in page.warning[0].value
    assert shown_as_written(page.warning[0].value)
    assert shown_as_written(page.button[0].label)
    assert shown_as_written(page.button[1].help)


def test_messages_of_jobs_and_files_are_never_markup(filled: Store) -> None:
    with filled.writing() as session:
        job = get_job(session, add_job(session, "suggest", {"engine": "x"}))
        end_job(session, job, "failed", WICKED, {})

    def bar() -> None:
        from emoclf.environment import database_url
        from ui.cached import shared_store
        from ui.job_bar import job_bar

        job_bar(shared_store(database_url()), "suggest")

    page = page_of(bar).run()
    assert "evil.test" in page.error[0].value
    assert shown_as_written(page.error[0].value)


def test_a_link_to_a_tweet_of_another_split_than_its_list_says_where_the_tweet_is(
    filled: Store, page_faults: list[str]
) -> None:
    def choice() -> None:
        from emoclf.environment import database_url
        from ui.cached import shared_store
        from ui.review import filter_form

        filter_form.ask(shared_store(database_url()), ["train", "dev"], "train")

    page = page_of(choice)
    page.query_params["split"] = "dev"
    page.run()
    text = "The linked tweet is in train, but this is the list of dev. Choose train to see it."
    assert [one.value for one in page.info] == [text]
    page.query_params["split"] = "train"
    assert not page.run().info
    page_faults.clear()  # outside the app there are no pages that could be linked to
