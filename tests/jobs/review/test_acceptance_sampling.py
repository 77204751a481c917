"""Tests of samples in bulk accept: random, checked blind, with a valid and tight bound for the rest."""

from functools import cache
from itertools import product
from math import comb
from typing import Any

import numpy as np
import pytest

from db import batches, leases, shares
from db.store import Store
from emoclf.errors import SettingError
from emoclf.metrics.acceptance_sampling import Sample
from emoclf.progress import drain
from emoclf.review.filters import Filter
from jobs.review import review_card
from jobs.review.accept import accept
from jobs.review.bulk import batch_progress, draw_sample, drop, name_for, next_sample, offer, open_batch
from jobs.review.undo import undo
from tests.support.batches import HAPPY, SIZE, check, drawn, sample_of
from tests.support.decisions import card_data, decide


def chance_of(tweets: int, n: int, wrong: int, k: int) -> float:
    """How likely exactly k of a sample of n are wrong, where `wrong` of all tweets are."""
    return comb(wrong, k) * comb(tweets - wrong, n - k) / comb(tweets, n)


@pytest.mark.parametrize(("tweets", "n"), list(product((12, 60), (1, 5, 11))))
@pytest.mark.simulation
def test_the_bound_is_too_low_in_at_most_one_case_in_twenty(tweets: int, n: int) -> None:
    for wrong in range(tweets + 1):
        shown = range(max(0, n - (tweets - wrong)), min(n, wrong) + 1)
        missed = sum(chance_of(tweets, n, wrong, k) for k in shown if Sample(tweets, n, k).max_wrong < wrong - k)
        assert missed <= 0.025 + 1e-9  # and all later ones together the other half of 5 %


def test_the_bound_is_the_smallest_valid_one() -> None:
    most = Sample(60, 11, 1).max_wrong + 1  # wrong tweets in all
    assert sum(chance_of(60, 11, most, k) for k in (0, 1)) > 0.025
    assert sum(chance_of(60, 11, most + 1, k) for k in (0, 1)) <= 0.025


@pytest.mark.parametrize(("tweets", "share"), [(1000, 0.08), (1000, 0.12), (300, 0.2), (1000, 0.25)])
def test_after_ten_redraws_until_a_sample_looks_good_the_bound_is_too_low_in_at_most_one_case_in_twenty(
    tweets: int, share: float
) -> None:
    """Each draw takes 30 tweets out of the list; who draws stops where the bound is below what is really wrong."""
    chance, n_too_low, without_memory = np.random.default_rng(0), 0, 0
    bound = cache(lambda left, k, nth: Sample(left, 30, k, nth).max_wrong)
    for _ in range(3000):
        wrong, left, fooled, would_be = round(share * tweets), tweets, False, False
        for nth in range(1, 11):
            k = int(chance.hypergeometric(wrong, left - wrong, 30))
            fooled |= bound(left, k, nth) < wrong - k
            would_be |= k == 0 and bound(left, 0, 1) < wrong
            left, wrong = left - 30, wrong - k
        n_too_low += fooled
        without_memory += would_be
    assert n_too_low / 3000 <= 0.05
    if share == 0.12:
        assert without_memory / 3000 > 0.1  # what happens where every sample counts as the first


def test_a_redrawn_sample_counts_earlier_samples_of_the_same_list(many: Store) -> None:
    def nth(number: int) -> int:
        with many.reading() as session:
            return batch_progress(many, number).estimate(session).nth

    first = drawn(many)
    assert nth(first) == 1
    drop(many, first)
    assert next_sample(many, HAPPY, "suggestion", 60, SIZE).nth == 2
    second = drawn(many, name="again")
    assert (nth(first), nth(second)) == (1, 2)
    drop(many, second)
    third = drawn(many, wanted=Filter(emotion="joy"), name="the same list by another filter")
    assert nth(third) == 3
    drop(many, third)
    assert next_sample(many, HAPPY, "original", 100, SIZE).nth == 1  # another source makes another claim
    assert (
        next_sample(many, Filter(emotion="joy", source="prediction"), "suggestion", 40, SIZE).nth == 4
    )  # a part of it


def test_an_accepted_batch_does_not_count_against_the_next_list_and_an_undone_one_does(many: Store) -> None:
    number = drawn(many)
    check(many, number, "love")
    drain(accept(many, number, "ana"))
    assert next_sample(many, HAPPY, "suggestion", 60, SIZE).nth == 1
    drain(undo(many, number, "ana"))
    assert next_sample(many, HAPPY, "suggestion", 60, SIZE).nth == 2


def test_the_stored_bound_of_a_batch_counts_earlier_samples(many: Store) -> None:
    drop(many, drawn(many))
    number = drawn(many, name="again")
    check(many, number, "love")
    drain(accept(many, number, "ana"))
    assert (
        batch_progress(many, number).batch.at_most == Sample(60, 10, 0, nth=2).max_wrong > Sample(60, 10, 0).max_wrong
    )


def test_for_a_long_list_the_bound_equals_clopper_pearson() -> None:
    from scipy.stats import beta

    for wrong in (0, 1, 7, 30):
        exact = beta.ppf(0.975, wrong + 1, 30 - wrong) if wrong < 30 else 1.0
        assert Sample(10**7, 30, wrong).max_wrong_share == pytest.approx(exact, abs=1e-4)


def test_an_offer_counts_the_tweets_without_a_value_of_each_source(many: Store) -> None:
    review_card.save_events(many, "ana", [decide("e1", 1, "joy")])
    found = offer(many, HAPPY)
    assert found.undecided == 99
    assert found.labelled == {"original": 99, "suggestion": 59, "prediction": 39, "majority": 39}
    assert offer(many, Filter(text="happy 100")).sources == []


@pytest.mark.parametrize("wanted", [Filter("dev"), Filter("test"), Filter("dev", text="happy")])
def test_dev_and_test_are_refused_in_one_sentence(many: Store, wanted: Filter) -> None:
    for ask in (lambda: offer(many, wanted), lambda: draw_sample(many, wanted, "original", 10, "x", "ana")):
        with pytest.raises(SettingError, match="dev and test tweets measure how good a model is"):
            ask()


@pytest.mark.parametrize("asks", [{"reviewer": "ana"}, {"decided": "yes"}, {"sample": "1"}, {"batch": "1"}])
def test_a_list_of_decided_tweets_is_refused(many: Store, asks: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="neither can be accepted in bulk"):
        offer(many, Filter(**asks))


@pytest.mark.parametrize(("size", "name"), [(9, "x"), (60, "x"), (10, "  ")])
def test_an_invalid_sample_size_or_a_missing_batch_name_is_refused(many: Store, size: int, name: str) -> None:
    with pytest.raises(SettingError, match=r"it can be 10 to 59 of 60|a batch needs a name"):
        draw_sample(many, HAPPY, "suggestion", size, name, "ana")


def test_the_sample_is_random_within_the_list_and_cannot_be_drawn_twice(many: Store) -> None:
    first = drawn(many)
    ids = sample_of(many, first)
    assert len(set(ids)) == SIZE
    assert set(ids) <= set(range(1, 61))
    with pytest.raises(SettingError, match="the batch happy ones has a sample of this list already"):
        drawn(many, "original", name="again")
    drop(many, first)
    second = drawn(many, name="again")
    assert sample_of(many, second) != ids
    with pytest.raises(SettingError, match="there is a batch named again already"):
        drawn(many, wanted=Filter(), name="again")
    assert name_for(many, HAPPY, "prediction") == "BERT, text happy"
    drawn(many, wanted=Filter(emotion="joy"), name="BERT, text happy")
    assert name_for(many, HAPPY, "prediction") == "BERT, text happy (2)"


def test_the_sample_is_reviewed_as_a_list_of_its_own_and_blind(many: Store) -> None:
    number = drawn(many)
    wanted = Filter(sample=str(number))
    data = card_data(many, "ana", wanted, "random", SIZE)
    assert sorted(tweet["id"] for tweet in data["tweets"]) == sample_of(many, number)
    assert all(tweet["blind"] for tweet in data["tweets"])
    check(many, number, "love", n=4)
    data = card_data(many, "ana", wanted, "random", SIZE)
    assert (len(data["tweets"]), data["decided"], data["is_sample"]) == (6, 4, True)
    assert (batch_progress(many, number).checked, batch_progress(many, number).blind) == (4, 4)


def test_the_result_of_a_sample_is_listed_by_emotion_with_the_differing_tweets(many: Store) -> None:
    number = drawn(many)
    first, second, *rest = sample_of(many, number)
    events = [decide("a", first, "love", "anger"), decide("b", second), *(decide(f"c{i}", i, "love") for i in rest)]
    review_card.save_events(many, "ana", events)
    found = batch_progress(many, number)
    assert [one.tweet_id for one in found.wrong] == [first, second]
    assert found.by_emotion == {"anger": (0, 1), "love": (1, 0)}
    with many.reading() as session:
        assert found.estimate(session) == Sample(60, 10, 2)


@pytest.mark.parametrize("order", ["random", "most doubtful first"])
def test_a_sample_can_be_checked_although_other_reviewers_were_assigned_its_tweets(many: Store, order: str) -> None:
    for other in ("ben", "cem", "dia", "eva"):
        assert len(card_data(many, other, Filter(), order, 100)["tweets"]) == 25
    number = drawn(many)
    data = card_data(many, "ana", Filter(sample=str(number)), "random", SIZE)
    assert sorted(tweet["id"] for tweet in data["tweets"]) == sample_of(many, number)
    assert not data["leased_to_others"]
    data = card_data(many, "ben", Filter(sample=str(number)), "random", SIZE)  # ana closed her tab
    assert sorted(tweet["id"] for tweet in data["tweets"]) == sample_of(many, number)
    check(many, number, "love")
    assert batch_progress(many, number).is_checked


def test_a_reviewer_whose_tweet_was_decided_in_a_sample_sees_who_decided_it(many: Store) -> None:
    number = drawn(many)
    first = sample_of(many, number)[0]
    with many.writing() as session:
        leases.take(session, [first], "ben")
    card_data(many, "ana", Filter(sample=str(number)), "random", SIZE)
    check(many, number, "love")
    [refused] = review_card.save_events(many, "ben", [decide("b1", first, "joy", seen=None)]).refused
    assert refused.newer_decision
    assert refused.newer_decision.reviewer == "ana"
    assert {one.decided for one in batch_progress(many, number).sample} == {frozenset({"love"})}


def test_a_sample_does_not_ask_a_second_reviewer_for_what_is_checked_already(many: Store) -> None:
    with many.writing() as session:
        shares.set_overlap(session, 1.0)
    number = drawn(many)
    check(many, number, "love", n=4)
    data = card_data(many, "ben", Filter(sample=str(number)), "random", SIZE)
    assert sorted(tweet["id"] for tweet in data["tweets"]) == sorted(
        one.tweet_id for one in batch_progress(many, number).sample if one.decided is None
    )


def test_a_sample_whose_tweets_another_batch_accepts_as_it_is_drawn_is_drawn_again(
    many: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = Filter()
    number = draw_sample(many, everyone, "original", SIZE, "everything", "ben")
    check(many, number, "joy")
    add_tweets = batches.add_tweets

    def just_then(*given: Any) -> None:
        add_tweets(*given)
        monkeypatch.setattr(batches, "add_tweets", add_tweets)
        given[0].commit()
        drain(accept(many, number, "ben"))

    monkeypatch.setattr(batches, "add_tweets", just_then)
    with pytest.raises(SettingError, match="another batch has just accepted tweets of this sample; draw a new sample"):
        drawn(many)
    assert open_batch(many, HAPPY) is None
