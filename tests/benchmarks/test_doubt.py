"""Tests of the doubt benchmark: planted errors and counts, on examples small enough to check by hand."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import gain, planted_errors
from benchmarks.doubt import cleanlab, columns
from benchmarks.gain import repaired
from emoclf.tweets import LabelledTexts

pytestmark = pytest.mark.simulation  # loads torch

WORDS = ("bus", "train", "tram", "boat")


@pytest.fixture
def tweets() -> LabelledTexts:
    """200 invented tweets about four vehicles; every label set is another's neighbour."""
    texts = [f"the {WORDS[i % 4]} was {'late' if i % 3 else 'early'} on day {i}" for i in range(200)]
    labels = (np.random.default_rng(3).random((200, 11)) < 0.2).astype(np.int8)
    return LabelledTexts(texts, labels, [f"{i // 2:x}" for i in range(200)])


def test_flips_reach_the_share_of_cells(tweets: LabelledTexts) -> None:
    wrong = planted_errors.flip(tweets, np.random.default_rng(0)) != tweets.labels
    assert wrong.mean() == pytest.approx(planted_errors.CELLS, abs=0.015)


def test_swaps_keep_every_label_set_and_reach_the_share_of_cells(tweets: LabelledTexts) -> None:
    swapped = planted_errors.swap(tweets, np.random.default_rng(0))
    assert sorted(map(tuple, swapped)) == sorted(map(tuple, tweets.labels))
    assert planted_errors.CELLS <= (swapped != tweets.labels).mean() < planted_errors.CELLS + 0.01


def test_the_columns_are_the_shares_of_errors_ranked_first() -> None:
    wrong, ranking = np.zeros((10, 10), dtype=bool), -np.arange(100).reshape(10, 10)
    wrong[0, 0] = wrong[0, 4] = wrong[0, 9] = wrong[9, 9] = True
    assert columns(wrong, ranking)[1:] == [0.25, 0.5, 0.75]
    assert columns(wrong, np.where(wrong, 1.0, 0.0))[0] == 1.0


def test_cleanlab_ranks_by_the_probability_against_a_label() -> None:
    tweets = LabelledTexts(["a", "b"], np.array([[1, 0], [0, 1]]), ["1", "2"])
    pytest.importorskip("cleanlab")
    errors = planted_errors.PlantedErrors(tweets, tweets.labels, np.array([[0.1, 0.3], [0.4, 0.8]]))
    assert cleanlab(errors) == pytest.approx(np.array([[0.9, 0.3], [0.4, 0.2]]))


def test_misplaced_labels_are_those_of_other_tweets_and_every_fifth_tweet_has_them(tweets: LabelledTexts) -> None:
    labels = planted_errors.misplace(tweets, np.random.default_rng(0))
    moved = (labels != tweets.labels).any(axis=1)
    assert moved.sum() == 40
    assert {tuple(row) for row in labels[moved]} <= {tuple(row) for row in tweets.labels}


def test_repairing_the_first_of_a_queue_restores_their_labels_and_no_others(tweets: LabelledTexts) -> None:
    labels = planted_errors.misplace(tweets, np.random.default_rng(0))
    errors = planted_errors.PlantedErrors(replace(tweets, labels=labels), tweets.labels, np.full(labels.shape, 0.5))
    found = repaired(errors, np.arange(100))
    assert (found[:100] == tweets.labels[:100]).all()
    assert (found[100:] == labels[100:]).all()


def test_a_paired_difference_is_0_for_equal_queues_and_positive_for_a_better_one() -> None:
    wrong = np.arange(200) < 20
    queues = {"first": np.arange(200), "same": np.arange(200), "last": np.arange(200)[::-1]}
    rounds = [gain.Round(wrong, [f"{i:x}" for i in range(200)], queues, {})] * 2
    assert gain.repaired_difference(rounds, "first", "same", 0.1) == (0, 0, 0)
    assert gain.repaired_difference(rounds, "first", "last", 0.1) == (100, 100, 100)


def test_a_paired_difference_that_changes_sign_between_plantings_has_an_interval_around_zero() -> None:
    scores = np.random.default_rng(0).normal(0.6, 0.01, 1001)
    f1 = [{("a", 0.1): scores + lead, ("b", 0.1): scores} for lead in (0.02, -0.02)]
    rounds = [gain.Round(np.ones(1, dtype=bool), ["0"], {}, one) for one in f1]
    assert gain.f1_difference(rounds, ("a", 0.1), ("b", 0.1)) == "+0.0 (-2.0 … +2.0)"
