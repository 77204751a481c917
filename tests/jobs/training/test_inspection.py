"""Tests of the inspection of runs: computed by hand for a few invented tweets, without training."""

import numpy as np
import pytest

from db import inspections
from db.predictions import add_predictions
from db.store import Store
from db.tweets import add_tweets
from emoclf.labels import EMOTIONS
from emoclf.metrics.calibration import Calibration
from jobs.review import review_card
from jobs.training import inspection
from tests.support.decisions import decide
from tests.support.runs import add_run_with_predictions, originals, probabilities

JOY = EMOTIONS.names.index("joy")


def test_dev_is_scored_against_its_own_labels_and_train_against_the_runs_training_labels(filled: Store) -> None:
    run_id = add_run_with_predictions(
        filled, {2: frozenset({"fear"})}, [(2, probabilities(fear=0.9)), (4, probabilities(joy=0.6))]
    )
    review_card.save_events(filled, "ana", [decide("e1", 4, "joy")])
    train, dev = (inspection.unseen_predictions(filled, run_id, split) for split in ("train", "dev"))
    assert (train.keys, dev.keys) == (["t2"], ["d1"])
    assert EMOTIONS.decode(train.targets) == EMOTIONS.decode(train.predicted) == [{"fear"}]
    assert EMOTIONS.decode(dev.targets) == [{"sadness"}]
    assert EMOTIONS.decode(inspection.unseen_predictions(filled, run_id, "dev", "approved").targets) == [{"joy"}]


def test_predictions_for_training_tweets_are_left_out(filled: Store) -> None:
    run_id = add_run_with_predictions(filled, originals(1, 2, 3))
    with filled.writing() as session:
        add_predictions(session, run_id, [(1, probabilities(), frozenset())], out_of_fold=False)
    assert len(inspection.unseen_predictions(filled, run_id, "train")) == 0


def test_the_tweet_that_changed_most_comes_first_with_the_emotion_that_did(filled: Store) -> None:
    first = add_run_with_predictions(
        filled, {}, [(1, probabilities(joy=0.5)), (2, probabilities(joy=0.9)), (3, probabilities())]
    )
    second = add_run_with_predictions(filled, {}, [(1, probabilities(joy=0.6)), (2, probabilities(joy=0.2, fear=0.3))])
    before, after = (inspection.unseen_predictions(filled, run_id, "train") for run_id in (first, second))
    moved = inspection.moved(before, after, "train")
    assert [(one.key, one.emotion, one.is_labelled) for one in moved] == [("t2", "joy", True), ("t1", "joy", True)]
    assert (moved[0].before, moved[0].after) == (pytest.approx(0.9), pytest.approx(0.2))
    assert len(inspection.moved(before, after, "train", limit=1)) == 1


def test_runs_without_common_tweets_show_no_changes(filled: Store) -> None:
    first, second = (
        add_run_with_predictions(filled, {}, [(1, probabilities())]),
        add_run_with_predictions(filled, {}, [(2, probabilities())]),
    )
    before, after = (inspection.unseen_predictions(filled, run_id, "train") for run_id in (first, second))
    assert inspection.moved(before, after, "train") == []


def test_calibration_errors_are_given_before_and_after_with_their_floor_and_the_brier_score(filled: Store) -> None:
    fitted = Calibration.independent((0.5,) * 11, (0.3,) * 11, (0.5,) * 11)
    raw = np.array([probabilities(joy=0.8), probabilities(joy=0.4)])
    run_id = add_run_with_predictions(
        filled, originals(1, 2), [(i, row.tolist()) for i, row in enumerate(raw, start=1)]
    )
    predictions = inspection.unseen_predictions(filled, run_id, "train")
    before, after = inspection.calibration_figures(fitted.to_json(), predictions, [JOY])
    assert after is not None
    assert before.error == pytest.approx((0.2 + 0.6) / 2, abs=1e-4)
    assert before.brier == pytest.approx((0.2**2 + 0.6**2) / 2, abs=1e-4)
    assert before.floor == pytest.approx((2 * 0.8 * 0.2 + 2 * 0.4 * 0.6) / 2, abs=0.05)
    assert after.error == pytest.approx(1 - fitted.apply(raw)[:, JOY].mean(), abs=1e-4)
    assert inspection.calibration_figures(None, predictions, [JOY]) == (before, None)


def test_the_expected_training_data_depends_on_the_labels_and_leaves_twins_out(filled: Store) -> None:
    from emoclf.tweets import Tweet

    with filled.writing() as session:
        add_tweets(session, [Tweet("t4", "I miss my grandmother's kitchen #now", frozenset({"fear"}))])
    review_card.save_events(filled, "ana", [decide("e1", 2, "fear")])
    with filled.reading() as session:
        seen = {
            labels: inspections.trainable_counts(session, labels) for labels in ("original", "approved", "reviewed")
        }
    assert {labels: n for labels, (n, _) in seen.items()} == {"original": 3, "approved": 3, "reviewed": 1}
    assert {labels: (found["joy"], found["fear"]) for labels, (_, found) in seen.items()} == {
        "original": (3, 0),
        "approved": (2, 1),
        "reviewed": (0, 1),
    }


def test_new_predictions_and_decisions_invalidate_the_cache_of_a_run(filled: Store) -> None:
    def stamp() -> tuple[int, int]:
        with filled.reading() as session:
            return inspections.stamp(session, run_id)

    run_id = add_run_with_predictions(filled, {}, [(4, probabilities())])
    stamps = [stamp()]
    review_card.save_events(filled, "ana", [decide("e1", 2, "fear")])
    stamps.append(stamp())
    with filled.writing() as session:
        add_predictions(session, run_id, [(1, probabilities(), frozenset())], out_of_fold=True)
    stamps.append(stamp())
    assert len(set(stamps)) == 3
