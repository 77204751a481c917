"""Tests of links: they keep their target, and counts are computed when the target is shown."""

import ast
from pathlib import Path

import pytest

from db import filters
from db.store import Store
from emoclf.review.filters import Filter
from jobs.review import guidelines, review_card
from tests.support.decisions import card_data, decide, flag, undo
from tests.support.guidelines import GUIDELINE
from tests.support.paths import ROOT
from ui import cached

PAGES = [path for folder in ("pages", "ui") for path in sorted((ROOT / folder).glob("*.py"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_widget_is_bound_to_the_address_since_streamlit_would_drop_it_from_links_to_other_pages(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not [call for call in calls for word in call.keywords if word.arg == "bind"]


def test_the_count_of_a_filter_is_updated_after_every_change(filled: Store) -> None:
    by_bob, flagged, outdated = Filter(reviewer="bob"), Filter(flagged="yes"), Filter(outdated="joy")
    assert [cached.number_found(filled, one) for one in (by_bob, flagged, outdated)] == [0, 0, 0]
    review_card.save_events(filled, "bob", [decide("e1", 2, "anger", guidelines=0), flag("f1", 1, "?")])
    assert [cached.number_found(filled, one) for one in (by_bob, flagged, outdated)] == [1, 1, 0]
    guidelines.edit(filled, "joy", GUIDELINE, "ana", 0)
    assert cached.number_found(filled, outdated) == 1
    review_card.save_events(filled, "bob", [undo("u1", "e1"), flag("f2", 1, None)])
    assert [cached.number_found(filled, one) for one in (by_bob, flagged, outdated)] == [0, 0, 0]


def test_the_card_never_shows_more_decided_tweets_than_exist(filled: Store) -> None:
    review_card.save_events(filled, "bob", [decide("e1", 1, "joy"), decide("e2", 2, "joy")])
    data = card_data(filled, "ana", Filter(), "as imported", total=1)  # counted before an import
    assert (data["decided"], data["total"], data["all_decided"]) == (2, 2, False)
    with filled.reading() as session:
        found = filters.count(session, Filter(reviewer="bob"))
    data = card_data(filled, "ana", Filter(reviewer="bob"), "as imported", total=found)
    assert (data["total"], data["all_decided"]) == (2, True)
