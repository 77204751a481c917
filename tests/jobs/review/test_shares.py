"""Tests of the random and blind shares: they are kept and recorded with decisions and labels."""

from typing import Any

import pytest

from db import settings, shares
from db.decisions import decision_log
from db.queue import ORDERS, next_ids, next_items, set_rank_inputs
from db.store import Store
from db.tweets import add_tweets, labelled_tweets
from db.values import RankInputs
from emoclf.errors import SettingError
from emoclf.review.filters import Filter
from emoclf.tweets import Tweet
from jobs.review import assignment, review_card
from tests.support.decisions import card_data, decide

JOY, LOVE = frozenset({"joy"}), frozenset({"love"})


@pytest.fixture
def many(store: Store) -> Store:
    """A store with 200 invented tweets, ids 1 to 200, all of joy; the first is the most doubtful."""
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"so happy {i}", JOY) for i in range(1, 201)])
        emotion = {0: "trust", 1: "joy"}
        rank_inputs = [RankInputs(i, 1 - i / 1000, emotion[i % 2], gain=i / 1000) for i in range(1, 200)]
        set_rank_inputs(session, [*rank_inputs, RankInputs(200, gain=0.2)])
    return store


def cards(store: Store, order: str = "most doubtful first", wanted: Filter | None = None) -> list[dict[str, Any]]:
    return card_data(store, "ana", wanted or Filter(), order, 200)["tweets"]


def review_all(store: Store, share: float, n: int) -> list[bool]:
    """Decide n tweets as they come; whether each came by chance."""
    with store.writing() as session:
        shares.set_random(session, share)
    found = []
    for i in range(n):
        tweet = cards(store)[0]
        review_card.save_events(store, "ana", [decide(f"e{i}", tweet["id"], "love", by_chance=tweet["by_chance"])])
        found.append(tweet["by_chance"])
    return found


def test_the_random_share_is_spread_over_the_queue_however_often_it_is_fetched(many: Store) -> None:
    assert review_all(many, 0.25, 20) == [False, False, False, True] * 5
    with many.reading() as session:
        assert sum(row["by_chance"] for row in decision_log(session)) == 5


def test_without_a_random_share_no_tweet_is_random_and_in_random_order_every_tweet_is(many: Store) -> None:
    assert review_all(many, 0, 5) == [False] * 5
    assert all(tweet["by_chance"] for tweet in cards(many, "random"))


def test_a_filtered_list_contains_no_random_tweets(many: Store) -> None:
    with many.writing() as session:
        shares.set_random(session, 1.0)
    assert [(tweet["id"], tweet["by_chance"]) for tweet in cards(many, wanted=Filter(text="7"))] == [(7, False)]


def test_error_rates_use_every_decided_tweet_up_to_the_last_random_one(many: Store) -> None:
    review_all(many, 0.5, 40)
    with many.reading() as session:
        drawn, log = shares.drawn(session, "train"), list(decision_log(session))
        order = [f"k{i}" for i in next_ids(session, Filter(decided="any"), "random", 200, reviewer="ana")]
    last = max(order.index(row["ID"]) for row in log if row["by_chance"])
    assert len(drawn) == last + 1 == sum(order.index(row["ID"]) <= last for row in log)
    assert set(drawn) == {(JOY, LOVE)}


def test_every_order_lists_each_tweet_once(many: Store) -> None:
    with many.reading() as session:
        lists = {order: [item.tweet_id for item in next_items(session, Filter(), order, 500)] for order in ORDERS}
    assert lists.pop("what to label next") == []  # all have labels
    assert all(sorted(ids) == list(range(1, 201)) for ids in lists.values())
    assert lists["expected gain for F1"][0] == 200
    assert lists["one emotion at a time"][:2] == [2, 4]
    assert lists["one emotion at a time"][-2:] == [199, 200]  # nobody doubts the last one
    assert lists["random"] not in (lists["as imported"], lists["as imported"][::-1])


def test_dev_comes_blind_by_default_and_train_by_its_share(many: Store) -> None:
    with many.writing() as session:
        add_tweets(session, [Tweet("d1", "well then", JOY, split="dev")])
    assert [tweet["blind"] for tweet in cards(many, wanted=Filter("dev"))] == [True]
    assert not any(tweet["blind"] for tweet in cards(many))
    with many.writing() as session:
        shares.set_blind(session, "train", 0.5)
    assert 5 < sum(tweet["blind"] for tweet in cards(many)) < 20


def test_a_decision_says_whether_it_was_blind_and_labels_carry_it_on(many: Store) -> None:
    review_card.save_events(many, "ana", [decide("e1", 1, "joy", blind=True), decide("e2", 2, "joy")])
    with many.reading() as session:
        assert [row["blind"] for row in decision_log(session)] == [True, False]
        assert [tweet.blind for tweet in labelled_tweets(session, ["train"])[:3]] == [True, False, False]


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_is_between_0_and_1(many: Store, share: float) -> None:
    with many.writing() as session, pytest.raises(SettingError, match="between 0 and 1"):
        shares.set_random(session, share)


def test_tweets_for_a_second_reviewer_come_before_random_ones(many: Store) -> None:
    with many.writing() as session:
        settings.write(session, "overlap", 1.0)
    review_card.save_events(many, "ben", [decide("e1", 9, "joy")])
    first = assignment.next_tweets(many, "ana", Filter(), "most doubtful first", 25)[0]
    assert (first.tweet_id, first.by_chance) == (9, False)
