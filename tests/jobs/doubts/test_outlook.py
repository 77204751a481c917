"""Tests of the outlook: expected repairs match the true ones, and the hint to stop appears at the right time."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from db import doubting
from db.queue import set_rank_inputs
from db.store import Store
from db.tweets import add_tweets
from db.values import RankInputs
from emoclf.metrics.calibration import sigmoid
from emoclf.review.doubt import Doubts, doubt
from emoclf.review.queue_outlook import Expected, Outlook, expect
from emoclf.tweets import Tweet
from jobs.doubts.outlook import outlook
from jobs.review import review_card
from tests.support.decisions import decide
from tests.support.pages import page_of

N = 1500
NO_DOUBTS, NO_CHANGES = np.zeros(0), np.zeros(0, dtype=bool)


@cache
def right() -> tuple[np.ndarray, np.ndarray]:
    """Labels of which none is wrong, drawn from the probabilities beside them; both of shape (n, 11)."""
    random = np.random.default_rng(0)
    moods = random.normal(0, 1, (N, 4)) @ random.normal(0, 1.5, (4, 11))
    probabilities = sigmoid(moods + random.normal(0, 1, (N, 11)) - 1.5)
    return (random.random(probabilities.shape) < probabilities).astype(np.int8), probabilities


def turned_over(labels: np.ndarray, share: float) -> np.ndarray:
    return np.where(np.random.default_rng(1).random(labels.shape) < share, 1 - labels, labels)


def misplaced(labels: np.ndarray, share: float) -> np.ndarray:
    found, random = labels.copy(), np.random.default_rng(1)
    for row in random.permutation(N)[: round(share * N)]:
        found[row] = labels[random.choice(np.flatnonzero((labels != labels[row]).any(axis=1)))]
    return found


@cache
def planted_doubts(plant: Callable[[np.ndarray, float], np.ndarray], share: float) -> tuple[Doubts, np.ndarray]:
    """The doubts of labels with errors planted in them, and whether each tweet has one."""
    truth, probabilities = right()
    labels = plant(truth, share)
    groups = [f"{i:x}" for i in range(N)]
    return doubt(labels, [probabilities], groups, np.ones(N, dtype=bool)), (labels != truth).any(axis=1)


@pytest.mark.simulation
def test_without_errors_hardly_any_are_predicted() -> None:
    found, _ = planted_doubts(turned_over, 0.0)
    first = np.sort(found.tweets)[-100:]
    assert found.tweets.mean() < 0.02
    assert expect(first, NO_DOUBTS, NO_CHANGES, found.shifts).wrong < 20
    assert expect(first, NO_DOUBTS, NO_CHANGES, found.shifts).low == 0


@pytest.mark.parametrize("plant", [turned_over, misplaced])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.1])
@pytest.mark.simulation
def test_the_number_of_wrong_tweets_lies_within_the_predicted_interval(
    plant: Callable[[np.ndarray, float], np.ndarray], share: float
) -> None:
    found, wrong = planted_doubts(plant, share)
    order, inside = np.argsort(-found.tweets), []
    for place in range(0, 1500, 150):
        rows = order[place : place + 100]
        expected = expect(found.tweets[rows], NO_DOUBTS, NO_CHANGES, found.shifts)
        inside.append(expected.low <= wrong[rows].sum() <= expected.high)
    assert np.mean(inside) >= 0.9


def test_the_hint_to_stop_comes_near_the_point_where_the_next_hundred_have_few_errors() -> None:
    found, wrong = planted_doubts(misplaced, 0.05)
    order = np.argsort(-found.tweets)
    doubts, wrong = found.tweets[order], wrong[order]
    true = int(np.argmax(np.convolve(wrong, np.ones(100), "valid") < 10))

    def is_worthwhile_at(place: int) -> bool:
        ahead = expect(doubts[place : place + 100], doubts[:place], wrong[:place], found.shifts)
        last = wrong[max(0, place - 100) : place]
        return Outlook(100, ahead, place, len(last), int(last.sum())).is_worthwhile

    hint = next(place for place in range(0, N, 25) if not is_worthwhile_at(place))
    assert true <= hint <= true + 150


def test_decisions_correct_overestimated_doubts() -> None:
    doubts, changed = np.full(100, 0.8), np.arange(100) % 20 == 0
    before = expect(doubts, NO_DOUBTS, NO_CHANGES, (-2.0, 2.0))
    after = expect(doubts, doubts, changed, (-2.0, 2.0))
    assert before.wrong > 60
    assert after.wrong < 20
    assert after.high - after.low < before.high - before.low


@pytest.mark.parametrize(
    ("expected", "reviewed", "changed", "is_worthwhile"),
    [
        (None, 0, 0, True),  # nothing is known
        (None, 100, 6, True),  # the last hundred alone leave it open
        (None, 100, 1, False),
        (Expected(4, 0, 20), 10, 0, True),  # the expectation alone leaves it open
        (Expected(2, 0, 6), 0, 0, False),
        (Expected(2, 0, 6), 100, 40, True),  # they disagree
        (Expected(40, 30, 50), 100, 0, True),
        (Expected(4, 0, 20), 100, 5, False),
    ],
)
def test_the_hint_to_stop_needs_both_the_prediction_and_the_last_decisions(
    expected: Expected | None, reviewed: int, changed: int, is_worthwhile: bool
) -> None:
    assert Outlook(100, expected, 0, reviewed, changed).is_worthwhile == is_worthwhile


@pytest.fixture
def hundreds(store: Store) -> Store:
    """A store with 260 train tweets, all with joy, and a doubt of 0.4."""
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"tweet number {i}", frozenset({"joy"})) for i in range(260)])
        set_rank_inputs(session, [RankInputs(i + 1, 0.4, "joy") for i in range(260)])
    return store


def decided(store: Store, ids: range, changed: set[int]) -> None:
    events = [decide(f"e{i}", i, "fear" if i in changed else "joy") for i in ids]
    review_card.save_events(store, "ana", events)


def test_the_last_hundred_decisions_are_counted_and_calibrate_the_prediction(hundreds: Store) -> None:
    decided(hundreds, range(1, 151), changed=set(range(1, 46)))
    ahead = outlook(hundreds, "train")
    assert (ahead.tweets, ahead.reviewed, ahead.changed, ahead.checked) == (100, 100, 0, 150)
    assert ahead.expected is not None
    assert 18 < ahead.expected.wrong < 45


def test_a_rank_is_not_called_a_number_of_wrong_tweets(hundreds: Store) -> None:
    ahead = outlook(hundreds, "train")
    assert ahead.expected is None
    assert ahead.is_worthwhile


def test_decisions_from_before_the_doubts_were_worked_out_do_not_calibrate_them(hundreds: Store) -> None:
    decided(hundreds, range(1, 101), changed=set())
    with hundreds.writing() as session:
        doubting.write(session, {"train": 1.0}, (-0.5, 0.5))
    ahead = outlook(hundreds, "train")
    assert (ahead.checked, ahead.reviewed) == (0, 100)
    assert ahead.expected is not None
    assert 30 < ahead.expected.wrong < 50


def words(store: Store) -> str:
    def script() -> None:
        import os

        from db.store import open_store
        from jobs.doubts.outlook import outlook
        from ui.review.outlook import show_outlook

        show_outlook(outlook(open_store(os.environ["EMOCLF_DB"]), "train"), "train")

    page = page_of(script).run()
    assert not page.exception
    return " ".join([*(one.value for one in page.text), *(one.value for one in page.caption)])


def test_the_page_says_what_its_prediction_is_based_on(hundreds: Store) -> None:
    assert "only a rank, not a probability" in words(hundreds)
    with hundreds.writing() as session:
        doubting.write(session, {"train": 1.0}, (-0.5, 0.5))
    assert "not calibrated on decisions yet" in words(hundreds)
    decided(hundreds, range(1, 61), changed={1})
    text = words(hundreds)
    assert "Of the last 60 reviewed, 1 changed." in text
    assert "calibrated on the 60 decisions" in text
