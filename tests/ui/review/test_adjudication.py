"""Tests of settling disagreements on the page: a click applies only to the tweet and decision on the screen."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from db import inspections
from db.decisions import decision_log
from db.store import Store
from jobs.review import adjudication, review_card
from tests.support.decisions import approved, decide, two_differ
from tests.support.pages import words

pytestmark = pytest.mark.usefixtures("on_its_own")


@pytest.fixture
def two_differ_twice(filled: Store) -> Store:
    """Ana and Ben differ on the tweets 1 and 2."""
    for name, labels in (("ana", ["joy", "anger"]), ("ben", ["fear", "fear"])):
        review_card.save_events(filled, name, [decide(f"{name}{i}", i, one) for i, one in enumerate(labels, 1)])
    return filled


def button(page: AppTest) -> Button:
    return next(one for one in page.button if one.label == "Settle and show next")


def in_force(store: Store, tweet_id: int) -> tuple[str, frozenset[str]]:
    with store.reading() as session:
        found = inspections.decision(session, tweet_id)
    assert found
    return found.reviewer, found.labels


def test_the_page_shows_a_difference_and_settles_it(app: AppTest, filled: Store) -> None:
    two_differ(filled)
    page = app.switch_page("pages/reviewers.py").run()
    assert not page.exception
    assert "the bus is late AGAIN, I am furious" in words(page)
    who, labels = in_force(filled, 2)
    assert f"In force now, by {who}, " in words(page)
    assert "No emotion was given by more than half of the reviewers." in words(page)
    button(page).click().run()
    assert approved(filled, 2) == labels  # one click takes nobody's decision back
    assert "No disagreement is left to settle." in words(page)


def test_a_click_settles_only_the_tweet_shown_even_if_another_reviewer_was_faster(
    app: AppTest, two_differ_twice: Store
) -> None:
    page = app.switch_page("pages/reviewers.py").run()
    first = adjudication.differing(two_differ_twice)[1][0]
    adjudication.adjudicate(two_differ_twice, first, ["trust"], "cat", "c1")
    button(page).click().run()
    assert not page.exception
    assert "cat settled this tweet meanwhile: trust. Your choice was not stored." in words(page)
    assert first.item.text in words(page)
    with two_differ_twice.reading() as session:
        assert len(list(decision_log(session))) == 5
    button(page).click().run()  # the next tweet, which is on the screen now
    assert "No disagreement is left to settle." in words(page)


@pytest.mark.parametrize("is_drawn_again", [True, False], ids=["and the page is drawn again", "at once"])
def test_chosen_labels_stay_and_are_not_stored_where_the_tweet_was_decided_meanwhile(
    app: AppTest, two_differ_twice: Store, is_drawn_again: bool
) -> None:
    page = app.switch_page("pages/reviewers.py").run()
    page.button_group[0].set_value(["trust", "love"]).run()
    review_card.save_events(two_differ_twice, "ben", [decide("later", 1, "sadness")])
    if is_drawn_again:
        page.run()
        assert "The choice below is the one you made before" in words(page)
    else:
        button(page).click().run()
        assert "ben decided this tweet meanwhile: sadness. Your choice was not stored." in words(page)
        assert in_force(two_differ_twice, 1) == ("ben", {"sadness"})
    assert "In force now, by ben" in words(page)
    assert sorted(page.button_group[0].value) == ["love", "trust"]
    button(page).click().run()
    assert in_force(two_differ_twice, 1)[1] == {"love", "trust"}


def test_an_untouched_choice_follows_the_decision_in_force(app: AppTest, two_differ_twice: Store) -> None:
    page = app.switch_page("pages/reviewers.py").run()
    review_card.save_events(two_differ_twice, "ben", [decide("later", 1, "sadness")])
    page.run()
    assert page.button_group[0].value == ["sadness"]
