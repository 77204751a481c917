"""What the benchmarks of new labels compute, on examples small enough to check."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ec, qwen, twins
from benchmarks.relabel_quality import row
from emoclf.calibration import cross_fitted, fit_together
from emoclf.prompts import LABELLING
from emoclf.tweets import LabelledTexts


def expected_jaccard(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Over all truths that these probabilities allow."""
    total = 0.0
    for truth in product((0, 1), repeat=len(probabilities)):
        y = np.array(truth)
        chance = float(np.prod(np.where(y, probabilities, 1 - probabilities)))
        union = int((labels | y).sum())
        total += chance * (1.0 if not union else int((labels & y).sum()) / union)
    return total


def test_the_likeliest_labels_are_the_best_that_a_search_through_all_sets_finds() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        probabilities = random.random(6) ** 3
        own = expected_jaccard(twins.likeliest(probabilities[None])[0], probabilities)
        best = max(expected_jaccard(np.array(labels), probabilities) for labels in product((0, 1), repeat=6))
        assert own == pytest.approx(best)


def test_twins_are_paired_in_both_directions_and_templates_stay_out() -> None:
    groups = ["a", "b", "a", "c", *["template"] * 4]
    pairs, alone = twins.twins(LabelledTexts(list("12345678"), np.zeros((8, 11), dtype=np.int8), groups))
    assert sorted(map(tuple, pairs.tolist())) == [(0, 2), (2, 0)]
    assert sorted(alone.tolist()) == [1, 3]


def test_qwen_is_asked_about_a_tweet_once_and_its_text_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    class Scripted:
        def log_odds(self, texts: list[str]) -> np.ndarray:
            asked.extend(texts)
            return np.array([[float(len(text))] * 11 for text in texts])

    monkeypatch.setattr(ec, "CACHE", tmp_path)
    monkeypatch.setattr(qwen, "folder", lambda: tmp_path)
    monkeypatch.setattr(qwen, "scorer", lambda prompt: Scripted())
    first = qwen.answers(["so glad", "boo"])
    again = qwen.answers(["boo", "so glad", "boo"], LABELLING)
    assert asked == ["so glad", "boo"]
    np.testing.assert_allclose(again.probabilities[[1, 0]], first.probabilities)
    assert again.probabilities[0, 0] == pytest.approx(1 / (1 + np.exp(-3)))
    assert "glad" not in "".join(file.read_text() for file in tmp_path.glob("*.jsonl"))


def test_a_row_of_the_table_scores_what_was_fitted_on_other_tweets() -> None:
    random = np.random.default_rng(2)
    labels = (random.random((60, 11)) < 0.4).astype(np.int8)
    given = cross_fitted(np.where(labels, 0.8, 0.3), labels, np.arange(60) % 3, fit_together)
    assert row("told apart", labels, given, 30.0).startswith("| told apart | 1.000 | 1.000 |")
    assert row("told apart", labels, given, 30.0).endswith("| 2.0 |")
