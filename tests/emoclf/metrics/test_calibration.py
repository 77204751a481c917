"""Tests of calibration: properties that hold for any engine, and a worked example."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from emoclf.labels import EMOTIONS
from emoclf.metrics.calibration import Calibration, fit, fit_jointly

TRUST, JOY = EMOTIONS.names.index("trust"), EMOTIONS.names.index("joy")


def overeager(n: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Raw probabilities that say yes to half of the cells where readers said yes to a fifth; shapes (n, 11)."""
    random = np.random.default_rng(seed)
    originals = (random.random((n, len(EMOTIONS))) < 0.2).astype(np.int8)
    log_odds = random.normal(0, 2, originals.shape) + 3 * originals - 0.5
    return 1 / (1 + np.exp(-log_odds)), originals


def f1(predicted: np.ndarray, true: np.ndarray) -> float:
    return float(2 * (predicted & true).sum() / (predicted.sum() + true.sum()))


@pytest.mark.parametrize("n", [1, 2, 5, 50, 300])
def test_calibrated_probabilities_stay_between_0_and_1_and_finite(n):
    calibration = fit(*overeager(n))
    extremes = np.array([[value] * len(EMOTIONS) for value in (0.0, 1e-12, 0.5, 1.0)])
    calibrated = calibration.apply(extremes)
    assert np.isfinite(calibrated).all()
    assert (calibrated >= 0).all()
    assert (calibrated <= 1).all()
    assert all(0 < threshold < 1 for threshold in calibration.threshold)


@pytest.mark.parametrize("n", [2, 50, 300])
def test_calibration_never_changes_the_order_of_tweets(n):
    rising = np.linspace(0.001, 0.999, 50)[:, None].repeat(len(EMOTIONS), axis=1)
    assert (np.diff(fit(*overeager(n)).apply(rising), axis=0) >= 0).all()


@pytest.mark.parametrize("n", [50, 300, 3000])
@pytest.mark.parametrize("fitting", [fit, fit_jointly])
def test_the_mean_calibrated_probability_is_the_base_rate(fitting, n):
    raw, originals = overeager(n)
    calibrated = fitting(raw, originals).apply(raw)
    np.testing.assert_allclose(calibrated.mean(axis=0), originals.mean(axis=0), atol=1 / n)


def test_calibration_corrects_an_engine_that_says_yes_too_often():
    raw, originals = overeager(300)
    calibration = fit(raw, originals)
    fresh, truth = overeager(3000, seed=6)
    predicted = calibration.labels(calibration.apply(fresh))
    assert f1(predicted, truth) > f1((fresh >= 0.5).astype(np.int8), truth) + 0.05


def test_thirty_times_as_many_tweets_hardly_change_the_calibration():
    """What the ridge and the pulled thresholds are for: 100 tweets are enough."""
    small, large = fit(*overeager(100, seed=7)), fit(*overeager(3000, seed=8))
    np.testing.assert_allclose(small.slope, large.slope, atol=0.35)
    np.testing.assert_allclose(small.threshold, large.threshold, atol=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_a_calibration_on_five_tweets_stays_cautious(seed):
    assert max(fit(*overeager(5, seed=seed)).slope) < 1.1


@pytest.mark.parametrize("positives", [0, 1, 2])
def test_an_emotion_with_hardly_a_positive_stays_finite_and_rare(positives):
    raw, originals = overeager(100)
    originals[:, TRUST] = 0
    originals[:positives, TRUST] = 1
    raw[:, TRUST] = np.where(originals[:, TRUST] == 1, 0.999999, 0.4)  # perfectly separated: plain Platt diverges
    calibration = fit(raw, originals)
    assert abs(calibration.slope[TRUST]) < 3
    assert abs(calibration.apply(raw)[:, TRUST].mean() - positives / 100) < 0.015


def test_an_emotion_with_reversed_probabilities_gets_its_base_rate():
    raw, originals = overeager(300)
    calibration = fit(1 - raw, originals)
    assert set(calibration.slope) == {0.0}
    np.testing.assert_allclose(calibration.apply(raw)[0], originals.mean(axis=0), atol=0.01)


def test_a_constant_engine_is_calibrated_to_the_base_rate():
    _, originals = overeager(300)
    constant = np.full(originals.shape, 0.7)
    calibrated = fit(constant, originals).apply(constant)
    np.testing.assert_allclose(calibrated, np.broadcast_to(originals.mean(axis=0), originals.shape), atol=0.01)


def test_without_tweets_to_fit_on_the_probabilities_stay_unchanged():
    calibration = fit(np.empty((0, 11)), np.empty((0, 11)))
    raw, _ = overeager(5)
    np.testing.assert_allclose(calibration.apply(raw), raw)
    assert (calibration.labels(raw) == (raw >= 0.5)).all()


def test_one_tweet_is_calibrated_like_a_batch_of_one():
    raw, originals = overeager(50)
    calibration = fit(raw, originals)
    np.testing.assert_array_equal(calibration.apply(raw[3]), calibration.apply(raw)[3])


@pytest.mark.parametrize("fitting", [fit, fit_jointly])
def test_a_calibration_can_be_stored_as_json(fitting):
    calibration = fitting(*overeager(50))
    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


def test_a_calibration_stored_by_an_earlier_version_gives_the_same_probabilities():
    raw, originals = overeager(50)
    calibration = fit(raw, originals)
    earlier = {name: getattr(calibration, name) for name in ("slope", "intercept", "threshold")}
    np.testing.assert_allclose(Calibration.from_json(earlier).apply(raw), calibration.apply(raw))


def echoed(n: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """As `overeager`, yet of trust the engine speaks by chance, and readers who chose trust mostly chose joy too."""
    raw, originals = overeager(n, seed)
    random = np.random.default_rng(seed + 100)
    raw[:, TRUST] = random.random(n)
    originals[:, TRUST] = originals[:, JOY] & (random.random(n) < 0.9)
    return raw, originals


def test_probabilities_of_one_emotion_improve_those_of_another():
    fresh, truth = echoed(3000, seed=6)
    alone, together = (fitting(*echoed(300)).apply(fresh)[:, TRUST] for fitting in (fit, fit_jointly))
    assert roc_auc_score(truth[:, TRUST], alone) < 0.6
    assert roc_auc_score(truth[:, TRUST], together) > 0.8


def test_with_few_tweets_the_other_emotions_hardly_count():
    weights = np.array(fit_jointly(*overeager(10)).weights)
    assert np.abs(weights - np.diag(np.diag(weights))).max() < 0.25


def test_an_emotion_never_has_a_negative_weight_for_itself():
    raw, originals = overeager(300)
    assert min(fit_jointly(1 - raw, originals).slope) >= 0


@pytest.mark.parametrize("shapes", [((5, 11), (4, 11)), ((5, 10), (5, 10)), ((11,), (11,))])
def test_arrays_of_another_shape_are_refused(shapes):
    raw, originals = (np.zeros(shape) for shape in shapes)
    with pytest.raises(ValueError, match="expected"):
        fit(raw, originals)
