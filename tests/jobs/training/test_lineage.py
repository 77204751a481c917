"""Tests of lineage: every train label that differs between two runs has an origin."""

import pytest

from db.store import Store
from db.tweets import add_tweets
from emoclf.errors import LabelError
from emoclf.tweets import Tweet
from jobs.review import review_card
from jobs.training.lineage import lineage
from tests.support.decisions import decide, undo
from tests.support.runs import as_rows, run_now


def test_labels_that_reviewers_added_and_removed_are_theirs(filled: Store) -> None:
    before = run_now(filled)
    review_card.save_events(filled, "ana", [decide("e1", 1, "love")])  # t1 had joy and love
    review_card.save_events(filled, "ben", [decide("e2", 2, "anger"), decide("e3", 3, "joy")])
    after = run_now(filled)
    joy = lineage(filled, after, before, "joy")
    assert as_rows(joy.changes) == [("t1", False, "reviewer", "ana"), ("t2", False, "reviewer", "ben")]
    assert as_rows(lineage(filled, after, before, "anger").changes) == [("t2", True, "reviewer", "ben")]
    assert lineage(filled, after, before, "fear").changes == ()
    assert joy.counts() == {("reviewer", "ana"): (0, 1), ("reviewer", "ben"): (0, 1)}
    assert joy.in_words() == [
        f"Between run {before} and run {after} 0 train labels of joy were added and 2 removed:",
        "decided by ana: 0 added, 1 removed",
        "decided by ben: 0 added, 1 removed",
    ]


def test_decisions_after_a_run_are_not_in_its_lineage(filled: Store) -> None:
    before = run_now(filled)
    review_card.save_events(filled, "ana", [decide("e1", 2, "anger")])
    after = run_now(filled)
    review_card.save_events(filled, "ben", [decide("e2", 2, "anger")])
    assert as_rows(lineage(filled, after, before, "anger").changes) == [("t2", True, "reviewer", "ana")]


def test_an_undone_decision_restores_the_original_label(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 1, "sadness")])
    before = run_now(filled)
    review_card.save_events(filled, "ana", [undo("e2", "e1")])
    after = run_now(filled)
    assert as_rows(lineage(filled, after, before, "joy").changes) == [("t1", True, "original", None)]


def test_new_tweets_bring_labels_by_import_and_tweets_left_out_take_theirs(filled: Store) -> None:
    before = run_now(filled)
    with filled.writing() as session:
        add_tweets(session, [Tweet("t4", "what a lovely day", frozenset({"joy"}))])
    review_card.save_events(filled, "ana", [decide("e1", 5, "joy"), decide("e2", 1, "joy")])
    after = run_now(filled)
    assert as_rows(lineage(filled, after, before, "joy").changes) == [("t4", True, "reviewer", "ana")]
    reviewed = run_now(filled, "reviewed")
    left_out = lineage(filled, reviewed, after, "joy")
    assert as_rows(left_out.changes) == [("t2", False, "left out", None), ("t3", False, "left out", None)]
    untouched = run_now(filled, "original")
    assert as_rows(lineage(filled, untouched, reviewed, "joy").changes) == [
        ("t2", True, "import", None),
        ("t3", True, "import", None),
    ]


def test_a_run_on_originals_has_no_labels_from_reviewers(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 1, "joy", "love"), decide("e2", 2, "anger")])
    before, after = run_now(filled), run_now(filled, "original")
    assert as_rows(lineage(filled, after, before, "anger").changes) == [("t2", False, "original", None)]


def test_an_emotion_that_is_none_is_refused(filled: Store) -> None:
    run_id = run_now(filled)
    with pytest.raises(LabelError, match="'hope' is not a label"):
        lineage(filled, run_id, run_id, "hope")
