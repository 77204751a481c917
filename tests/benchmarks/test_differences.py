"""Tests of the intervals in benchmark comparisons: their coverage of planted differences."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from benchmarks import differences
from benchmarks.differences import against, average_precision, f1, mean, over_tweets, resample

GAIN = 0.05  # planted: every way is this much above the base
RUNS = 120


def planted(random: np.random.Generator, ways: int = 5, seeds: int = 3, spread: float = 0.1) -> differences.Figures:
    """Figures of ways with a planted gain; pairs of twins share what is hard about them, each training has its luck."""
    groups = [str(row // 2) for row in range(200)]
    weights = resample(groups, int(random.integers(1 << 30)), resamples=300)
    hard = random.normal(0, 0.5, 100).repeat(2)
    figures: dict[str, dict[int, np.ndarray]] = {}
    for way in range(ways):
        own = hard + random.normal(0, 0.1, 100).repeat(2) + (GAIN if way else 0.0)
        figures[str(way)] = {seed: mean(weights, own + random.normal(0, spread)) for seed in range(seeds)}
    return figures


@pytest.mark.simulation
def test_the_interval_over_tweets_and_seeds_covers_the_planted_gain_and_resampled_seeds_do_not() -> None:
    random, ours, resampled = np.random.default_rng(0), 0, 0
    for _ in range(RUNS):
        figures = planted(random)
        found = against(figures, "0")["1"]
        ours += found.low <= GAIN <= found.high
        pairs = np.array([figures["1"][seed] - figures["0"][seed] for seed in range(3)])
        drawn = pairs[random.integers(3, size=(300, 3)), np.arange(1, 301)[:, None]].mean(axis=1)
        low, high = np.percentile(drawn, (2.5, 97.5))
        resampled += low <= GAIN <= high
    assert ours >= 0.92 * RUNS
    assert resampled < 0.88 * RUNS


@pytest.mark.simulation
def test_without_a_planted_gain_at_most_one_comparison_in_twenty_reports_a_difference() -> None:
    random, alarms = np.random.default_rng(1), 0
    for _ in range(RUNS):
        figures = planted(random)
        level = {name: {seed: own - (name != "0") * GAIN for seed, own in way.items()} for name, way in figures.items()}
        alarms += any(one.verdict in ("better", "worse") for one in against(level, "0").values())
    assert alarms <= 0.08 * RUNS  # 5 % and the scatter of 120 runs


def test_a_large_planted_gain_is_found() -> None:
    found = against(planted(np.random.default_rng(2), spread=0.005), "0")
    assert {one.verdict for one in found.values()} == {"better"}
    assert all(one.low <= GAIN <= one.high for one in found.values())


def test_one_seed_is_not_testable_and_shows_no_interval() -> None:
    found = against(planted(np.random.default_rng(3), seeds=1), "0")["1"]
    assert found.verdict == "not testable (one seed)"
    assert "…" not in found.in_points()


def test_a_condition_with_one_seed_is_not_testable_although_others_have_three() -> None:
    figures = planted(np.random.default_rng(4))
    lone = {**figures, "lone": {1: figures["1"][1]}, "elsewhere": {99: figures["1"][1]}}
    found = against(lone, "0")
    assert not found["lone"].is_testable
    assert "elsewhere" not in found
    assert found["1"].is_testable


def test_seeds_are_paired_so_that_common_effects_of_a_seed_cancel_out() -> None:
    figures = planted(np.random.default_rng(5), spread=0.005)
    shifted = {name: {seed: drawn + 3.0 * seed for seed, drawn in own.items()} for name, own in figures.items()}
    assert against(shifted, "0")["1"].low == pytest.approx(against(figures, "0")["1"].low, abs=1e-4)


def test_resampling_twins_together_widens_the_interval() -> None:
    values = np.random.default_rng(6).normal(size=100).repeat(2)
    apart, together = [str(row) for row in range(200)], [str(row // 2) for row in range(200)]
    zero = np.zeros(200)
    widths = []
    for groups in (apart, together):
        weights = resample(groups)
        found = over_tweets(mean(weights, zero), mean(weights, values))
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(widths[0] * 2**0.5, rel=0.1)


def test_weighted_figures_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(7)
    targets = (random.random((80, 3)) < 0.3).astype(np.int8)
    p = np.round(random.random((80, 3)) * 0.5 + targets * 0.3, 1)  # with ties
    weights = resample([str(row // 2) for row in range(80)], resamples=5)
    for counted, precision, by_emotion in zip(
        weights, average_precision(weights, targets, p), f1(weights, targets, (p > 0.5).astype(np.int8)), strict=True
    ):
        wanted = [average_precision_score(targets[:, j], p[:, j], sample_weight=counted) for j in range(3)]
        assert precision == pytest.approx(np.mean(wanted), abs=1e-5)
        wanted = [f1_score(targets[:, j], p[:, j] > 0.5, sample_weight=counted) for j in range(3)]
        np.testing.assert_allclose(by_emotion, wanted, atol=1e-5)
