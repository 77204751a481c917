"""Tests of the ranking: what doubts are learned from, and the recorded facts about them."""

import numpy as np
import pytest

from db import doubting
from db.predictions import add_predictions
from db.queue_items import first_items
from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from emoclf.labels import EMOTIONS
from emoclf.review.doubt import folds_of
from emoclf.tweets import Tweet
from jobs.doubts import ranking
from tests.support.runs import add_run

ENGINE, N = ("guesser", "1"), 240


def labels_of(n: int, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random((n, len(EMOTIONS))) < 0.3).astype(np.int8)


@pytest.fixture
def guessed(store: Store) -> Store:
    """60 train tweets and as many of dev, and suggestions that have nothing to do with their labels."""
    random, chosen = np.random.default_rng(1), EMOTIONS.decode(labels_of(120))
    with store.writing() as session:
        tweets = [Tweet(f"k{i}", f"tweet {i} of many", on, "train" if i < 60 else "dev") for i, on in enumerate(chosen)]
        add_tweets(session, tweets)
        suggestions = [(i + 1, random.random(len(EMOTIONS)).tolist()) for i in range(120)]
        add_suggestions(session, *ENGINE, suggestions)
    return store


def test_a_suggestion_is_never_calibrated_on_the_doubted_label_itself(guessed: Store) -> None:
    ranking.fit_calibrations(guessed)
    known = ranking.read(guessed)
    assert known is not None
    before, fold_of = ranking.cross_fitted(known), folds_of(known.groups)
    fold = known.is_train & (fold_of == fold_of[0])
    known.original[fold] = 1 - known.original[fold]
    after = ranking.cross_fitted(known)
    assert np.array_equal(before[fold], after[fold])
    assert not np.allclose(before[known.is_train & ~fold], after[known.is_train & ~fold])
    assert np.array_equal(after[~known.is_train], known.suggested[~known.is_train])


def test_with_few_suggestions_random_ones_do_not_appear_informative(guessed: Store) -> None:
    """With one calibration for all, the train tweets that it was fitted on looked better than those of dev."""
    ranking.refresh(guessed)
    with guessed.reading() as session:
        mean = {s: np.mean([d.doubt for d in first_items(session, s, 60)]) for s in ("train", "dev")}
    assert mean["train"] > mean["dev"] - 0.01


def test_few_tweets_give_a_rank_and_enough_of_them_a_probability(guessed: Store) -> None:
    ranking.refresh(guessed)
    with guessed.reading() as session:
        assert not doubting.read(session, "train").is_probability


@pytest.mark.parametrize("out_of_fold", [True, False])
def test_predictions_of_tweets_that_bert_trained_on_give_no_probability(store: Store, out_of_fold: bool) -> None:
    labels = labels_of(N)
    chosen = EMOTIONS.decode(labels)
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"tweet {i} of many", on) for i, on in enumerate(chosen)])
    run_id = add_run(store, tweets=[(i + 1, "train", on) for i, on in enumerate(chosen)])
    probabilities = np.where(labels == 1, 0.7, 0.2) + np.random.default_rng(2).normal(0, 0.05, labels.shape)
    with store.writing() as session:
        rows = [(i + 1, row.tolist(), frozenset[str]()) for i, row in enumerate(probabilities)]
        add_predictions(session, run_id, rows, out_of_fold=out_of_fold)
    ranking.refresh(store)
    with store.reading() as session:
        found = doubting.read(session, "train")
    assert found.is_probability == out_of_fold
