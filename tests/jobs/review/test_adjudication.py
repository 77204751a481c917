"""Tests of adjudication: tweets on which reviewers differ, and the decision that settles them."""

from db.store import Store
from jobs.review import adjudication, review_card, reviewers
from tests.support.decisions import approved, decide, two_differ


def test_a_tweet_on_which_reviewers_differ_waits_until_one_settles_it(filled: Store) -> None:
    two_differ(filled)
    waiting, [one] = adjudication.differing(filled)
    assert (waiting, one.item.tweet_id, one.by_emotion) == (1, 2, {"anger": ["ana"], "fear": ["ben"]})
    adjudication.adjudicate(filled, one, ["fear", "anger"], "cem", "c1")
    assert adjudication.differing(filled) == (0, [])
    review_card.save_events(filled, "ana", [decide("a4", 2, "joy")])
    assert approved(filled, 2) == {"fear", "anger"}


def test_adjudication_does_not_change_the_agreement(filled: Store) -> None:
    two_differ(filled)
    before = reviewers.agreement(filled)
    adjudication.adjudicate(filled, adjudication.differing(filled)[1][0], ["fear"], "ben", "c1")
    assert reviewers.agreement(filled) == before
