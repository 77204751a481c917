"""Tests of reopened decided tweets: cards start from the decision in force, and blind ones reveal nothing."""

from typing import Any

import pytest

from db import shares
from db.decisions import NewDecision, add_decision
from db.store import Store
from emoclf.review.filters import Filter
from jobs.review import guidelines, review_card
from tests.support.decisions import card_data, decide, undo
from tests.support.guidelines import GUIDELINE


def cards(store: Store, reviewer: str, wanted: Filter, **more: Any) -> list[dict[str, Any]]:
    return list(card_data(store, reviewer, wanted, "as imported", 3, **more)["tweets"])


def history(store: Store, reviewer: str) -> list[dict[str, Any]]:
    return list(card_data(store, reviewer, Filter(), "as imported", 3)["history"])


def correct(store: Store) -> None:
    """Bob corrects t2, whose original is joy."""
    assert review_card.save_events(store, "bob", [decide("e1", 2, "anger", guidelines=0)]).acknowledged == ["e1"]


ASKED = [
    {"decided": "yes"},
    {"decided": "any", "text": "furious"},
    {"reviewer": "bob"},
    {"outdated": "joy"},
    {"differ": "original-decision"},
    {"emotion": "anger", "source": "decision"},
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: next(iter(asked)))
def test_every_list_of_decided_tweets_gives_the_card_the_decision_in_force(
    filled: Store, asked: dict[str, str]
) -> None:
    correct(filled)
    guidelines.edit(filled, "joy", GUIDELINE, "ana", 0)
    [shown] = cards(filled, "ana", Filter(**asked))
    in_force = shown["in_force"]
    assert (in_force["reviewer"], in_force["labels"], in_force["batch"]) == ("bob", ["anger"], None)
    assert (in_force["guidelines"], in_force["changed"], in_force["settles"]) == (0, ["joy"], False)
    assert (shown["decision"], shown["blind"]) == (1, False)


def test_a_link_gives_the_card_the_decision_in_force_and_an_undecided_tweet_has_none(filled: Store) -> None:
    correct(filled)
    decided, waiting = cards(filled, "ana", Filter(), first=review_card.linked(filled, "t2"))[:2]
    assert (decided["id"], decided["in_force"]["labels"]) == (2, ["anger"])
    assert (waiting["id"], waiting["in_force"]) == (1, None)


def test_a_decided_dev_tweet_is_shown_with_its_decision_and_not_blind_and_an_undecided_one_is_blind(
    filled: Store,
) -> None:
    [shown] = cards(filled, "ana", Filter("dev"))
    assert (shown["blind"], shown["in_force"]) == (True, None)
    review_card.save_events(filled, "bob", [decide("e1", 4, "trust", blind=True)])
    for asked, first in ((Filter("dev"), review_card.linked(filled, "d1")), (Filter("dev", decided="yes"), None)):
        [shown] = cards(filled, "ana", asked, first=first)
        assert not shown.get("blind")
        assert shown["in_force"]["labels"] == ["trust"]


def test_a_second_reviewer_never_sees_the_first_decision_even_after_an_undo(filled: Store) -> None:
    with filled.writing() as session:
        shares.set_overlap(session, 1.0)
    correct(filled)
    first = cards(filled, "ana", Filter())[0]
    assert (first["id"], first["in_force"], first["second"]) == (2, None, True)
    review_card.save_events(filled, "ana", [decide("e2", 2, "fear", seen=first["decision"])])
    [past] = history(filled, "ana")
    assert (past["card"]["in_force"], past["card"]["second"], past["card"]["decision"]) == (None, True, 1)
    review_card.save_events(filled, "ana", [undo("u1", "e2")])
    assert cards(filled, "ana", Filter())[0]["in_force"] is None
    [card] = cards(filled, "ana", Filter(reviewer="bob"))
    assert card["in_force"]["labels"] == ["anger"]


def test_the_card_after_an_undo_shows_the_decision_then_in_force(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("a1", 2, "love"), decide("a2", 2, "fear")])
    correct(filled)
    newest, oldest = history(filled, "ana")
    assert [one["event_id"] for one in (newest, oldest)] == ["a2", "a1"]
    assert [one["card"]["in_force"]["labels"] for one in (newest, oldest)] == [["anger"], ["anger"]]  # it was bob's
    review_card.save_events(filled, "bob", [undo("u1", "e1")])
    newest, oldest = history(filled, "ana")
    assert newest["card"]["in_force"]["labels"] == ["love"]
    assert oldest["card"]["in_force"] is None
    assert oldest["card"]["decision"] is None


def test_a_card_says_that_the_decision_settles_a_difference_and_cannot_be_replaced(filled: Store) -> None:
    correct(filled)
    with filled.writing() as session:
        add_decision(session, NewDecision("s", 2, "carol", frozenset({"fear"}), adjudicates=True, guidelines=0))
        add_decision(session, NewDecision("e2", 2, "bob", frozenset({"joy"}), guidelines=0))
    [shown] = cards(filled, "ana", Filter(decided="yes"))
    assert (shown["in_force"]["reviewer"], shown["in_force"]["labels"]) == ("carol", ["fear"])
    assert shown["in_force"]["settles"]


def test_a_decision_older_than_any_guideline_is_marked_as_such(filled: Store) -> None:
    review_card.save_events(filled, "bob", [decide("e1", 2, "anger")])
    [shown] = cards(filled, "ana", Filter(decided="yes"))
    assert (shown["in_force"]["guidelines"], shown["in_force"]["changed"]) == (None, [])
