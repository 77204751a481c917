"""Tests of the augmentation benchmark: the sampling of its control, and its verdicts on planted differences."""

import numpy as np
import pytest

from benchmarks import augmentation, synthetic_tweets
from benchmarks.augmentation import CONTROL, NONE, SYNTHETIC, Data, claim, over, repeated, row
from emoclf.labels import EMOTIONS
from emoclf.tweets import LabelledTexts

pytestmark = pytest.mark.simulation  # loads torch

RARE = [EMOTIONS.names.index(emotion) for emotion in augmentation.RARE]


def tweets(n: int, name: str, rate: float = 0.3) -> LabelledTexts:
    """Invented tweets in pairs of twins."""
    labels = (np.random.default_rng(n).random((n, 11)) < rate).astype(np.int8)
    return LabelledTexts([f"{name} {row}" for row in range(n)], labels, [f"{name} {row // 2}" for row in range(n)])


@pytest.fixture(scope="module")
def data() -> Data:
    return Data.of(tweets(400, "train", rate=0.1), tweets(300, "dev"))


def test_no_repeated_tweet_comes_from_the_held_out_fifth(data: Data) -> None:
    assert 60 < len(data.held_out) < 100
    assert not set(data.held_out.groups) & set(data.train.groups)
    drawn = repeated(data, tweets(300, "synthetic", rate=0.6))
    assert len(drawn) == 300
    assert drawn.labels[:, RARE].any(axis=1).all()
    assert not set(drawn.groups) & set(data.held_out.groups)
    assert set(drawn.texts) <= set(data.train.texts)


def test_writer_and_judge_see_no_tweet_of_the_held_out_fifth(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Answers:
        def __init__(self, texts: list[str]) -> None:
            asked.extend(texts)
            self.probabilities = np.random.default_rng(0).random((len(texts), 11))

    monkeypatch.setattr(synthetic_tweets.qwen, "answers", Answers)
    synthetic_tweets.judge_probabilities(data.train, tweets(10, "synthetic"))
    assert not set(asked) & set(data.held_out.texts)
    assert set(asked) & set(data.train.texts)


def predictions(dev: LabelledTexts, skill: dict[str, float], seeds: int) -> augmentation.Predictions:
    """Labels that are right with a probability, by way and seed."""
    found: augmentation.Predictions = {}
    for n, (name, right) in enumerate(skill.items()):
        for seed in range(seeds):
            sure = np.random.default_rng([n, seed]).random(dev.labels.shape) < right
            found.setdefault(name, {})[seed] = np.where(sure, dev.labels, 1 - dev.labels)
    return found


def test_a_planted_gain_lies_in_the_interval_over_tweets_and_seeds(data: Data) -> None:
    skill = {NONE: 0.8, SYNTHETIC: 0.9, CONTROL: 0.8}
    found = over(CONTROL, predictions(data.dev, skill, 3), data.dev)
    assert found[SYNTHETIC].verdict == "better"
    assert found[SYNTHETIC].low < 2 * 0.3 * 0.9 / (0.3 + 0.34) - 2 * 0.3 * 0.8 / (0.3 + 0.38) < found[SYNTHETIC].high
    assert found[NONE].verdict == "no evidence of change"
    measured = claim(predictions(data.dev, skill, 3), data.dev, {})
    assert "…" in measured.detail["interval_over_tweets_and_seeds"]
    assert measured.holds


def test_one_seed_is_not_testable_and_its_claim_does_not_hold(data: Data) -> None:
    one = predictions(data.dev, {NONE: 0.8, SYNTHETIC: 0.95, CONTROL: 0.8}, 1)
    gain = over(CONTROL, one, data.dev)[SYNTHETIC]
    assert row(SYNTHETIC, one[SYNTHETIC], data.dev, gain).endswith("| not testable (one seed) |")
    assert not claim(one, data.dev, {}).holds
