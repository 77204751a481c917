"""Agreement: how far two sources agree is counted as by hand, and behind every count stand its tweets."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from db import commands
from db.store import Store
from db.values import Standing
from emoclf.agreement import SILENT, Agreement, agreements, differs
from emoclf.labels import EMOTIONS
from jobs import agreeing
from jobs.doubts import Calibrations
from tests.test_pages import app, words
from ui.agreement import table

__all__ = ["app"]  # a fixture
JOY = EMOTIONS.names.index("joy")
QWEN, BERT = ("original", "Qwen"), ("original", "BERT")


def test_agreement_counts_tweets_of_which_both_speak() -> None:
    first = np.array([[1], [1], [0], [0], [1], [SILENT]])
    second = np.array([[1], [0], [1], [0], [SILENT], [1]])
    [found] = agreements(first, second)
    assert found == Agreement(both=1, first=1, second=1, neither=1)
    assert (found.n, found.differing, found.share, found.kappa) == (4, 2, 0.5, 0.0)
    assert differs(first, second)[:, 0].tolist() == [False, True, True, False, False, False]


def test_kappa_is_that_of_a_table_worked_out_by_hand() -> None:
    # 0.8 agree; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5 would; (0.8 - 0.5) / 0.5
    assert Agreement(both=45, first=5, second=15, neither=35).kappa == pytest.approx(0.6)
    assert Agreement(0, 5, 5, 0).kappa == pytest.approx(-1)
    assert Agreement(7, 0, 0, 0).kappa is None
    assert (Agreement(0, 0, 0, 0).kappa, Agreement(0, 0, 0, 0).share) == (None, None)


@pytest.fixture
def spoken(filled: Store) -> Store:
    """Qwen takes t1 for joy and t3 for nothing; it has not spoken of t2."""
    glad = [0.9 if name == "joy" else 0.1 for name in EMOTIONS.names]
    with filled.writing() as session:
        commands.add_suggestions(session, "qwen", "1", [(1, glad), (3, [0.1] * 11)])
        commands.set_standings(session, [Standing(3, 0.9, "joy"), Standing(1, 0.4, "love")])
    return filled


def test_each_count_of_differences_is_that_of_its_tweets(spoken: Store) -> None:
    said = agreeing.said(spoken, Calibrations({}, {}), "train")
    found = dict(zip(EMOTIONS.names, said.agreements(QWEN), strict=True))
    assert found["joy"] == Agreement(both=1, first=1, second=0, neither=0)
    assert said.agreements(BERT)[JOY].n == 0
    for emotion, counts in found.items():
        tweets = agreeing.differences(spoken, said, QWEN, emotion, 10)
        assert len(tweets) == counts.differing
    [tweet] = agreeing.differences(spoken, said, QWEN, "joy", 10)
    assert tweet.key == "t3"
    assert tweet.labels == {"original": frozenset({"anticipation", "joy"}), "Qwen": frozenset()}


def test_the_most_doubtful_differences_come_first(spoken: Store) -> None:
    with spoken.writing() as session:
        commands.add_suggestions(session, "qwen", "1", [(2, [0.1] * 11)])
    said = agreeing.said(spoken, Calibrations({}, {}), "train")
    assert [one.key for one in agreeing.differences(spoken, said, QWEN, "joy", 10)] == ["t3", "t2"]
    assert [one.key for one in agreeing.differences(spoken, said, QWEN, "joy", 1)] == ["t3"]


def test_a_split_without_tweets_has_nothing_to_compare(store: Store) -> None:
    said = agreeing.said(store, Calibrations({}, {}), "test")
    assert said.agreements(QWEN)[JOY].n == 0


def test_every_cell_says_its_counts_and_leads_to_its_tweets() -> None:
    html = table({QWEN: [Agreement(45, 5, 15, 1035)] * 11}, "dev")
    assert len(re.findall(r'href="suggest\?split=dev&amp;emotion=\w+&amp;between=original-Qwen"', html)) == 11
    assert "joy: original alone says it of 5 tweets, Qwen alone of 15, both of 45; they agree on 98%" in html
    assert ">20<small>κ 0.81</small>" in html


@pytest.mark.usefixtures("spoken")
def test_the_page_shows_where_the_sources_agree(app: AppTest) -> None:
    app.run()
    app.switch_page("pages/suggest.py").run()
    assert not app.exception
    assert "Cohen's kappa: 1 where they always agree" in words(app)


@pytest.mark.usefixtures("spoken")
def test_the_page_lists_the_tweets_of_the_cell_that_its_address_names(app: AppTest) -> None:
    app.query_params.update({"emotion": "joy", "between": "original-Qwen", "split": "train"})
    app.run()
    app.switch_page("pages/suggest.py").run()
    assert not app.exception
    assert "original and Qwen differ about joy" in words(app)
    assert "1 of 1 train tweets, the most doubtful first" in words(app)
    [back] = [button for button in app.button if button.label == "All that Suggest shows"]
    back.click().run()
    assert "Qwen differ about" not in words(app)
    assert "Where the sources agree" in words(app)


@pytest.mark.usefixtures("spoken")
@pytest.mark.parametrize("address", [{"emotion": "envy", "between": "original-Qwen"}, {"emotion": "joy"}])
def test_an_address_that_names_no_cell_lists_nothing(app: AppTest, address: dict[str, str]) -> None:
    app.query_params.update({"split": "train", **address})
    app.run()
    app.switch_page("pages/suggest.py").run()
    assert not app.exception
    assert "Qwen differ about" not in words(app)
    assert "Where the sources agree" in words(app)
