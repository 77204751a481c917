"""Tests of agreement between sources: counts computed by hand, and the tweets behind each count."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from db.queue import set_rank_inputs
from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from db.values import RankInputs
from emoclf.labels import EMOTIONS
from emoclf.metrics import calibration
from emoclf.metrics.source_agreement import NO_VALUE, SourceAgreement, agreements, differs
from emoclf.tweets import Tweet
from jobs.doubts import ranking, source_agreement
from jobs.doubts.ranking import Calibrations
from tests.support.pages import words
from ui.review.agreement import table

JOY = EMOTIONS.names.index("joy")
LLM, BERT = ("original", "LLM"), ("original", "BERT")


def test_agreement_counts_tweets_for_which_both_sources_have_a_value() -> None:
    first = np.array([[1], [1], [0], [0], [1], [NO_VALUE]] * 9)
    second = np.array([[1], [0], [1], [0], [NO_VALUE], [1]] * 9)
    [found] = agreements(first, second)
    assert found == SourceAgreement(both=9, first=9, second=9, neither=9)
    assert (found.n, found.differing, found.share, found.kappa) == (36, 18, 0.5, 0.0)
    assert differs(first, second)[:, 0].tolist() == [False, True, True, False, False, False] * 9


def test_kappa_is_that_of_a_table_worked_out_by_hand() -> None:
    # 0.8 agree; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5 would; (0.8 - 0.5) / 0.5
    assert SourceAgreement(both=45, first=5, second=15, neither=35).kappa == pytest.approx(0.6)
    assert SourceAgreement(0, 10, 10, 0).kappa == pytest.approx(-1)
    assert SourceAgreement(70, 0, 0, 0).kappa is None


def test_a_kappa_of_too_few_tweets_or_positives_is_not_reported() -> None:
    assert SourceAgreement(4, 3, 3, 9).kappa is None  # 19 tweets
    assert SourceAgreement(4, 3, 3, 10).kappa is not None
    assert SourceAgreement(3, 3, 3, 900).kappa is None  # 9 of them with the emotion
    assert SourceAgreement(900, 3, 3, 3).kappa is None  # 9 of them without it
    assert "κ –" in table({LLM: [SourceAgreement(3, 3, 3, 900)] * 11}, "dev")
    assert "9 tweets with the emotion are too few to compute kappa" in table(
        {LLM: [SourceAgreement(3, 3, 3, 900)] * 11}, "dev"
    )


@pytest.mark.parametrize("n", [50, 200])
@pytest.mark.simulation
def test_random_suggestions_agree_with_the_originals_no_more_than_chance(store: Store, n: int) -> None:
    """Fitted and measured on the same 50 tweets, kappa would be 0.3."""
    chance, kappas_found, in_sample = np.random.default_rng(0), [], []
    labels = chance.random((n, len(EMOTIONS))) < 0.4
    tweets = [Tweet(f"k{i}", f"words {i}", frozenset(EMOTIONS.decode(labels[[i]])[0])) for i in range(n)]
    with store.writing() as session:
        add_tweets(session, tweets)
    for turn in range(6):
        with store.writing() as session:
            raw = chance.random((n, len(EMOTIONS)))
            add_suggestions(session, f"qwen{turn}", "1", [(i, p.tolist()) for i, p in enumerate(raw, 1)])
        ranking.fit_calibrations(store)
        found = source_agreement.source_labels(store, ranking.load_calibrations(store), "train")
        kappas_found += [one.kappa for one in found.agreements(LLM) if one.kappa is not None]
        fitted = calibration.fit_jointly(raw, labels.astype(int))
        in_sample += [one.kappa or 0 for one in agreements(labels.astype(int), fitted.labels(fitted.apply(raw)))]
    assert len(kappas_found) > 40
    assert abs(np.mean(kappas_found)) < 0.04
    assert np.mean(in_sample) > 0.1


def test_calibration_never_uses_the_labels_of_a_tweets_twin() -> None:
    """Two of every tweet: with a twin in another fold, a calibration would have seen what it is measured on."""
    chance = np.random.default_rng(0)
    raw, labels = (np.repeat(one, 25, axis=0) for one in (chance.random((12, 11)), chance.random((12, 11)) < 0.4))
    groups = [f"group {i // 25}" for i in range(300)]
    found = source_agreement._unfitted(raw, labels.astype(int), groups)
    leaky = source_agreement._unfitted(raw, labels.astype(int), [f"alone {i}" for i in range(300)])
    kappas = [
        np.mean([one.kappa or 0 for one in agreements(labels.astype(int), labels_by_source)])
        for labels_by_source in (found, leaky)
    ]
    assert kappas[0] < 0.1 < kappas[1]


def test_agreement_of_nothing_is_none() -> None:
    assert (SourceAgreement(0, 0, 0, 0).kappa, SourceAgreement(0, 0, 0, 0).share) == (None, None)


@pytest.fixture
def suggested(filled: Store) -> Store:
    """The LLM takes t1 for joy and t3 for nothing; it has not spoken of t2."""
    glad = [0.9 if name == "joy" else 0.1 for name in EMOTIONS.names]
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(1, glad), (3, [0.1] * 11)])
        set_rank_inputs(session, [RankInputs(3, 0.9, "joy"), RankInputs(1, 0.4, "love")])
    return filled


def test_each_count_of_differences_matches_its_tweets(suggested: Store) -> None:
    labels_by_source = source_agreement.source_labels(suggested, Calibrations({}, {}), "train")
    found = dict(zip(EMOTIONS.names, labels_by_source.agreements(LLM), strict=True))
    assert found["joy"] == SourceAgreement(both=1, first=1, second=0, neither=0)
    assert labels_by_source.agreements(BERT)[JOY].n == 0
    for emotion, counts in found.items():
        tweets = source_agreement.differences(suggested, labels_by_source, LLM, emotion, 10)
        assert len(tweets) == counts.differing
    [tweet] = source_agreement.differences(suggested, labels_by_source, LLM, "joy", 10)
    assert tweet.key == "t3"
    assert tweet.labels == {"original": frozenset({"anticipation", "joy"}), "LLM": frozenset()}


def test_the_most_doubtful_differences_come_first(suggested: Store) -> None:
    with suggested.writing() as session:
        add_suggestions(session, "qwen", "1", [(2, [0.1] * 11)])
    labels_by_source = source_agreement.source_labels(suggested, Calibrations({}, {}), "train")
    assert [one.key for one in source_agreement.differences(suggested, labels_by_source, LLM, "joy", 10)] == [
        "t3",
        "t2",
    ]
    assert [one.key for one in source_agreement.differences(suggested, labels_by_source, LLM, "joy", 1)] == ["t3"]


def test_a_split_without_tweets_has_nothing_to_compare(store: Store) -> None:
    labels_by_source = source_agreement.source_labels(store, Calibrations({}, {}), "test")
    assert labels_by_source.agreements(LLM)[JOY].n == 0


def test_every_cell_shows_its_counts_and_links_to_its_tweets() -> None:
    html = table({LLM: [SourceAgreement(45, 5, 15, 1035)] * 11}, "dev")
    assert len(re.findall(r'href="suggest\?split=dev&amp;emotion=\w+&amp;between=original-LLM"', html)) == 11
    assert (
        "joy: only original gives it to 5 tweets, only LLM to 15, both to 45; they agree on 98% of 1,100 tweets" in html
    )
    assert ">20<small>κ 0.81</small>" in html


@pytest.mark.usefixtures("suggested")
def test_the_page_shows_where_the_sources_agree(app: AppTest) -> None:
    app.switch_page("pages/suggest.py").run()
    assert not app.exception
    assert "Cohen's kappa: 1 is full agreement" in words(app)


@pytest.mark.usefixtures("suggested")
@pytest.mark.parametrize("between", ["original-LLM", "original-Qwen"], ids=["now", "of an earlier version"])
def test_the_page_lists_the_tweets_of_the_cell_that_its_address_names(app: AppTest, between: str) -> None:
    app.query_params.update({"emotion": "joy", "between": between, "split": "train"})
    app.switch_page("pages/suggest.py").run()
    assert not app.exception
    assert "original and LLM disagree about joy" in words(app)
    assert "1 of 1 train tweets, the most doubtful first" in words(app)
    [back] = [button for button in app.button if button.label == "Back to Suggest"]
    back.click().run()
    assert "LLM disagree about" not in words(app)
    assert "Agreement between the sources" in words(app)


@pytest.mark.usefixtures("suggested")
@pytest.mark.parametrize("address", [{"emotion": "envy", "between": "original-LLM"}, {"emotion": "joy"}])
def test_an_address_that_names_no_cell_lists_nothing(app: AppTest, address: dict[str, str]) -> None:
    app.query_params.update({"split": "train", **address})
    app.switch_page("pages/suggest.py").run()
    assert not app.exception
    assert "LLM disagree about" not in words(app)
    assert "Agreement between the sources" in words(app)
