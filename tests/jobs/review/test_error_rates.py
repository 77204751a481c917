"""Tests of error rates: 95 % coverage, undecided tweets counted, and convergence to the truth."""

import numpy as np
import pytest

from db.queue import next_ids
from db.store import Store
from db.tweets import add_tweets
from emoclf.metrics.error_rates import ErrorRate
from emoclf.review.filters import Filter
from emoclf.tweets import Tweet
from jobs.review import review_card
from jobs.review.reviewers import repairs
from tests.support.decisions import decide, undo
from ui.review.reviewer_figures import _repairs_in_words

JOY, LOVE = frozenset({"joy"}), frozenset({"love"})
TRIALS = 2000


@pytest.mark.parametrize("population", [60, 886, 20_000])
@pytest.mark.parametrize("share", [0.02, 0.2])
@pytest.mark.parametrize("part", [0.05, 0.5, 0.97])
def test_the_interval_contains_the_true_value_in_95_of_100_splits_for_any_reviewed_share(
    population: int, share: float, part: float
) -> None:
    chance = np.random.default_rng(0)
    wrong, n = round(share * population), max(20, round(part * population))
    found = [ErrorRate(int(k), n, 0, population) for k in chance.hypergeometric(wrong, population - wrong, n, TRIALS)]
    inside = np.mean([rate.interval[0] <= wrong / population <= rate.interval[1] for rate in found])
    assert inside >= 0.925


def test_most_of_a_split_reviewed_makes_the_interval_narrow_and_all_of_it_makes_it_exact() -> None:
    widths = [np.diff(ErrorRate(n // 5, n, 0, 885).interval).item() for n in (100, 400, 800, 885)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 0
    assert ErrorRate(177, 885, 0, 885, 885, 177).interval == (0.2, 0.2)
    assert ErrorRate(177, 885, 0, 885, 885, 177).n_needed(0.02) == 0


@pytest.mark.parametrize("chance_if_wrong", [0.0, 0.3])
def test_hard_tweets_that_stay_undecided_do_not_move_the_interval_away_from_the_truth(chance_if_wrong: float) -> None:
    """Reviewers skip 2 % of the right tweets, and 70 or 100 % of the wrong ones."""
    chance, inside, dropped = np.random.default_rng(0), 0, 0
    for _ in range(500):
        wrong = chance.random(400) < 0.1
        decided = chance.random(400) < np.where(wrong, chance_if_wrong, 0.98)
        n, k = int(decided.sum()), int(wrong[decided].sum())
        low, high = ErrorRate(k, n, 400 - n, 10_000).interval
        inside += low <= 0.1 <= high
        low, high = ErrorRate(k, n, 0, 10_000).interval
        dropped += low <= 0.1 <= high
    assert inside / 500 >= 0.95
    assert dropped / 500 < 0.05


def test_the_interval_never_contradicts_known_decisions() -> None:
    found = ErrorRate(0, 30, 0, 1000, known=500, known_wrong=100)  # 100 wrong ones are known: at least 10 %
    assert found.interval[0] == pytest.approx(0.1)
    assert found.rate == pytest.approx(0.1)


@pytest.fixture
def split(store: Store) -> list[int]:
    """A store with 40 invented tweets, all of joy; their ids in the random order."""
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"so happy {i}", JOY) for i in range(1, 41)])
    return order(store)


def order(store: Store) -> list[int]:
    with store.reading() as session:
        return next_ids(session, Filter(), "random", 100)


def words(store: Store) -> str:
    return " ".join(_repairs_in_words(repairs(store, "train"), "train"))


def test_once_every_tweet_is_reviewed_the_shares_are_exact(store: Store, split: list[int]) -> None:
    events = [decide(f"e{i}", i, "love" if i <= 4 else "joy", by_chance=i == split[0]) for i in range(1, 41)]
    review_card.save_events(store, "ana", events)
    rate = repairs(store, "train")["love"].estimate
    assert (rate.rate, rate.interval, rate.n_needed(0.02)) == (0.1, (0.1, 0.1), 0)
    assert words(store) == "Every train tweet was reviewed, so the shares are exact."


def test_undecided_tweets_of_the_random_order_are_counted_as_missing(store: Store, split: list[int]) -> None:
    review_card.save_events(store, "ana", [decide(f"e{i}", i, "joy", by_chance=True) for i in split[:20]])
    review_card.save_events(store, "ana", [undo("u1", f"e{split[3]}"), undo("u2", f"e{split[7]}")])
    found = repairs(store, "train")["love"]
    assert (found.estimate.wrong, found.estimate.n, found.estimate.missing) == (0, 18, 2)
    assert found.estimate.interval[1] > ErrorRate(0, 20, 0, 40).interval[1]
    assert "first 20 tweets of a random order: 18 came up at random, 0 were decided for other reasons" in words(store)
    assert "2 were not decided. The intervals cover both extremes" in words(store)


def test_tweets_chosen_by_doubt_are_not_called_random(store: Store, split: list[int]) -> None:
    by_doubt = [split[1], split[2], split[30]]
    review_card.save_events(store, "ana", [decide(f"d{i}", i, "joy") for i in by_doubt])
    assert "do not represent the other tweets" in words(store)
    review_card.save_events(
        store, "ana", [decide(f"e{i}", i, "joy", by_chance=True) for i in split[:6] if i not in by_doubt]
    )
    found = repairs(store, "train")["love"]
    assert (found.by_chance, found.estimate.n, found.reviewed) == (4, 6, 7)
    assert "first 6 tweets of a random order: 4 came up at random, 2 were decided for other reasons" in words(store)
