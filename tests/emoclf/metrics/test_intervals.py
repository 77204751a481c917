"""Simulation tests of F1 intervals: their coverage of the population's F1."""

import numpy as np
import pytest

from emoclf.labels import EMOTIONS
from emoclf.metrics.intervals import clusters, f1_interval
from emoclf.metrics.scores import compare, difference_intervals, resampled_f1, score

TWEETS, COPIES = 886, len(EMOTIONS)  # each column of a draw is a sample of its own
# The shares of E-c, and how well a classifier finds each emotion: the rare ones least well.
SHARES = np.array([0.37, 0.14, 0.38, 0.18, 0.36, 0.10, 0.29, 0.12, 0.29, 0.052, 0.053])
RECALLS = np.array([0.75, 0.2, 0.7, 0.7, 0.8, 0.5, 0.7, 0.3, 0.65, 0.15, 0.08])
PRECISIONS = np.array([0.75, 0.4, 0.7, 0.8, 0.85, 0.6, 0.7, 0.45, 0.7, 0.5, 0.4])


class Population:
    """Tweets without end, and two classifiers that agree in much; shares and recalls are of each emotion."""

    def __init__(self, share: np.ndarray, before: np.ndarray, after: np.ndarray, precision: np.ndarray) -> None:
        self.share, self.recalls = share, (before, after)
        self.alarms = [share * recall * (1 - precision) / precision / (1 - share) for recall in self.recalls]

    @property
    def f1(self) -> list[np.ndarray]:
        """The true F1 of each classifier."""
        return [
            2 * self.share * recall / (self.share * (1 + recall) + (1 - self.share) * alarm)
            for recall, alarm in zip(self.recalls, self.alarms, strict=True)
        ]

    def draw(self, chance: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Targets, and what either classifier predicts, of n tweets."""
        targets = (chance.random((n, len(self.share))) < self.share).astype(np.int8)
        first, other = chance.random(targets.shape), chance.random(targets.shape)
        second = np.where(chance.random(targets.shape) < 0.6, first, other)
        found = [
            (draws < np.where(targets, recall, alarm)).astype(np.int8)
            for draws, recall, alarm in zip((first, second), self.recalls, self.alarms, strict=True)
        ]
        return targets, found[0], found[1]


def rare(positives: int, before: float, after: float, precision: float) -> Population:
    return Population(*(np.full(COPIES, one) for one in (positives / TWEETS, before, after, precision)))


def all_emotions(gain: float = 0.0) -> Population:
    return Population(SHARES, RECALLS, np.minimum(0.95, RECALLS + gain), PRECISIONS)


@pytest.mark.parametrize("positives", [8, 21, 30])
def test_the_interval_of_a_rare_emotions_f1_contains_the_true_value_in_93_of_100_samples(positives: int) -> None:
    chance = np.random.default_rng(positives)
    for recall, precision in ((0.08, 0.4), (0.3, 0.5), (0.8, 0.8)):
        population, held = rare(positives, recall, recall, precision), []
        for _ in range(100):
            targets, predicted, _ = population.draw(chance, TWEETS)
            low, high = f1_interval(targets, predicted)
            assert (high > low).all()
            held += ((low <= population.f1[0]) & (population.f1[0] <= high)).tolist()
        assert np.mean(held) >= 0.93  # of 1,100 samples


def test_the_percentile_bootstrap_contains_the_true_f1_of_a_rare_emotion_in_half_of_the_samples_only() -> None:
    population, chance = rare(8, 0.08, 0.08, 0.4), np.random.default_rng(0)
    held, empty = [], 0
    for _ in range(4):
        targets, predicted, _ = population.draw(chance, TWEETS)
        low, high = np.percentile(resampled_f1(targets, predicted, 0), (2.5, 97.5), axis=0)
        held += ((low <= population.f1[0]) & (population.f1[0] <= high)).tolist()
        empty += int((high == 0).sum())
        scored = score(targets, predicted).per_emotion.values()
        assert all(one.f1_high > 0.2 for one in scored)
    assert np.mean(held) < 0.7
    assert empty >= 11


@pytest.mark.parametrize("positives", [8, 21])
@pytest.mark.parametrize(("before", "after"), [(0.1, 0.3), (0.4, 0.4), (0.8, 0.95)])
def test_the_interval_of_a_rare_emotions_change_contains_the_true_value(
    positives: int, before: float, after: float
) -> None:
    population, chance, held = rare(positives, before, after, 0.5), np.random.default_rng(1), []
    truth = population.f1[1] - population.f1[0]
    for _ in range(60):
        targets, old, new = population.draw(chance, TWEETS)
        ends = np.array(difference_intervals(((targets, old), (targets, new)), np.eye(COPIES)))
        assert (ends[:, 1] > ends[:, 0]).all()
        held += ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).tolist()
    assert np.mean(held) >= 0.92  # of 660; the percentile bootstrap with 8 positives: 0.80 to 0.98


@pytest.mark.parametrize("n", [100, 200, 400])
def test_the_intervals_of_macro_f1_and_of_its_change_contain_the_true_value_with_few_tweets(n: int) -> None:
    population, chance = all_emotions(gain=0.1), np.random.default_rng(n)
    macro, changes = [], []
    for _ in range(150):
        targets, old, new = population.draw(chance, n)
        there = targets.any(axis=0)
        before, after = (one[there].mean() for one in population.f1)
        scores = score(targets, old)
        macro.append(scores.macro_f1_low <= before <= scores.macro_f1_high)
        mean = [there / there.sum()]
        [(low, high)] = difference_intervals(((targets, old), (targets, new)), np.array(mean))
        changes.append(low <= after - before <= high)
    assert np.mean(macro) >= 0.91  # 0.95 is meant; 150 samples say no more
    assert np.mean(changes) >= 0.91


def test_duplicated_tweets_do_not_narrow_an_interval() -> None:
    targets, old, new = all_emotions().draw(np.random.default_rng(5), 150)
    twice = [np.concatenate([one, one]) for one in (targets, old, new)]
    groups = [*range(150), *range(150)]
    plain, doubled = score(targets, old), score(twice[0], twice[1], groups=groups)
    for one, other in zip(plain.per_emotion.values(), doubled.per_emotion.values(), strict=True):
        assert (one.f1_low, one.f1_high) == pytest.approx((other.f1_low, other.f1_high))
    assert (plain.macro_f1_low, plain.macro_f1_high) == pytest.approx((doubled.macro_f1_low, doubled.macro_f1_high))
    changes, of_both = compare(targets, old, new), compare(*twice, groups=groups)
    for one, other in zip(changes.values(), of_both.values(), strict=True):
        assert (one.low, one.high, one.p) == pytest.approx((other.low, other.high, other.p))
    believed = score(twice[0], twice[1]).per_emotion["joy"]
    assert believed.f1_high - believed.f1_low < 0.8 * (
        plain.per_emotion["joy"].f1_high - plain.per_emotion["joy"].f1_low
    )


def test_the_bootstrap_draws_twins_together() -> None:
    targets, old, _ = all_emotions().draw(np.random.default_rng(6), 80)
    twice = [np.concatenate([one, one]) for one in (targets, old)]
    alone = resampled_f1(targets, old, seed=3)
    assert np.allclose(resampled_f1(*twice, seed=3, groups=[*range(80), *range(80)]), alone)


def test_groups_of_another_length_are_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="2 groups for 3 tweets"):
        clusters(["a", "b"], 3)
