"""Tests of validation: checks of original labels, and label pairs that rarely occur together."""

from pathlib import Path

import numpy as np
import pytest

from db.decisions import NewDecision, add_decision
from db.queue import set_rank_inputs
from db.queue_items import queue_items
from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from db.values import RankInputs
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import YES_NO
from emoclf.review.cooccurrence import contradictions, learn_rules
from emoclf.review.validation import check_originals
from emoclf.tweets import Tweet
from jobs.doubts import ranking, validation
from jobs.review import cards

JOY, SAD = frozenset({"joy"}), frozenset({"sadness"})


def labels(*choices: tuple[frozenset[str], int]) -> np.ndarray:
    return np.repeat(EMOTIONS.encode([choice for choice, _ in choices]), [n for _, n in choices], axis=0).astype(int)


def test_emotions_that_rarely_occur_together_become_a_rule_in_words() -> None:
    [rule] = learn_rules(labels((JOY, 90), (SAD, 40), (JOY | SAD, 2), (frozenset(), 68)))
    assert rule.words == "joy and sadness together occur in 4.8 % of tweets with sadness, expected 46.0 %"
    assert contradictions(JOY | SAD, [rule]) == [rule]


def test_independent_emotions_give_no_rule() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        assert learn_rules((random.random((2000, 11)) < 0.2).astype(int)) == []


@pytest.mark.parametrize("few", [labels(), labels((JOY, 1)), labels((JOY, 5), (SAD, 5))], ids=["none", "one", "ten"])
def test_too_few_tweets_make_no_rule(few: np.ndarray) -> None:
    assert learn_rules(few.reshape(-1, 11)) == []


def test_emotions_that_are_only_somewhat_apart_make_no_rule() -> None:
    assert learn_rules(labels((JOY, 4000), (SAD, 4000), (JOY | SAD, 3000))) == []


def test_twins_count_once_in_a_rule() -> None:
    choices = ((JOY, 30), (SAD, 30), (JOY | SAD, 2), (frozenset(), 10))
    alone, many = labels(*choices), labels(*((choice, 5 * n) for choice, n in choices))
    groups = [n // 5 for n in range(len(many))]
    assert learn_rules(many, groups) == learn_rules(alone)
    assert learn_rules(many)[0].p_value < learn_rules(alone)[0].p_value


def test_copies_of_one_tweet_give_no_rule(store: Store) -> None:
    few = [Tweet(f"k{n}", f"tweet {n}", (JOY, SAD)[n % 2], "train") for n in range(10)]
    copies = [Tweet(f"c{n}", f"tweet 0 #tag{n}", JOY, "train") for n in range(100)]
    with store.writing() as session:
        add_tweets(session, [*few, *copies])
    assert validation.cooccurrence_rules(store) == []
    with store.writing() as session:
        add_tweets(session, [Tweet(f"m{n}", f"more {n}", (JOY, SAD)[n % 2], "train") for n in range(90)])
    assert [(rule.first, rule.together) for rule in validation.cooccurrence_rules(store)] == [("joy", 0)]


@pytest.mark.real_data
def test_the_published_labels_keep_joy_from_sadness_and_love_from_disgust(semeval: Path) -> None:
    rows = read_tweets(semeval / "2018-E-c-En-train.txt").tweets
    rules = learn_rules(EMOTIONS.encode([tweet.original for tweet in rows]).astype(int))
    pairs = {frozenset({rule.first, rule.second}) for rule in rules}
    assert {frozenset({"joy", "sadness"}), frozenset({"love", "disgust"})} <= pairs
    assert frozenset({"anger", "disgust"}) not in pairs


def test_each_original_label_gets_a_verdict_with_its_probability() -> None:
    probabilities = np.full(11, 0.1)
    probabilities[EMOTIONS.names.index("joy")] = 0.3
    found = {verdict.emotion: verdict for verdict in check_originals(JOY, probabilities)}
    assert (found["joy"].is_original, found["joy"].probability, found["joy"].holds) == (True, pytest.approx(0.3), False)
    assert (found["anger"].is_original, found["anger"].probability, found["anger"].holds) == (False, 0.9, True)


@pytest.fixture
def contradicted(store: Store) -> Store:
    """200 tweets that keep joy from sadness, and two that do not."""
    choices = [JOY] * 90 + [SAD] * 40 + [frozenset[str]()] * 68 + [JOY | SAD] * 2
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{n}", f"tweet {n}", choice) for n, choice in enumerate(choices)])
    return store


def test_tweets_that_go_against_a_rule_are_listed_in_words(contradicted: Store) -> None:
    rules = validation.cooccurrence_rules(contradicted)
    found = validation.contradicting(contradicted, rules, "train", 10)
    assert [finding.item.key for finding in found] == ["k198", "k199"]
    assert found[0].words.startswith("joy and sadness together occur in 4.8 %")
    with contradicted.writing() as session:
        add_decision(session, NewDecision("e1", found[0].item.tweet_id, "ana", JOY))
    assert [f.item.key for f in validation.contradicting(contradicted, rules, "train", 10)] == ["k199"]


def test_labels_that_do_not_hold_are_listed_worst_first(filled: Store) -> None:
    sure = np.full(11, 0.02)
    sure[EMOTIONS.names.index("anger")] = 0.99
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(2, sure.tolist())])
        set_rank_inputs(session, [RankInputs(2, 0.9, "anger")])
    plain = ranking.Calibrations({}, {})
    [finding] = validation.doubted(filled, plain, "train", 10)
    assert (finding.item.key, finding.words) == ("t2", "anger looks missing (0.99), joy looks wrong (0.98)")


def test_answers_without_probabilities_are_yes_and_no_on_the_card(filled: Store) -> None:
    probabilities = [float(name == "anger") for name in EMOTIONS.names]
    with filled.writing() as session:
        add_suggestions(session, "qwen", f"json-1{YES_NO}", [(2, probabilities)])
    ranking.refresh(filled)
    with filled.reading() as session:
        [item] = queue_items(session, [2])
    shown = cards.card(item, ranking.load_calibrations(filled))
    assert shown.suggestion
    assert (shown.suggestion.labels, shown.suggestion.probabilities) == (["anger"], None)
    assert shown.reason == cards.reason(item, {"BERT": None, "Qwen": shown.suggestion})
    assert "Qwen says" in shown.reason
