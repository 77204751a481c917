"""Tests of the statistics about reviewers."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from db import shares
from db.store import Store
from emoclf.errors import SettingError
from emoclf.metrics.error_rates import ErrorRate
from emoclf.metrics.reviewer_agreement import alpha, kappas, krippendorff, masi
from jobs.review import review_card, reviewers
from tests.support.decisions import decide, two_differ, undo
from tests.support.pages import words
from tests.support.tweets import TWEETS

JOY, LOVE, BOTH, NONE = (frozenset(labels) for labels in (["joy"], ["love"], ["joy", "love"], []))


def test_kappa_equals_the_value_for_two_readers_and_is_within_its_interval() -> None:
    from sklearn.metrics import cohen_kappa_score

    chance = np.random.default_rng(0)
    first = chance.integers(0, 2, 80)
    second = np.where(chance.random(80) < 0.8, first, 1 - first)
    units = [{"ana": JOY if a else NONE, "ben": JOY if b else NONE} for a, b in zip(first, second, strict=True)]
    found = kappas(units)
    assert set(found) == {"joy"}
    assert found["joy"].value == pytest.approx(cohen_kappa_score(first, second))
    assert found["joy"].low < found["joy"].value < found["joy"].high


def test_alpha_equals_krippendorffs_published_example() -> None:
    """Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", B: binary data, two observers; alpha 0.095."""
    first, second = "0100000000", "1110010010"
    units = [[JOY if a == "1" else NONE, JOY if b == "1" else NONE] for a, b in zip(first, second, strict=True)]
    assert krippendorff(units, np.ones((1, 10)), np.zeros((1, 4))).round(3).tolist() == [0.095]


def two_readers(chance: np.random.Generator, n: int, rate: float, kappa: float) -> list[dict[str, frozenset[str]]]:
    """Tweets that two reviewers decided who agree as far as kappa says and give joy to the same share."""
    truth = chance.random(n) < rate
    both = [np.where(chance.random(n) < np.sqrt(kappa), truth, chance.random(n) < rate) for _ in range(2)]
    return [{"ana": JOY if a else NONE, "ben": JOY if b else NONE} for a, b in zip(*both, strict=True)]


@pytest.mark.parametrize(("n", "rate", "kappa"), [(40, 0.4, 0.5), (60, 0.3, 0.9), (200, 0.15, 0.7)])
@pytest.mark.simulation
def test_the_intervals_of_agreement_contain_the_true_value_in_95_of_100_samples(
    n: int, rate: float, kappa: float
) -> None:
    chance, inside, alphas = np.random.default_rng(1), 0, 0
    for _ in range(150):
        units = two_readers(chance, n, rate, kappa)
        found, sets = kappas(units).get("joy"), alpha(units)
        inside += found is None or found.low <= kappa <= found.high
        alphas += sets is None or sets.low <= kappa <= sets.high
    assert inside / 150 >= 0.91  # three standard errors below 95 %
    assert alphas / 150 >= 0.91


@pytest.mark.parametrize("n", [20, 100])
def test_reviewers_who_always_agreed_may_still_differ_on_the_next_tweet(n: int) -> None:
    units = [{"ana": one, "ben": one} for one in [JOY, LOVE] * (n // 2)]
    for found in (kappas(units)["joy"], alpha(units)):
        assert found is not None
        assert found.value == found.high == 1
        smallest_share = 0.025 ** (1 / n)  # agreement that shows no difference in n tweets in one case of forty
        assert found.low <= 2 * smallest_share - 1 + 0.03  # kappa, where half have the emotion


@pytest.mark.parametrize(("joys", "others"), [(9, 60), (60, 9), (9, 10)])
def test_agreement_is_not_reported_for_too_few_tweets(joys: int, others: int) -> None:
    units = [{"ana": JOY, "ben": JOY}] * joys + [{"ana": NONE, "ben": NONE}] * others
    assert "joy" not in kappas(units)
    assert (alpha(units) is None) == (joys + others < 20)


def test_the_number_of_tweets_counts_only_pairs_with_enough_tweets_of_the_emotion() -> None:
    of_two = [{"ana": JOY, "ben": JOY if i % 4 else NONE} for i in range(30)] + [{"ana": NONE, "ben": NONE}] * 30
    rare = [{"ana": NONE, "cem": NONE}] * 40  # a pair that never speaks of joy
    few = [{"dia": JOY, "eva": JOY}] * 15
    found = kappas(of_two + rare + few)
    assert {emotion: one.n for emotion, one in found.items()} == {"joy": 60}
    assert found["joy"].value == kappas(of_two)["joy"].value


def test_tweets_that_all_decided_blind_are_reported_apart(sixty: Store) -> None:
    for who, last in (("ana", 60), ("ben", 60)):
        events = [decide(f"{who}{i}", i, "joy" if i % 2 else "love", blind=i <= 25) for i in range(1, last + 1)]
        review_card.save_events(sixty, who, events)
    review_card.save_events(sixty, "ben", [decide("again", 1, "fear")])  # no longer blind
    found = reviewers.agreement(sixty)
    assert (found.blind.tweets, found.assisted.tweets) == (24, 36)
    assert found.blind.kappas["joy"].n == 24
    assert found.assisted.named["fear"] == 1


def test_a_subset_is_nearer_than_a_partial_overlap() -> None:
    assert 0 < masi(JOY, BOTH) < masi(BOTH, frozenset({"joy", "fear"})) < masi(JOY, LOVE) == 1


def test_agreement_without_shared_tweets_is_none(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("a1", 1, "joy")])
    found = reviewers.agreement(filled)
    assert [(one.tweets, one.alpha, one.kappas) for one in (found.blind, found.assisted)] == [(0, None, {})] * 2


def test_the_work_of_each_reviewer_is_counted_without_what_was_undone(filled: Store) -> None:
    two_differ(filled)
    review_card.save_events(filled, "ana", [decide("a3", 3, "joy"), undo("u3", "a3")])
    ana, ben = reviewers.report(filled).work
    assert (ana.name, ana.decisions, ana.seconds, ana.accepted) == ("ana", 2, 2.0, {"original": 0.5})
    assert (ben.name, ben.decisions, ben.seconds) == ("ben", 2, 4.0)


def test_an_overlap_outside_0_to_1_is_refused(filled: Store) -> None:
    with pytest.raises(SettingError, match="between 0 and 1"), filled.writing() as session:
        shares.set_overlap(session, 20)


def test_the_interval_of_an_error_rate_contains_the_true_value_in_95_of_100_samples() -> None:
    chance = np.random.default_rng(0)
    inside = 0
    for wrong in chance.binomial(100, 0.05, 2000):
        low, high = ErrorRate(int(wrong), 100).interval
        inside += low <= 0.05 <= high
    assert 0.93 < inside / 2000 < 0.98


def test_changes_are_counted_per_emotion_and_nothing_is_estimated_from_tweets_chosen_for_doubt(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("a1", 1, "joy"), decide("a2", 2, "anger")])
    found = reviewers.repairs(filled, "train")
    assert {emotion: one.changed for emotion, one in found.items() if one.changed} == {"love": 1, "joy": 1, "anger": 1}
    assert (found["joy"].reviewed, found["joy"].estimate.rate) == (2, None)


def test_tweets_drawn_at_random_tell_how_many_originals_are_wrong(filled: Store) -> None:
    events = [decide(f"a{i}", i, *TWEETS[i - 1].original, by_chance=True) for i in (1, 3)]
    review_card.save_events(filled, "ana", [*events, decide("a2", 2, "anger", by_chance=True)])
    rate = reviewers.repairs(filled, "train")["joy"].estimate
    assert (rate.wrong, rate.n) == (1, 3)


def suggested(event_id: str, tweet_id: int, seconds: float, **more: Any) -> dict[str, Any]:
    """A decision that takes what was suggested."""
    shown = {
        "original": [],
        "suggestion": {"id": 1, "by": "qwen", "labels": ["fear"], "probabilities": None},
        "prediction": None,
    }
    return decide(event_id, tweet_id, "fear", seconds=seconds, **{**more, "shown": shown})


@pytest.mark.parametrize(
    ("decisions", "seconds", "blind", "warns"),
    [(30, 1.0, False, True), (30, 3.0, False, False), (5, 1.0, False, False), (30, 1.0, True, False)],
    ids=["fast and always", "not fast", "not often", "blind"],
)
def test_a_reviewer_who_accepts_every_suggestion_unread_is_noticed(
    sixty: Store, decisions: int, seconds: float, blind: bool, warns: bool
) -> None:
    events = [suggested(f"a{i}", i, seconds, blind=blind) for i in range(1, decisions + 1)]
    review_card.save_events(sixty, "ana", events)
    [ana] = reviewers.report(sixty).work
    assert ana.follows is warns


def test_blind_decisions_do_not_count_as_following_a_source(filled: Store) -> None:
    review_card.save_events(filled, "ana", [suggested("a1", 1, 1.0, blind=True)])
    assert reviewers.report(filled).work[0].accepted == {}


def test_a_single_tweet_is_in_the_singular(app: AppTest, filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("a1", 1, "joy", by_chance=True)])
    review_card.save_events(filled, "ben", [decide("b1", 1, "joy", by_chance=True)])
    app.switch_page("pages/reviewers.py").run()
    assert "They use the first" in words(app)
    assert "1 came up at random" in words(app)
    assert "1 tweet was decided with the sources on the screen by two or more reviewers." in words(app)


def test_names_and_tweets_on_the_page_are_never_markup(app: AppTest, filled: Store) -> None:
    review_card.save_events(filled, "**ana** <b>", [decide("a1", 1, "joy")])
    review_card.save_events(filled, "ben", [decide("b1", 1, "fear")])
    app.switch_page("pages/reviewers.py").run()
    assert not any("**ana**" in str(element.value) for element in [*app.markdown, *app.caption])
