"""Tests of reliability: predicted against observed shares, computed by hand for a few cells."""

import numpy as np
import pytest

from emoclf.metrics.reliability import brier_score, calibration_floor, expected_calibration_error, reliability


def test_perfectly_calibrated_probabilities_have_no_error() -> None:
    targets = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    probabilities = np.array([0.25] * 4 + [0.75] * 4)
    assert expected_calibration_error(targets, probabilities) == 0
    bins = [one for one in reliability(targets, probabilities) if one.n]
    assert [(one.n, one.predicted, one.observed) for one in bins] == [(4, 0.25, 0.25), (4, 0.75, 0.75)]


def test_overconfidence_and_underconfidence_of_two_emotions_do_not_cancel_out() -> None:
    targets = np.array([[1, 0], [0, 1]] * 5)
    probabilities = np.array([[0.7, 0.3]] * 10)  # half are so: 0.2 too much, 0.2 too little
    assert expected_calibration_error(targets, probabilities) == pytest.approx(0.2)


def test_bins_are_weighted_by_their_number_of_tweets() -> None:
    targets = np.array([0, 0, 0, 1])
    probabilities = np.array([0.01, 0.01, 0.01, 0.61])  # three off by 0.01, one by 0.39
    assert expected_calibration_error(targets, probabilities) == pytest.approx((3 * 0.01 + 0.39) / 4)


def test_every_probability_is_in_one_bin_and_1_is_in_the_last() -> None:
    probabilities = np.linspace(0, 1, 101)
    bins = reliability(np.ones(101, dtype=int), probabilities)
    assert sum(one.n for one in bins) == 101
    assert (bins[-1].high, bins[-1].n) == (1.0, 7)


def test_without_tweets_the_error_is_0_and_all_bins_are_empty() -> None:
    assert expected_calibration_error(np.zeros((0, 11)), np.zeros((0, 11))) == 0
    assert {one.n for one in reliability(np.zeros(0), np.zeros(0))} == {0}


def test_arrays_of_different_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        reliability(np.zeros(3), np.zeros(4))


def test_the_floor_is_the_error_that_a_perfectly_calibrated_model_shows() -> None:
    chance = np.random.default_rng(0)
    probabilities = chance.beta(0.5, 2, size=(886, 11))
    shown = [
        expected_calibration_error((chance.random(probabilities.shape) < probabilities).astype(int), probabilities)
        for _ in range(20)
    ]
    floor = calibration_floor(probabilities)
    assert floor == pytest.approx(np.mean(shown), rel=0.05)
    assert 0.015 < floor < 0.04  # points that no model can avoid with so few tweets
    assert calibration_floor(np.repeat(probabilities, 16, axis=0)) == pytest.approx(floor / 4, rel=0.1)
    assert calibration_floor(np.zeros((0, 11))) == 0


def test_the_brier_score_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import brier_score_loss

    chance = np.random.default_rng(1)
    targets, probabilities = chance.integers(0, 2, 50), chance.random(50)
    assert brier_score(targets, probabilities) == pytest.approx(brier_score_loss(targets, probabilities))
    assert brier_score(np.zeros((0, 11)), np.zeros((0, 11))) == 0
