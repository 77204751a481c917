"""Doubt: a law for every reason, and two rows that can be checked by eye."""

import numpy as np
import pytest

from emoclf.doubt import REASONS, doubt, in_words


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_doubt_stays_between_0_and_1(reason) -> None:
    chance = np.random.default_rng(0)
    original, probabilities = chance.integers(0, 2, (200, 11)), chance.random((200, 11))
    values = reason(original, probabilities)
    assert values.min() >= 0
    assert values.max() <= 1


def test_the_contradicted_label_is_doubted_most() -> None:
    original = np.array([[1, 0]])
    assert doubt(original, [np.array([[0.1, 0.2]])]).tolist() == [[0.9, 0.2]]


def test_a_source_that_has_not_seen_a_tweet_says_nothing_about_it() -> None:
    original, unseen = np.array([[1, 0]]), np.array([[np.nan, np.nan]])
    assert doubt(original, [np.array([[0.1, 0.2]]), unseen]).tolist() == [[0.9, 0.2]]
    assert doubt(original, [unseen]).tolist() == [[0.0, 0.0]]


def test_the_reason_names_each_source_and_what_the_original_says() -> None:
    assert in_words("joy", True, {"Qwen": 0.04}) == "Qwen gives joy 0.04, the original has it"
    assert in_words("joy", True, {}) == ""
