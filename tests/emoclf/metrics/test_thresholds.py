"""Tests of thresholds: chosen on held-out tweets and robust to few positives."""

import numpy as np
import pytest

from emoclf.metrics import thresholds
from emoclf.metrics.scores import score


def test_a_threshold_falls_between_clearly_separated_probabilities() -> None:
    targets = np.array([[1]] * 100 + [[0]] * 100)
    probabilities = np.array([[0.9]] * 100 + [[0.5]] * 100)
    assert 0.5 < thresholds.fit(targets, probabilities)[0] <= 0.9


def test_an_underconfident_emotion_gets_a_lower_threshold_than_an_overconfident_one() -> None:
    random = np.random.default_rng(0)
    targets = (random.random((1000, 2)) < 0.3).astype(int)
    noise = random.normal(0, 0.08, size=(1000, 2))
    probabilities = np.clip(np.where(targets, [0.4, 0.8], [0.15, 0.5]) + noise, 0, 1)
    underconfident, overconfident = thresholds.fit(targets, probabilities)
    assert underconfident < 0.35 < 0.6 < overconfident


def test_a_single_positive_hardly_changes_a_threshold() -> None:
    random = np.random.default_rng(1)
    common = (random.random((300, 10)) < 0.3).astype(int)
    rare = np.eye(300, 1, dtype=int)  # its only positive has probability 0.99
    targets = np.hstack([common, rare])
    probabilities = np.clip(np.where(targets, 0.6, 0.3) + random.normal(0, 0.1, size=targets.shape), 0, 1)
    probabilities[0, 10] = 0.99
    found = thresholds.fit(targets, probabilities)
    assert abs(found[10] - np.median(found[:10])) < 0.1


def test_without_any_positive_the_threshold_is_a_half() -> None:
    assert thresholds.fit(np.zeros((20, 3), dtype=int), np.full((20, 3), 0.2)).tolist() == pytest.approx([0.5] * 3)


@pytest.mark.parametrize("seed", range(5))
def test_thresholds_stay_in_their_range(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = thresholds.fit(random.integers(0, 2, size=(40, 11)), random.random((40, 11)).astype(np.float32))
    assert found.shape == (11,)
    assert ((found >= 0.05) & (found <= 0.95)).all()


def test_the_jaccard_index_is_higher_than_with_f1_alone_and_f1_hardly_lower() -> None:
    random = np.random.default_rng(4)
    targets = (random.random((4000, 11)) < np.linspace(0.05, 0.4, 11)).astype(int)
    probabilities = 1 / (1 + np.exp(-(2 * targets - 1.5 + random.normal(0, 1.2, size=targets.shape))))
    ours, by_f1 = (
        score(targets, (probabilities >= thresholds.fit(targets, probabilities, jaccard)).astype(np.int8))
        for jaccard in (thresholds.JACCARD, 0.0)
    )
    assert ours.jaccard > by_f1.jaccard + 0.01
    assert ours.macro_f1 > by_f1.macro_f1 - 0.01


def test_each_threshold_is_optimal_given_the_others() -> None:
    random = np.random.default_rng(5)
    targets, probabilities = np.ones((70, 11), dtype=int), random.random((70, 11)).astype(np.float32)
    targets[:, 1:] = random.integers(0, 2, size=(70, 10))  # the first one is always there, so no tweet is without
    found = thresholds.fit(targets, probabilities)
    f1 = thresholds._smoothed_f1(targets > 0, probabilities)
    for j in range(11):
        worth = []
        for n, tried in enumerate(thresholds.GRID):
            predicted = probabilities >= np.where(np.arange(11) == j, tried, found)
            both, either = (predicted & (targets > 0)).sum(axis=1), (predicted | (targets > 0)).sum(axis=1)
            worth.append(f1[j, n] / 11 + thresholds.JACCARD * np.mean(both / np.maximum(either, 1)))
        assert found[j] == thresholds.GRID[np.argmax(np.round(worth, 12))]


def test_the_order_of_the_tweets_does_not_matter() -> None:
    random = np.random.default_rng(3)
    targets, probabilities = random.integers(0, 2, size=(60, 4)), random.random((60, 4))
    order = random.permutation(60)
    assert np.array_equal(thresholds.fit(targets, probabilities), thresholds.fit(targets[order], probabilities[order]))


def test_arrays_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"targets have shape \(3, 2\), probabilities \(3, 1\)"):
        thresholds.fit(np.zeros((3, 2)), np.zeros((3, 1)))
