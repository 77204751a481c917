"""Tests of the order in which unlabelled tweets are labelled: uncertain, rare and different ones first."""

import numpy as np
import pytest

from emoclf.review.labelling_order import labelling_order

COUNTS = np.array([400, 40, 300, 180, 350, 100, 290, 110, 300, 50, 50])


@pytest.fixture
def probabilities() -> np.ndarray:
    return np.random.default_rng(0).beta(0.4, 1.5, (300, 11))


@pytest.fixture
def embeddings() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(300, 16))


def unsure_of(*emotions: int) -> np.ndarray:
    """The probabilities of tweets that are each unsure of one emotion, and sure that they have no other."""
    p = np.full((len(emotions), 11), 0.01)
    p[np.arange(len(emotions)), emotions] = 0.5
    return p


def test_an_unsure_tweet_comes_before_a_sure_one() -> None:
    p = np.array([[0.99] * 11, [0.01] * 11, [0.5] * 11])
    assert labelling_order(p, None, COUNTS, sharpness=np.inf)[0] == 2


def test_of_equally_unsure_tweets_the_one_with_the_rarer_emotion_comes_first() -> None:
    order = labelling_order(unsure_of(0, 1, 3, 5), None, COUNTS, sharpness=np.inf)
    assert order.tolist() == [1, 3, 2, 0]  # with 40, 100, 180 and 400 labelled tweets


def test_with_noise_most_tweets_with_the_rarer_emotion_come_first() -> None:
    order = labelling_order(unsure_of(*[0, 1] * 200), None, COUNTS)
    assert (order[:200] % 2 == 1).mean() > 0.9


def test_several_unsure_emotions_count_more_than_one_of_them() -> None:
    p = np.vstack([unsure_of(1), np.maximum(unsure_of(1), unsure_of(9))])
    assert labelling_order(p, None, COUNTS, sharpness=np.inf)[0] == 1


@pytest.mark.parametrize("sharpness", [3.0, np.inf])
def test_a_duplicate_of_an_early_tweet_comes_after_all_different_ones(
    probabilities: np.ndarray, embeddings: np.ndarray, sharpness: float
) -> None:
    p, vectors = np.vstack([probabilities] * 2), np.vstack([embeddings] * 2)
    order = labelling_order(p, vectors, COUNTS, diverse=len(p), sharpness=sharpness)
    assert len(set((order[:300] % 300).tolist())) == 300


def test_similar_tweets_are_spread_over_the_order_that_would_have_them_all_first() -> None:
    random = np.random.default_rng(2)
    p = np.vstack([unsure_of(*[1] * 50), unsure_of(*[5] * 150)])
    vectors = random.normal(size=(200, 16))
    vectors[:50] = vectors[0] + 0.01 * vectors[:50]  # the 50 with the rarest emotion are about the same
    assert (labelling_order(p, None, COUNTS, sharpness=np.inf)[:50] < 50).all()
    assert (labelling_order(p, vectors, COUNTS, sharpness=np.inf)[:50] < 50).sum() < 5


def test_each_choice_has_the_best_key_given_those_before_it(probabilities: np.ndarray, embeddings: np.ndarray) -> None:
    order = labelling_order(probabilities, embeddings, COUNTS, diverse=60, sharpness=np.inf)
    scores = np.log((probabilities * (1 - probabilities)) @ (1 / (1 + COUNTS)))
    unit = embeddings - embeddings.mean(axis=0)
    similar = (unit @ unit.T) / np.outer(*[np.linalg.norm(unit, axis=1)] * 2)
    expected = [int(scores.argmax())]
    for _ in range(59):
        nearest = np.maximum(similar[:, expected].max(axis=1), 0)
        keys = scores + np.log(np.maximum(1 - nearest**2, 1e-12))
        keys[expected] = -np.inf
        expected.append(int(keys.argmax()))
    assert order[:60].tolist() == expected


def test_after_the_diverse_positions_the_score_alone_counts(probabilities: np.ndarray, embeddings: np.ndarray) -> None:
    order = labelling_order(probabilities, embeddings, COUNTS, diverse=50, sharpness=np.inf)
    by_score = labelling_order(probabilities, None, COUNTS, sharpness=np.inf)
    first = set(order[:50].tolist())
    assert order[50:].tolist() == [position for position in by_score.tolist() if position not in first]


@pytest.mark.parametrize("diverse", [0, 50, 1000])
def test_every_tweet_has_one_position_and_the_order_is_the_same_again(
    probabilities: np.ndarray, embeddings: np.ndarray, diverse: int
) -> None:
    order = labelling_order(probabilities, embeddings, COUNTS, diverse=diverse)
    assert sorted(order.tolist()) == list(range(300))
    assert order.tolist() == labelling_order(probabilities, embeddings, COUNTS, diverse=diverse).tolist()
    assert order.tolist() != labelling_order(probabilities, embeddings, COUNTS, diverse=diverse, seed=1).tolist()


def test_no_tweets_have_an_empty_order() -> None:
    for vectors in (None, np.zeros((0, 16))):
        order = labelling_order(np.zeros((0, 11)), vectors, COUNTS)
        assert order.shape == (0,)
        assert order.dtype.kind == "i"


def test_emotions_that_nobody_labelled_and_certain_tweets_and_empty_embeddings_have_an_order() -> None:
    p, nobody = np.vstack([np.zeros((2, 11)), unsure_of(3, 4)]), np.zeros(11, dtype=int)
    order = labelling_order(p, np.zeros((4, 16)), nobody, sharpness=np.inf)
    assert order.tolist() == [2, 3, 0, 1]


@pytest.mark.parametrize(
    ("p", "vectors", "counts", "sharpness", "message"),
    [
        (np.zeros((2, 11)), None, np.zeros(10), 3.0, r"\(2, 11\), labelled_counts \(10,\)"),
        (np.zeros((2, 11)), np.zeros((3, 4)), np.zeros(11), 3.0, r"\(3, 4\), expected \(2, d\)"),
        (np.full((2, 11), np.nan), None, np.zeros(11), 3.0, "from 0 to 1"),
        (np.full((2, 11), 1.5), None, np.zeros(11), 3.0, "from 0 to 1"),
        (np.zeros((2, 11)), None, np.full(11, -1), 3.0, "expected 0 or more"),
        (np.zeros((2, 11)), None, np.zeros(11), -1.0, "sharpness is -1.0"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_with_what_was_seen(
    p: np.ndarray, vectors: np.ndarray | None, counts: np.ndarray, sharpness: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        labelling_order(p, vectors, counts, sharpness=sharpness)
