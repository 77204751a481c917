"""Tests of the benchmark of labelling orders: what an order sees, the orders it is compared with, and the claims."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks import active, active_orders, active_table, ec, planted_errors
from benchmarks.active_orders import KNOWING, OURS, RANDOM, RARE_COLUMNS, Pool
from emoclf.backends.settings import TrainingSettings
from emoclf.tweets import LabelledTexts
from tests.support.models import tiny_bert, toy_tweets

pytestmark = pytest.mark.simulation  # loads torch

PROBABILITIES = np.array([[0.9, 0.2, 0.4], [0.5, 0.5, 0.1], [0.05, 0.3, 0.6], [0.7, 0.8, 0.9]])
LABELLED = np.array([[1, 0, 0], [0, 1, 1], [1, 0, 1]])
SMALL_TEXT_ADAPTIVE = [1.8257418583505538, 16.32993161855452, 2.3570226039551585, 4.83045891539648]  # 2.0.0.dev4
SMALL_TEXT_CVIRS = [0.3333333333333333, 0.3703703703703703, 0.37037037037037035, 0.1111111111111111]


@pytest.fixture
def small_pool() -> Pool:
    return Pool(PROBABILITIES, (PROBABILITIES > 0.5).astype(int), PROBABILITIES, np.zeros((4, 3)), LABELLED, 0)


def tweets(n: int, seed: int) -> tuple[LabelledTexts, np.ndarray]:
    """Invented tweets and their embeddings, of which some coordinates are the labels."""
    random = np.random.default_rng(seed)
    labels = (random.random((n, 11)) < np.linspace(0.4, 0.1, 11)).astype(np.int8)
    embeddings = np.hstack([labels + random.normal(0, 0.5, (n, 11)), random.normal(size=(n, 5))])
    return LabelledTexts(
        [f"{seed} {row}" for row in range(n)], labels, [f"{seed} {row}" for row in range(n)]
    ), embeddings


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> active.Data:
    """A sample of invented tweets in place of E-c, and an empty cache."""
    train, x = tweets(planted_errors.QUICK, 1)
    dev, x_dev = tweets(120, 2)
    monkeypatch.setattr(ec, "CACHE", tmp_path)
    monkeypatch.setattr(ec, "train_without_twins_of_dev", lambda: train)
    monkeypatch.setattr(ec, "tweets", lambda split: dev)
    monkeypatch.setattr(planted_errors, "embeddings", lambda tweets, name: x_dev if name == "dev" else x)
    return active.Data(train, x, dev, first=60, batch=20, rounds=2)


def test_adaptive_active_learning_has_the_scores_of_small_text(small_pool: Pool) -> None:
    assert active_orders.adaptive(small_pool) == pytest.approx(np.array(SMALL_TEXT_ADAPTIVE))


def test_the_recorded_scores_are_those_of_the_package_where_it_is_installed(small_pool: Pool) -> None:
    multi_label = pytest.importorskip("small_text.query_strategies.multi_label")
    from scipy.sparse import csr_matrix

    found = multi_label._uncertainty_weighted_label_cardinality_inconsistency(PROBABILITIES, csr_matrix(LABELLED))
    assert found == pytest.approx(np.array(SMALL_TEXT_ADAPTIVE))
    assert active_orders.small_text_cvirs()(small_pool).tolist() == np.argsort(-np.array(SMALL_TEXT_CVIRS)).tolist()


def test_cvirs_multiplies_the_mean_distance_by_the_ranks_of_the_margins() -> None:
    p = np.array([[0.5, 0.6], [0.9, 0.1]])  # the first is nearer to 0.5 in both emotions: ranks 1 and 2 of two
    pool = Pool(p, np.array([[1, 1], [1, 0]]), p, np.zeros((2, 2)), np.array([[0, 0], [0, 1]]), 0)
    # [1, 1] is the complement of [0, 0], and constant where [0, 1] is not: both distances are 1.
    assert active_orders.cvirs(pool).tolist() == [1.0, 0.0]


def test_the_entropy_is_one_bit_where_every_emotion_is_as_likely_as_not() -> None:
    p = np.array([[0.5, 0.5], [0.0, 1.0]])
    assert active_orders.mean_entropy(Pool(p, p, p, p, p, 0)).tolist() == [1.0, 0.0]


def test_a_round_labels_the_first_of_the_order_which_never_sees_a_labelled_tweet(data: active.Data) -> None:
    pools: list[Pool] = []
    masks: list[np.ndarray] = []

    def last_first(pool: Pool) -> np.ndarray:
        pools.append(pool)
        return np.arange(len(pool.probabilities))[::-1]

    def train(labelled: np.ndarray, seed: int) -> active.Trained:
        masks.append(labelled.copy())
        return active.Trained(np.full((len(labelled), 11), 0.4), np.full((120, 11), 0.4), np.full(11, 0.5))

    found = active.simulate(last_first, train, data, seed=13)
    assert [mask.sum() for mask in masks] == data.labelled == [60, 80, 100]
    assert found.shape[:2] == (2, 3)
    for pool, before, after in zip(pools, masks, masks[1:], strict=False):
        np.testing.assert_array_equal(pool.embeddings, data.embeddings[~before])
        np.testing.assert_array_equal(pool.labelled, data.train.labels[before])
        np.testing.assert_array_equal(np.flatnonzero(after & ~before), np.flatnonzero(~before)[-20:])


def test_the_order_that_knows_the_labels_finds_more_rare_emotions_than_ours_and_ours_more_than_random(
    data: active.Data,
) -> None:
    labels = data.train.labels[:60]
    trained = active.regressions(data)(np.arange(len(data.train)) < 60, 0)
    p, hidden = trained.train[60:], data.train.labels[60:]
    pool = Pool(p, (p >= trained.thresholds).astype(int), data.embeddings[60:], hidden, labels, 0)
    orders = active_orders.orders()
    rare = {name: hidden[orders[name](pool)[:200]][:, RARE_COLUMNS].sum() for name in (RANDOM, OURS, KNOWING)}
    assert rare[RANDOM] < rare[OURS] < rare[KNOWING]


def test_a_finished_training_is_not_repeated(data: active.Data, monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = np.arange(len(data.train)) < 60
    first = active.regressions(data)(labelled, 0)
    monkeypatch.setattr(planted_errors, "regress", None)
    np.testing.assert_array_equal(active.regressions(data)(labelled, 0).dev, first.dev)


@pytest.mark.usefixtures("one_thread")
def test_bert_trains_as_in_the_app_and_a_finished_training_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ec, "CACHE", tmp_path)
    monkeypatch.setattr(active, "TrainingSettings", partial(TrainingSettings, base=tiny_bert(tmp_path / "tiny")))
    toys = toy_tweets(132)
    data = active.Data(toys, np.zeros((132, 2)), toys.take(np.arange(20)))
    labelled = np.arange(132) < 110
    first = active.bert(data, quick=True)(labelled, 13)
    assert (first.train.shape, first.dev.shape, first.thresholds.shape) == ((132, 11), (20, 11), (11,))
    monkeypatch.setattr(active, "fine_tune", None)
    np.testing.assert_array_equal(active.bert(data, quick=True)(labelled, 13).dev, first.dev)


def test_the_lead_and_the_labels_needed_are_paired_with_random() -> None:
    luck = np.random.default_rng(0).normal(0, 0.05, (2, 3, 1, 1001))
    random = np.array([0.3, 0.4, 0.5])[:, None] + luck
    found = {RANDOM: random, OURS: random + np.array([0, 0.1, 0.05])[:, None]}
    lead = active_table.lead_on_rare(found, {})
    assert (lead.value, lead.detail["interval"]) == (pytest.approx(7.5), "+7.5 … +7.5")
    saved = active_table.saved_labels(found, [1000, 1500, 2000], {})
    assert saved.value == pytest.approx(75)
    assert not saved.holds


def test_a_quick_run_prints_every_order_and_which_model_it_was(
    data: active.Data, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["active", "--quick"])
    active.main()
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Model: regressions on frozen embeddings, not BERT."
    assert all(sum(line.startswith(f"| {name} |") for line in printed) >= 2 for name in active_orders.orders())
    answer = json.loads(printed[-1])
    assert answer["quick"]
    assert len(answer["claims"]) == 2
