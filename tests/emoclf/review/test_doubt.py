"""Tests of doubt: general properties, examples that can be checked by hand, and detection of planted errors."""

import numpy as np
import pytest

from emoclf.review.doubt import MIN_TRAINING, contradiction, doubt, in_words

N = 600


def alone(original: np.ndarray, *sources: np.ndarray) -> np.ndarray:
    """The doubt of tweets without twins, all of train."""
    groups = [f"{i:x}" for i in range(len(original))]
    return doubt(original, sources, groups, np.ones(len(original), dtype=bool)).labels


@pytest.fixture
def labels_and_predictions() -> tuple[np.ndarray, np.ndarray]:
    """Right labels of 600 tweets, joyful or angry for the most part, and the probabilities of a model that is good."""
    random = np.random.default_rng(0)
    joyful = random.random((N, 1)) < 0.5
    probabilities = np.where(joyful, np.r_[[0.02] * 4, [0.9] * 3, [0.1] * 4], np.r_[[0.9] * 3, [0.1] * 3, [0.02] * 5])
    labels = (random.random((N, 11)) < probabilities).astype(int)
    odds = random.normal(4 * labels - 2, 1.5)
    return labels, 1 / (1 + np.exp(-odds))


def test_a_contradiction_stays_between_0_and_1() -> None:
    chance = np.random.default_rng(0)
    values = contradiction(chance.integers(0, 2, (200, 11)), chance.random((200, 11)))
    assert 0 <= values.min() <= values.max() <= 1


def test_with_too_few_tweets_raw_probabilities_are_used_for_ranking() -> None:
    original = np.array([[1, 0]])
    [[against, for_it]] = alone(original, np.array([[0.1, 0.2]]))
    assert against == pytest.approx(0.05 * 9 / (1 + 0.05 * 9))
    assert for_it == pytest.approx(0.05 / 4 / (1 + 0.05 / 4))


def test_a_source_without_a_value_for_a_tweet_does_not_affect_its_doubt() -> None:
    original, unseen, seen = np.array([[1, 0]]), np.array([[np.nan, np.nan]]), np.array([[0.1, 0.2]])
    assert alone(original, seen, unseen).tolist() == alone(original, seen).tolist()
    assert alone(original, unseen).tolist() == [[0.0, 0.0]]


def test_flipped_labels_come_first(labels_and_predictions: tuple[np.ndarray, np.ndarray]) -> None:
    truth, probabilities = labels_and_predictions
    wrong = np.random.default_rng(1).random(truth.shape) < 0.03
    found = alone(np.where(wrong, 1 - truth, truth), probabilities)
    assert 0 <= found.min() <= found.max() <= 1
    assert found[wrong].mean() > 5 * found[~wrong].mean()


def test_misplaced_label_sets_are_detected(labels_and_predictions: tuple[np.ndarray, np.ndarray]) -> None:
    truth, probabilities = labels_and_predictions
    labels, moved = truth.copy(), np.arange(0, N, 10)
    labels[moved] = truth[np.roll(moved, 1)]
    wrong = labels != truth
    found = alone(labels, probabilities)
    plain = contradiction(labels, probabilities)
    first, first_plain = (np.argsort(-values.ravel())[: wrong.sum()] for values in (found, plain))
    assert wrong.ravel()[first].mean() > wrong.ravel()[first_plain].mean()


def test_a_twin_that_disagrees_raises_the_doubt(labels_and_predictions: tuple[np.ndarray, np.ndarray]) -> None:
    labels = np.repeat(labels_and_predictions[0], 2, axis=0)
    groups = [f"{i // 2:x}" for i in range(len(labels))]
    labels[0, 0] = 1 - labels[0, 0]
    everyone, unsure = np.ones(len(labels), dtype=bool), np.full(labels.shape, 0.5)
    found = doubt(labels, [unsure], groups, everyone).labels
    assert found[0, 0] > 10 * found[2:, 0].mean()


def test_dev_labels_do_not_affect_the_estimates(labels_and_predictions: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = labels_and_predictions
    is_train, groups = np.arange(N) < 2 * MIN_TRAINING, [f"{i:x}" for i in range(N)]
    before = doubt(labels, [probabilities], groups, is_train).labels
    nonsense = labels.copy()
    nonsense[N - 100 :] = np.random.default_rng(2).integers(0, 2, (100, 11))
    after = doubt(nonsense, [probabilities], groups, is_train).labels
    assert np.allclose(before[: N - 100], after[: N - 100])
    assert after[N - 100 :].mean() > 3 * before[N - 100 :].mean()


def test_an_emotion_without_positives_gives_finite_doubts(
    labels_and_predictions: tuple[np.ndarray, np.ndarray],
) -> None:
    labels, probabilities = labels_and_predictions
    labels[:, 10] = 0
    assert np.isfinite(alone(labels, probabilities)).all()


def test_the_reason_names_each_source_and_what_the_original_says() -> None:
    assert in_words("joy", True, {"Qwen": 0.04}) == "Qwen 0.04 joy, the original has joy"
    assert in_words("joy", True, {"Qwen": 0.04}, twin=False).endswith(
        "its twin does not have joy, the original has joy"
    )
    assert in_words("joy", False, {"Qwen": True, "BERT": 0.9}).startswith("Qwen says yes to joy, BERT 0.90, ")
    assert in_words("joy", True, {}) == ""
