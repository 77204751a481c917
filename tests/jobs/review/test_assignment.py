"""Tests of the assignment to several reviewers: no tweet is shown to two, and no decision is lost silently."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from db import leases, shares
from db.decisions import NewDecision, add_decision
from db.queue import FIRST
from db.store import Store
from emoclf.review.filters import Filter
from jobs.files.exports import export
from jobs.review import assignment, review_card
from jobs.review.card_messages import NewerDecision, Refusal
from tests.support.decisions import card_data, decide, undo


def got(store: Store, reviewer: str) -> list[int]:
    return [item.tweet_id for item in assignment.next_tweets(store, reviewer, Filter(), "as imported", 25)]


def share(store: Store, value: float) -> None:
    with store.writing() as session:
        shares.set_overlap(session, value)


def in_force(store: Store, tweet_id: int) -> Any:
    with store.reading() as session:
        return assignment.inspections.decision(session, tweet_id)


def test_no_tweet_is_shown_to_two_reviewers_at_once(sixty: Store) -> None:
    given = {name: got(sixty, name) for name in ("ana", "ben", "cem", "dia")}
    assert [len(ids) for ids in given.values()] == [25, 25, 10, 0]
    assert sorted(i for ids in given.values() for i in ids) == list(range(1, 61))


def test_an_empty_card_says_whether_other_reviewers_have_the_remaining_tweets(sixty: Store) -> None:
    def elsewhere(reviewer: str) -> bool:
        return bool(card_data(sixty, reviewer, Filter(), FIRST, 60)["leased_to_others"])

    assert [elsewhere(name) for name in ("ana", "ben", "cem", "dia")] == [False, False, False, True]
    review_card.save_events(sixty, "ana", [decide(f"e{i}", i, "joy") for i in range(1, 61)])
    assert not elsewhere("dia")


def test_a_reviewer_keeps_assigned_tweets_and_gets_more_after_deciding(sixty: Store) -> None:
    first = got(sixty, "ana")
    assert got(sixty, "ana") == first
    review_card.save_events(sixty, "ana", [decide("e1", 1, "joy")])
    assert got(sixty, "ana") == [*first[1:], 26]


def test_assigned_tweets_become_available_again_after_a_while(sixty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    got(sixty, "ana")
    later = leases.now() + leases.LASTS + dt.timedelta(seconds=1)
    monkeypatch.setattr(leases, "now", lambda: later)
    assert got(sixty, "ben") == list(range(1, 26))


def test_returned_tweets_are_available_at_once(sixty: Store) -> None:
    got(sixty, "ana")
    assignment.give_back(sixty, "ana")
    assert got(sixty, "ben") == list(range(1, 26))


def test_a_tweet_of_the_overlap_waits_for_a_second_reviewer_and_not_for_a_third(sixty: Store) -> None:
    share(sixty, 1.0)
    review_card.save_events(sixty, "ana", [decide("e1", 1, "joy")])
    assert 1 not in got(sixty, "ana")
    assert got(sixty, "ben")[0] == 1
    review_card.save_events(sixty, "ben", [decide("e2", 1, "love")])
    assert 1 not in got(sixty, "ben")
    assert 1 not in got(sixty, "cem")


def test_without_an_overlap_a_decided_tweet_is_not_assigned_again(sixty: Store) -> None:
    review_card.save_events(sixty, "ana", [decide("e1", 1, "joy")])
    assert 1 not in got(sixty, "ben")


def test_an_undone_decision_does_not_count_in_the_overlap(sixty: Store) -> None:
    share(sixty, 1.0)
    review_card.save_events(sixty, "ana", [decide("e1", 1, "joy"), undo("u1", "e1")])
    assert got(sixty, "ana")[0] == 1


def test_saving_over_a_newer_decision_of_another_is_refused_with_both_until_it_is_seen(sixty: Store) -> None:
    review_card.save_events(sixty, "ben", [decide("e1", 1, "anger", seen=None)])
    saved = review_card.save_events(
        sixty, "ana", [decide("e2", 1, "joy", seen=None), decide("e3", 2, "joy", seen=None)]
    )
    newer = NewerDecision(decision=1, reviewer="ben", labels=["anger"])
    why = "ben decided a tweet while you had it: anger. Your answer was not saved: joy."
    assert (saved.acknowledged, saved.refused) == (["e3"], [Refusal("e2", why, newer)])
    assert in_force(sixty, 1).reviewer == "ben"
    assert review_card.save_events(sixty, "ana", [decide("e4", 1, "joy", seen=1)]).acknowledged == ["e4"]
    assert in_force(sixty, 1).reviewer == "ana"


def test_an_older_tab_cannot_undo_the_reviewers_newer_decision_from_another_tab(
    sixty: Store,
) -> None:
    events = [
        decide("e1", 1, "anger", seen=None),
        decide("e2", 1, "joy", seen=None),
        decide("e3", 1, "anger", seen=None),
    ]
    saved = review_card.save_events(sixty, "ana", events)
    assert saved.acknowledged == ["e1", "e3"]  # the third says the same again
    why = "On another page you decided a tweet while you had it: anger. Your answer was not saved: joy."
    assert [one.why for one in saved.refused] == [why]
    assert in_force(sixty, 1).labels == {"anger"}


def test_a_lost_acknowledgement_is_repeated_even_if_another_reviewer_has_decided_since(sixty: Store) -> None:
    mine = decide("e1", 1, "anger", seen=None)
    review_card.save_events(sixty, "ana", [mine])
    review_card.save_events(sixty, "ben", [decide("e2", 1, "joy", seen=1)])
    assert review_card.save_events(sixty, "ana", [mine]).acknowledged == ["e1"]


def test_the_second_reviewer_of_the_overlap_is_not_stopped_by_the_first(sixty: Store) -> None:
    share(sixty, 1.0)
    review_card.save_events(sixty, "ana", [decide("e1", 1, "joy", seen=None)])
    first = card_data(sixty, "ben", Filter(), "as imported", 60)["tweets"][0]
    saved = review_card.save_events(sixty, "ben", [decide("e2", 1, "love", seen=first["decision"])])
    assert saved.acknowledged == ["e2"]


def test_an_adjudication_stays_in_force_despite_later_decisions(sixty: Store) -> None:
    with sixty.writing() as session:
        add_decision(session, NewDecision("e1", 1, "ana", frozenset({"joy"}), adjudicates=True))
        add_decision(session, NewDecision("e2", 1, "ben", frozenset({"fear"})))
    assert in_force(sixty, 1).labels == {"joy"}


def test_the_exported_log_marks_blind_random_and_adjudicating_decisions(sixty: Store, tmp_path: Path) -> None:
    review_card.save_events(sixty, "ana", [decide("e1", 1, "joy", blind=True, by_chance=True)])
    with sixty.writing() as session:
        add_decision(session, NewDecision("e2", 1, "ben", frozenset({"fear"}), adjudicates=True))
    export(sixty, tmp_path / "log.jsonl", "decisions")
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    flags = [(row["blind"], row["by_chance"], row["adjudicates"]) for row in rows]
    assert flags == [(True, True, False), (False, False, True)]
