"""Tests of the ablation benchmark: every variant trains, and its table reports the measurements."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ablation import ROWS, Data, measure, read
from benchmarks.ablation_table import claim, compared, table
from benchmarks.array_cache import encode_array
from emoclf.backends.settings import RECIPE, TrainingSettings
from emoclf.training.fitting import scores
from emoclf.tweets import LabelledTexts
from tests.support.models import tiny_bert, toy_tweets

pytestmark = pytest.mark.simulation  # loads torch


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_the_ablation_trains_and_is_scored(name: str, tmp_path: Path) -> None:
    data = toy_tweets(132)
    parts = Data(data.take(np.arange(88)), data.take(np.arange(88, 132)), data.take(np.arange(88, 132)))
    own = replace(ROWS[name], settings={k: v for k, v in ROWS[name].settings.items() if k != "base"})
    settings = replace(TrainingSettings(base=tiny_bert(tmp_path / "tiny"), epochs=1, folds=2), **own.settings)
    found = measure(own, settings, parts)
    assert 0 < found["precision"] <= 1
    assert 0 <= found["dev_macro_f1"] <= 1


def held_out(n: int = 240) -> LabelledTexts:
    """Invented tweets in pairs of twins."""
    tweets = toy_tweets(n)
    return LabelledTexts(tweets.texts, tweets.labels, [str(row // 2) for row in range(n)])


def line(row: str, seed: int, skill: float, tweets: LabelledTexts) -> dict[str, object]:
    """A finished model: its probabilities are noise, and the labels as far as its skill goes."""
    luck = np.random.default_rng([seed, len(row)])
    p = (luck.random(tweets.labels.shape) + (skill + luck.normal(0, 0.003)) * tweets.labels).astype(np.float32)
    figures = dict.fromkeys(("macro_f1", "dev_precision", "dev_macro_f1"), 0.5)
    precision = scores(tweets.labels, p)["precision"]
    return {"row": row, "seed": seed, "seconds": 60.0, "precision": precision, "held_out": encode_array(p), **figures}


def test_a_planted_gain_is_better_and_a_row_that_differs_by_its_seeds_alone_is_not() -> None:
    tweets = held_out()
    skills = {"recipe": 0.5, "much better": 0.8, "the same again": 0.5}
    lines = [line(row, seed, skill, tweets) for row, skill in skills.items() for seed in (13, 14, 15)]
    found = compared(lines, tweets)
    shown = table(lines, [*skills, "not yet"], found)
    assert shown[2].endswith("|  | kept |")
    assert shown[3].endswith(" | better |")
    assert shown[4].endswith(" | no evidence of change |")
    assert len(shown) == 5
    assert found["the same again"].low < 0 < found["the same again"].high
    measured = claim(lines, found)
    assert not measured.holds
    assert measured.value == pytest.approx(100 * found["much better"].low, abs=0.01)


def test_the_average_precision_compared_is_the_one_in_the_table() -> None:
    tweets = held_out()
    lines = [line(row, seed, skill, tweets) for row, skill in (("recipe", 0.5), ("more", 0.6)) for seed in (13, 14)]
    means = [np.mean([one["precision"] for one in lines if one["row"] == row]) for row in ("more", "recipe")]
    assert compared(lines, tweets)["more"].value == pytest.approx(means[0] - means[1], abs=1e-5)


def test_a_row_with_one_seed_is_not_testable_and_a_claim_on_such_rows_does_not_hold() -> None:
    tweets = held_out()
    lines = [line("recipe", 13, 0.5, tweets), line("far", 13, 0.9, tweets)]
    found = compared(lines, tweets)
    assert table(lines, ["recipe", "far"], found)[3].endswith("| not testable (one seed) |")
    assert not claim(lines, found).holds


def test_lines_of_earlier_versions_without_probabilities_are_measured_again(tmp_path: Path) -> None:
    old = {"row": "recipe", "seed": 13, "encoder": "", "tweets": 9, "recipe": RECIPE}
    file = tmp_path / "ablation.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in (old, {**old, "seed": 14, "held_out": ""})))
    assert [one["seed"] for one in read(file, "", 9)] == [14]
