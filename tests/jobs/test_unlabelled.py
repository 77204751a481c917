"""Tests of tweets that came without labels: they have no doubt, and count nowhere before a decision."""

from typing import Any

import pytest

from db import batches, doubting, reviewers, shares, summaries
from db.decisions import NewDecision, add_decision
from db.inspections import trainable_counts, unseen_counts
from db.predictions import add_predictions
from db.queue import FIRST, LABELLING, ORDERS, RANDOM, default_order, next_ids
from db.queue_items import queue_items
from db.store import Store
from db.suggestions import add_suggestions, suggested_originals
from db.tweets import add_tweets
from emoclf.errors import DataFileError, TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.metrics.source_agreement import NO_VALUE
from emoclf.progress import drain
from emoclf.review.filters import Filter
from emoclf.tweets import Tweet
from jobs.doubts import ranking, validation
from jobs.doubts.outlook import outlook
from jobs.doubts.source_agreement import source_labels
from jobs.review import review_card
from jobs.review.reviewers import repairs, report
from jobs.training.comparison import comparisons, evaluate
from jobs.training.data import read_data
from jobs.training.inspection import unseen_predictions
from tests.support.decisions import PLAIN, card_data, decide, log
from tests.support.runs import add_run, add_run_with_predictions, probabilities
from tests.support.tweet_files import record, write

JOY, TRUST = frozenset({"joy"}), frozenset({"trust"})
ENGINE = ("hf:Qwen/Qwen2.5", "labels-2")
# Ids 1 to 3 of the fixture `filled` are train tweets with labels, 4 is one of dev.
SURE, TORN, DEV = 5, 6, 7
ALL = Filter()
WITHOUT = (
    Tweet("u5", "such a lovely evening", None),
    Tweet("u6", "she said she would be there", None),
    Tweet("u7", "nothing works today", None, split="dev"),
)


@pytest.fixture
def mixed(filled: Store) -> Store:
    """Four tweets with labels and three without, all with suggestions; about the sixth the LLM is torn."""
    with filled.writing() as session:
        shares.set_random(session, 0)
        add_tweets(session, WITHOUT)
        said = {SURE: [0.999 if name == "joy" else 0.001 for name in EMOTIONS.names], TORN: probabilities(trust=0.5)}
        add_suggestions(session, *ENGINE, [(i, said.get(i, probabilities(anger=0.9))) for i in range(1, 8)])
    ranking.refresh(filled)
    return filled


def listed(store: Store, order: str, wanted: Filter = ALL) -> list[int]:
    with store.reading() as session:
        return next_ids(session, wanted, order, 25)


def decided(store: Store, tweet_id: int, labels: frozenset[str], **more: Any) -> None:
    with store.writing() as session:
        add_decision(session, NewDecision(f"e{tweet_id}", tweet_id, "ana", labels, **more))


# ---- the queue


@pytest.mark.parametrize("order", [FIRST, "expected gain for F1", "one emotion at a time"])
def test_orders_by_doubt_list_only_tweets_with_original_labels(mixed: Store, order: str) -> None:
    assert set(listed(mixed, order)) == {1, 2, 3}


def test_what_to_label_next_lists_the_others_the_uncertain_ones_first(mixed: Store) -> None:
    assert listed(mixed, LABELLING) == [TORN, SURE]
    assert set(listed(mixed, RANDOM)) == {1, 2, 3, SURE, TORN}


def test_of_two_tweets_with_the_same_words_one_comes_late(filled: Store) -> None:
    texts = ["late bus again today", "today late again #bus", "quiet evening here", "she said yes", "no idea why"]
    with filled.writing() as session:
        add_tweets(session, [Tweet(f"u{n}", text, None) for n, text in enumerate(texts)])
    run_id = add_run(filled)
    with filled.writing() as session:
        said = [[0.5] * 11] * 2 + [[0.45] * 11] * 3
        add_predictions(session, run_id, [(5 + n, p, JOY) for n, p in enumerate(said)], out_of_fold=True)
    ranking.refresh(filled)
    assert listed(filled, LABELLING)[-1] in (5, 6)


def test_before_any_model_has_seen_them_what_to_label_next_is_a_random_draw(store: Store) -> None:
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{n}", f"text {n}", None) for n in range(20)])
    assert listed(store, LABELLING) == listed(store, RANDOM) != listed(store, "as imported")


def test_dev_tweets_are_not_chosen_by_uncertainty_because_they_measure_the_model(mixed: Store) -> None:
    with mixed.writing() as session:
        add_tweets(session, [Tweet(f"dd{n}", f"dev text {n}", None, split="dev") for n in range(20)])
        add_suggestions(session, *ENGINE, [(i, probabilities(trust=0.02 * i)) for i in range(8, 28)])
    ranking.refresh(mixed)
    dev = Filter("dev")
    assert listed(mixed, LABELLING, dev) == [i for i in listed(mixed, RANDOM, dev) if i != 4]


def test_a_filter_lists_tweets_with_and_without_labels_and_can_ask_for_either(mixed: Store) -> None:
    assert listed(mixed, FIRST, Filter(text="evening")) == [SURE]
    assert listed(mixed, "as imported", Filter(original="no")) == [SURE, TORN]
    assert listed(mixed, "as imported", Filter(original="yes")) == [1, 2, 3]
    assert SURE not in listed(mixed, FIRST, Filter(doubt="0-0.5"))
    decided(mixed, SURE, JOY)
    assert listed(mixed, FIRST, Filter(reviewer="ana")) == [SURE]


def test_the_order_by_default_is_what_to_label_next_only_where_no_tweet_has_labels(mixed: Store) -> None:
    def usual(wanted: Filter) -> str:
        with mixed.reading() as session:
            return default_order(session, wanted)

    assert [usual(Filter()), usual(Filter(original="no")), usual(Filter(text="bus"))] == [FIRST, LABELLING, FIRST]
    for i in (1, 2, 3):
        decided(mixed, i, JOY)
    assert usual(Filter()) == LABELLING
    assert [row["tweet"] for row in review_card.listing(mixed, Filter(), None, 25)] == ["u6", "u5"]


def test_a_random_share_of_tweets_with_labels_is_mixed_only_among_these(mixed: Store) -> None:
    with mixed.writing() as session:
        shares.set_random(session, 1)
    for order in ORDERS:
        cards = card_data(mixed, "ana", Filter(), order, 5)["tweets"]
        assert [one["id"] for one in cards if one["by_chance"] and one["original"] is None] == []
        assert {one["id"] for one in cards} == set(listed(mixed, order))


# ---- doubt and the figures about originals


def test_they_have_no_doubt_no_reason_and_no_verdict_on_their_labels(mixed: Store) -> None:
    with mixed.reading() as session:
        items = queue_items(session, [SURE, TORN, DEV])
        assert summaries.doubts_ahead(session, "train", 25) == summaries.doubts_ahead(session, "train", 3)
    assert [(one.doubt, one.emotion) for one in items] == [(0.0, None)] * 3
    assert [validation.checks_on(one, PLAIN) for one in items] == [[]] * 3
    assert outlook(mixed, "train").tweets == 3


def test_no_calibration_and_no_agreement_uses_them(mixed: Store) -> None:
    with mixed.reading() as session:
        assert len(suggested_originals(session, *ENGINE)) == 3
    found = source_labels(mixed, ranking.load_calibrations(mixed), "train")
    rows = [list(found.ids).index(i) for i in (SURE, TORN)]
    assert (found.labels["original"][rows] == NO_VALUE).all()
    assert (found.labels["LLM"][rows] != NO_VALUE).all()


def test_doubts_of_other_tweets_are_the_same_without_them(mixed: Store, filled: Store) -> None:
    with mixed.reading() as session:
        with_them = [item.doubt for item in queue_items(session, [1, 2, 3, 4])]
    known = ranking.read(mixed)
    assert known is not None
    ranking._write_doubts(mixed, known.where(known.has_original))
    with mixed.reading() as session:
        assert [item.doubt for item in queue_items(session, [1, 2, 3, 4])] == with_them


def test_their_decisions_count_in_no_error_rate_and_in_no_comparison_with_blind_decisions(mixed: Store) -> None:
    shown = {"original": None, "suggestion": None, "blind_share": 0.5}
    decided(mixed, SURE, JOY, by_chance=True, blind=True, shown=shown)
    decided(mixed, TORN, TRUST, by_chance=True, shown=shown)
    with mixed.reading() as session:
        assert (shares.random_prefix(session, "train").pairs, reviewers.in_force(session, "train")) == ([], [])
        assert doubting.reviewed(session, "train", 25) == []
        assert (summaries.changed(session), reviewers.size(session, "train")) == (0, 3)
    assert repairs(mixed, "train")["joy"].reviewed == 0
    found = report(mixed)
    assert (found.sides, found.work[0].decisions) == ({}, 2)


def test_they_are_counted_apart(mixed: Store) -> None:
    decided(mixed, SURE, JOY)
    with mixed.reading() as session:
        train, dev = summaries.counts(session, "train"), summaries.counts(session, "dev")
    assert (train.tweets, train.decided, train.unlabelled, train.labelled) == (5, 1, 2, 1)
    assert (dev.tweets, dev.unlabelled, dev.labelled, train.per_emotion["joy"]) == (2, 1, 0, 3)


def test_they_have_no_originals_to_accept_in_bulk_but_suggestions(mixed: Store) -> None:
    with mixed.reading() as session:
        _, labelled = batches.labelled_counts(session, Filter(original="no"))
    assert labelled == {"original": 0, "suggestion": 2, "prediction": 0, "majority": 0}


# ---- the card


def test_the_card_says_that_there_is_no_original_and_no_doubt(mixed: Store) -> None:
    card = card_data(mixed, "ana", Filter(), LABELLING, 2)["tweets"][0]
    assert (card["id"], card["original"], card["doubt"], card["reason"]) == (TORN, None, None, "")
    assert card["suggestion"]["by"] == "Hf:Qwen/Qwen2.5"


def test_no_original_agrees_with_a_decision_on_a_tweet_that_has_none(mixed: Store) -> None:
    shown = {"original": None, "suggestion": None, "prediction": None, "start": []}
    saved = review_card.save_events(mixed, "ana", [decide("e1", SURE, "joy") | {"shown": shown}])
    assert saved.acknowledged == ["e1"]
    assert '"anger": []' in log(mixed)[0]["right_sources"]  # a missing original does not agree that it is no anger
    review_card.decide_tweet(mixed, "u6", ["trust"], "ana", "e2")
    assert '"original": null' in log(mixed)[1]["shown"]


def test_a_decided_one_is_opened_again_with_the_decision_in_force(mixed: Store) -> None:
    decided(mixed, SURE, JOY)
    [card] = card_data(mixed, "ana", Filter(original="no", decided="yes"), LABELLING, 1)["tweets"]
    assert (card["original"], card["in_force"]["labels"]) == (None, ["joy"])


def test_the_top_line_counts_the_tweets_of_the_order(mixed: Store) -> None:
    decided(mixed, SURE, JOY)
    decided(mixed, 1, JOY)
    assert [card_data(mixed, "ana", Filter(), order, 0)["decided"] for order in (LABELLING, FIRST, RANDOM)] == [1, 1, 2]


# ---- training and scoring


def test_a_training_learns_from_them_only_after_a_decision(mixed: Store) -> None:
    def learned(labels: str) -> dict[int, frozenset[str]]:
        return {tweet.tweet_id: tweet.labels for tweet in read_data(mixed, labels).train}

    assert set(learned("approved")) == set(learned("original")) == {1, 2, 3}
    decided(mixed, SURE, JOY)
    assert learned("approved")[SURE] == JOY
    assert set(learned("original")) == {1, 2, 3}
    assert set(learned("reviewed")) == {SURE}
    with mixed.reading() as session:
        assert [trainable_counts(session, labels)[0] for labels in ("approved", "original", "reviewed")] == [4, 3, 1]


def test_without_any_labels_a_training_says_what_is_missing(store: Store) -> None:
    with store.writing() as session:
        add_tweets(session, [Tweet("k", "a text", None)])
    for labels, what in (("approved", "train tweets with labels"), ("original", "train tweets with original labels")):
        with pytest.raises(TooLittleDataError, match=f"there are no {what} in the store; import or review some first"):
            read_data(store, labels)


def test_dev_tweets_without_labels_are_scored_only_after_a_decision(mixed: Store) -> None:
    assert [tweet.tweet_id for tweet in read_data(mixed, "approved").dev] == [4]
    run_id = add_run_with_predictions(mixed, {1: JOY}, [(4, probabilities(sadness=0.9)), (DEV, probabilities())])
    assert comparisons(mixed, run_id).original.scores.n == 1
    assert len(unseen_predictions(mixed, run_id, "dev")) == 1
    with mixed.reading() as session:
        assert unseen_counts(session, run_id) == {"dev": 1}
    decided(mixed, DEV, TRUST)
    found = comparisons(mixed, run_id)
    assert (found.original.scores.n, found.original.scores.per_emotion["trust"].support) == (2, 1)
    assert (found.original.reviewed, found.approved) == (0, None)  # nothing was corrected
    assert unseen_predictions(mixed, run_id, "dev").targets.sum() == 2


def test_predictions_of_train_tweets_without_labels_are_in_no_figure(mixed: Store) -> None:
    run_id = add_run(mixed, tweets=[(1, "train", JOY)])
    with mixed.writing() as session:
        rows = [(i, probabilities(joy=0.9), JOY) for i in (1, SURE, TORN)]
        add_predictions(session, run_id, rows, out_of_fold=True)
    assert unseen_predictions(mixed, run_id, "train").ids == [1]
    decided(mixed, SURE, TRUST)
    assert unseen_predictions(mixed, run_id, "train").ids == [1, SURE]


def test_a_file_without_labels_cannot_score_a_run(mixed: Store, tmp_path: Any) -> None:
    run_id = add_run(mixed)
    none = record() | dict.fromkeys(record().keys() - {"ID", "Tweet"}, "NONE")
    with pytest.raises(DataFileError, match=r"t\.csv has no labels to score a run against; name a file with labels"):
        drain(evaluate(mixed, run_id, write(tmp_path / "t.csv", none)))
