"""Tests of splits: twins stay together, and every emotion is spread evenly."""

import numpy as np
import pytest

from emoclf.errors import TooLittleDataError
from emoclf.training.splits import folds

SEEDS = range(5)


def random_tweets(seed: int, n: int = 400) -> tuple[np.ndarray, list[str]]:
    """Labels of which some are rare, and groups of one to four tweets."""
    random = np.random.default_rng(seed)
    labels = (random.random((n, 4)) < [0.4, 0.2, 0.05, 0.02]).astype(np.int8)
    labels[0, 3] = 1
    return labels, [str(name) for name in np.sort(random.integers(0, n // 2, size=n))]


@pytest.mark.parametrize("seed", SEEDS)
def test_twins_are_in_one_fold(seed: int) -> None:
    labels, groups = random_tweets(seed)
    fold = folds(labels, groups, 5, seed)
    assert fold.shape == (len(groups),)
    assert set(fold) == set(range(5))
    for name in set(groups):
        assert len({fold[i] for i in range(len(groups)) if groups[i] == name}) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rare_emotion_is_spread_over_all_folds(seed: int) -> None:
    labels = np.zeros((200, 2), dtype=np.int8)
    labels[:10, 0] = 1  # 10 positives for 5 folds
    labels[5:105, 1] = 1
    fold = folds(labels, [str(i) for i in range(200)], 5, seed)
    assert np.bincount(fold[labels[:, 0] == 1]).tolist() == [2] * 5
    assert np.bincount(fold[labels[:, 1] == 1]).tolist() == [20] * 5
    assert np.bincount(fold).tolist() == [40] * 5


@pytest.mark.parametrize("seed", SEEDS)
def test_each_fold_has_its_share_of_tweets_and_of_each_emotion(seed: int) -> None:
    labels, groups = random_tweets(seed)
    fold = folds(labels, groups, 5, seed)
    for part in range(5):
        assert abs((fold == part).sum() - 80) <= 6
        assert (np.abs(labels[fold == part].sum(axis=0) - 0.2 * labels.sum(axis=0)) <= 6).all()


def test_a_seed_gives_one_split_and_another_seed_another() -> None:
    labels, groups = random_tweets(0)
    assert np.array_equal(folds(labels, groups, 5, 1), folds(labels, groups, 5, 1))
    assert not np.array_equal(folds(labels, groups, 5, 1), folds(labels, groups, 5, 2))


def test_no_fold_is_empty_even_with_as_few_groups_as_folds() -> None:
    labels = np.ones((3, 1), dtype=np.int8)
    assert sorted(folds(labels, ["a", "b", "c"], 3, 0)) == [0, 1, 2]


def test_too_few_different_tweets_are_reported() -> None:
    with pytest.raises(TooLittleDataError, match="1 different tweets cannot be split into 2 parts"):
        folds(np.ones((3, 1), dtype=np.int8), ["a", "a", "a"], 2, 0)


def test_an_impossible_number_of_folds_is_refused() -> None:
    with pytest.raises(ValueError, match="1 folds"):
        folds(np.ones((3, 1)), ["a", "b", "c"], 1, 0)
