"""Tests of the scores, on numbers that can be checked by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, jaccard_score

from emoclf.labels import EMOTIONS, LabelSet
from emoclf.metrics.scores import compare, holm, score

TWO = LabelSet(("anger", "joy"))


def noisy(rows: int, errors: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    targets = (chance.random((rows, len(EMOTIONS))) < 0.25).astype(np.int8)
    return targets, np.where(chance.random(targets.shape) < errors, 1 - targets, targets)


def test_figures_are_those_worked_out_by_hand() -> None:
    targets = np.array([[1, 0], [1, 1], [0, 0], [0, 1]])
    predicted = np.array([[1, 0], [0, 1], [1, 0], [0, 1]])
    found = score(targets, predicted, TWO)
    anger = found.per_emotion["anger"]  # one hit, one miss, one false alarm, one rightly left out
    assert (anger.support, anger.accuracy, anger.precision, anger.recall, anger.f1) == (2, 0.5, 0.5, 0.5, 0.5)
    assert found.per_emotion["joy"].f1 == 1
    assert found.macro_f1 == 0.75
    assert found.micro_f1 == 2 * 3 / (2 * 3 + 1 + 1)
    assert found.jaccard == (1 + 0.5 + 0 + 1) / 4


def test_a_tweet_without_emotions_that_is_left_empty_counts_as_right() -> None:
    empty = np.zeros((3, 2), dtype=int)
    assert score(empty, empty, TWO).jaccard == 1


def test_figures_agree_with_scikit_learn() -> None:
    targets, predicted = noisy(500, 0.1, 1)
    found = score(targets, predicted)
    assert found.macro_f1 == pytest.approx(f1_score(targets, predicted, average="macro"))
    assert found.micro_f1 == pytest.approx(f1_score(targets, predicted, average="micro"))
    assert found.jaccard == pytest.approx(jaccard_score(targets, predicted, average="samples", zero_division=1.0))


def test_the_interval_holds_the_figure_and_narrows_with_more_tweets() -> None:
    widths = []
    for rows in (100, 1600):
        joy = score(*noisy(rows, 0.1, 2)).per_emotion["joy"]
        assert joy.f1_low <= joy.f1 <= joy.f1_high
        widths.append(joy.f1_high - joy.f1_low)
    assert widths[1] < widths[0] / 2  # sixteen times the tweets, a quarter of the width


def test_a_clear_gain_is_better_a_clear_loss_is_worse_and_no_change_is_no_evidence() -> None:
    targets, before = noisy(400, 0.3, 3)
    _, after = targets, np.where(np.random.default_rng(4).random(targets.shape) < 0.02, 1 - targets, targets)
    assert {change.verdict for change in compare(targets, before, after).values()} == {"better"}
    assert {change.verdict for change in compare(targets, after, before).values()} == {"worse"}
    assert {change.verdict for change in compare(targets, before, before).values()} == {"no evidence of change"}


@pytest.mark.simulation
def test_the_interval_of_a_difference_misses_the_truth_about_one_time_in_twenty() -> None:
    """Two systems equally good by design: a verdict other than "no evidence" is a false alarm."""
    alarms = 0
    for seed in range(60):
        targets, before = noisy(300, 0.15, seed)
        after = np.where(np.random.default_rng(1000 + seed).random(targets.shape) < 0.15, 1 - targets, targets)
        alarms += compare(targets, before, after)["macro"].verdict != "no evidence of change"
    assert alarms <= 8  # 3 expected; more than 8 of 60 happens once in 200 times


@pytest.mark.simulation
def test_eleven_emotions_together_raise_a_false_alarm_about_one_time_in_twenty() -> None:
    """Each emotion's own interval misses zero that often; uncorrected, nearly every second table would."""
    corrected, uncorrected = 0, 0
    for seed in range(60):
        targets, before = noisy(300, 0.15, seed)
        after = np.where(np.random.default_rng(1000 + seed).random(targets.shape) < 0.15, 1 - targets, targets)
        changes = [change for name, change in compare(targets, before, after).items() if name != "macro"]
        corrected += any(change.verdict != "no evidence of change" for change in changes)
        uncorrected += any(change.low > 0 or change.high < 0 for change in changes)
    assert corrected <= 8
    assert uncorrected >= 12


def test_corrected_p_values_are_those_worked_out_by_hand() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])).tolist() == [0.06, 0.03, 0.06]  # 3 x 0.01, 2 x 0.03, and no less
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]


def test_steps_from_old_to_new_labels_and_from_old_to_new_run_add_up() -> None:
    targets, before = noisy(200, 0.3, 5)
    corrected, after = noisy(200, 0.1, 6)
    whole = compare(targets, before, after, corrected=corrected)
    labels, model = compare(targets, before, before, corrected=corrected), compare(corrected, before, after)
    for name, change in whole.items():
        assert change.difference == pytest.approx(labels[name].difference + model[name].difference)


def test_arrays_of_another_shape_are_refused_with_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"\(3, 2\).*\(3, 1\).*\(n, 2\)"):
        score(np.zeros((3, 2)), np.zeros((3, 1)), TWO)
