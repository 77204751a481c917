"""What the benchmark of doubt plants and counts, on examples small enough to check."""

import numpy as np
import pytest

from benchmarks import planted
from benchmarks.doubt import cleanlab, columns
from emoclf.tweets import LabelledTexts

WORDS = ("bus", "train", "tram", "boat")


@pytest.fixture
def tweets() -> LabelledTexts:
    """200 invented tweets about four vehicles; every label set is another's neighbour."""
    texts = [f"the {WORDS[i % 4]} was {'late' if i % 3 else 'early'} on day {i}" for i in range(200)]
    labels = (np.random.default_rng(3).random((200, 11)) < 0.2).astype(np.int8)
    return LabelledTexts(texts, labels, [f"{i // 2:x}" for i in range(200)])


def test_flips_reach_the_share_of_cells(tweets: LabelledTexts) -> None:
    wrong = planted.flip(tweets, np.random.default_rng(0)) != tweets.labels
    assert wrong.mean() == pytest.approx(planted.CELLS, abs=0.015)


def test_swaps_keep_every_label_set_and_reach_the_share_of_cells(tweets: LabelledTexts) -> None:
    swapped = planted.swap(tweets, np.random.default_rng(0))
    assert sorted(map(tuple, swapped)) == sorted(map(tuple, tweets.labels))
    assert planted.CELLS <= (swapped != tweets.labels).mean() < planted.CELLS + 0.01


def test_the_columns_count_what_stands_first() -> None:
    wrong, ranking = np.zeros((10, 10), dtype=bool), -np.arange(100).reshape(10, 10)
    wrong[0, 0] = wrong[0, 4] = wrong[0, 9] = wrong[9, 9] = True
    assert columns(wrong, ranking)[1:] == [0.25, 0.5, 0.75]
    assert columns(wrong, np.where(wrong, 1.0, 0.0))[0] == 1.0


def test_cleanlab_ranks_by_what_speaks_against_a_label() -> None:
    tweets = LabelledTexts(["a", "b"], np.array([[1, 0], [0, 1]]), ["1", "2"])
    pytest.importorskip("cleanlab")
    errors = planted.Planted(tweets, tweets.labels, np.array([[0.1, 0.3], [0.4, 0.8]]))
    assert cleanlab(errors) == pytest.approx(np.array([[0.9, 0.3], [0.4, 0.2]]))
