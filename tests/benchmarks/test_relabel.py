"""Tests of the relabelling benchmarks, on examples small enough to check by hand."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ec, qwen, twins
from benchmarks.relabel_quality import row
from emoclf.llm.prompts import LABELLING
from emoclf.metrics.calibration import cross_fitted, fit_jointly
from emoclf.tweets import LabelledTexts

pytestmark = pytest.mark.simulation  # loads torch


def expected_jaccard(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Over all truths that these probabilities allow."""
    total = 0.0
    for truth in product((0, 1), repeat=len(probabilities)):
        y = np.array(truth)
        chance = float(np.prod(np.where(y, probabilities, 1 - probabilities)))
        union = int((labels | y).sum())
        total += chance * (1.0 if not union else int((labels & y).sum()) / union)
    return total


def test_the_labels_with_the_highest_expected_jaccard_index_match_an_exhaustive_search() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        probabilities = random.random(6) ** 3
        own = expected_jaccard(twins.max_expected_jaccard(probabilities[None])[0], probabilities)
        best = max(expected_jaccard(np.array(labels), probabilities) for labels in product((0, 1), repeat=6))
        assert own == pytest.approx(best)


def test_twins_are_paired_in_both_directions_without_templates() -> None:
    groups = ["a", "b", "a", "c", *["template"] * 4]
    pairs, alone = twins.twins(LabelledTexts(list("12345678"), np.zeros((8, 11), dtype=np.int8), groups))
    assert sorted(map(tuple, pairs.tolist())) == [(0, 2), (2, 0)]
    assert sorted(alone.tolist()) == [1, 3]


def independent_twins(
    random: np.random.Generator, groups: int, wrong: float | np.ndarray = 0.1
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Labels of directed pairs: what both readers of a tweet gave, each of them wrong in this share of cells."""
    truth = random.random((groups, 11)) < 0.2
    read = [(truth ^ (random.random(truth.shape) < wrong)).astype(np.int8) for _ in range(2)]
    names = [str(group) for group in range(groups)]
    return np.concatenate(read), np.concatenate(read[::-1]), names + names


def test_the_probability_of_a_twins_label_is_estimated_on_other_twins_and_is_correct() -> None:
    own, other, groups = independent_twins(np.random.default_rng(4), groups=3000)
    p_label = twins.p_given_own_label(own, other, groups)
    yes = 0.2 * 0.9 + 0.8 * 0.1  # of the cells a reader gives the emotion
    assert p_label[own == 1].mean() == pytest.approx((0.2 * 0.9**2 + 0.8 * 0.1**2) / yes, abs=0.02)
    assert p_label[own == 0].mean() == pytest.approx((0.2 * 0.9 * 0.1 + 0.8 * 0.9 * 0.1) / (1 - yes), abs=0.01)
    group = np.array(groups) == "7"
    turned = twins.p_given_own_label(own, np.where(group[:, None], 1 - other, other), groups)
    np.testing.assert_array_equal(turned[group], p_label[group])  # what its own twin says does not count


def test_labels_chosen_for_the_jaccard_index_win_by_the_rule_but_not_in_the_log_loss() -> None:
    own, other, groups = independent_twins(np.random.default_rng(5), 400, wrong=np.linspace(0.02, 0.4, 11))
    p_label = twins.p_given_own_label(own, other, groups)
    predictions = {
        twins.ORIGINALS: twins.Prediction(own, p_label),
        twins.CHOSEN: twins.Prediction(twins.max_expected_jaccard(p_label), p_label),
    }
    figures = {name: twins.score_against_other(prediction, other, groups) for name, prediction in predictions.items()}
    jaccard, _, loss = twins.change(twins.CHOSEN, twins.ORIGINALS, figures)
    assert jaccard.low > 0
    assert (loss.value, loss.low, loss.high) == (0, 0, 0)


def test_labels_chosen_from_all_eleven_originals_use_information_from_other_emotions() -> None:
    own, other, groups = independent_twins(np.random.default_rng(7), 400)
    other[:, 1] = own[:, 0]  # what one reader calls by the first emotion, the other calls by the second
    p_all, alone = (
        p_label(own, other, groups)[:, 1] for p_label in (twins.p_given_all_labels, twins.p_given_own_label)
    )
    assert p_all[own[:, 0] == 1].min() > 0.8
    assert alone[own[:, 0] == 1].max() < 0.5


def test_both_directions_of_a_pair_and_all_of_a_triple_count_as_one_in_the_intervals() -> None:
    random = np.random.default_rng(6)
    other = (random.random((200, 11)) < 0.3).astype(np.int8).repeat(6, axis=0)  # triples in both directions
    hits = (random.random((200, 2)) < [0.5, 0.6]).repeat(6, axis=0)  # two ways that are wholly right or wholly wrong
    predictions = [
        twins.Prediction(np.where(hit[:, None], other, 1 - other), np.full(other.shape, 0.5)) for hit in hits.T
    ]
    widths = []
    for groups in ([str(n // 6) for n in range(len(other))], [str(n) for n in range(len(other))]):
        figures = {
            str(n): twins.score_against_other(prediction, other, groups) for n, prediction in enumerate(predictions)
        }
        found = twins.change("1", "0", figures)[0]
        widths.append(found.high - found.low)
    assert widths[0] == pytest.approx(widths[1] * 6**0.5, rel=0.1)


def test_a_quick_run_keeps_twins_together() -> None:
    n = 4 * twins.QUICK
    groups = [str(row % (n // 2)) if row % 2 else f"alone {row}" for row in range(n)]
    few = twins.some_twins(LabelledTexts([str(row) for row in range(n)], np.zeros((n, 11), dtype=np.int8), groups))
    pairs, alone = twins.twins(few)
    assert len(pairs) == len(alone) == twins.QUICK // 2


def test_qwen_scores_each_tweet_once_and_its_text_is_not_stored(
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
    given = cross_fitted(np.where(labels, 0.8, 0.3), labels, np.arange(60) % 3, fit_jointly)
    assert row("told apart", labels, given, 30.0).startswith("| told apart | 1.000 | 1.000 |")
    assert row("told apart", labels, given, 30.0).endswith("| 2.0 |")
