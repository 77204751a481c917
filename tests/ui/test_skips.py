"""Tests of skipped tweets: they are kept for each view of a card while other pages are open."""

import pytest
from streamlit.testing.v1 import AppTest

from db.store import Store
from tests.support.pages import page_of

pytestmark = pytest.mark.usefixtures("on_its_own")


def test_a_skipped_tweet_still_comes_last_when_the_review_is_opened_again(app: AppTest, filled: Store) -> None:
    page = app.run().switch_page("pages/review.py").run()
    first = page.session_state["card-last"]
    page.session_state["skipped-tweets"] = {first.view: [first.tweets[0].id]}
    page = page.switch_page("pages/data.py").run().switch_page("pages/review.py").run()
    again = page.session_state["card-last"]
    assert again.skipped == [first.tweets[0].id]
    assert [one.id for one in again.tweets] == [*(one.id for one in first.tweets[1:]), first.tweets[0].id]


def test_what_a_card_reports_replaces_what_was_kept_of_its_view_alone() -> None:
    def script() -> None:
        import streamlit as st

        from ui import skips

        for view, skipped in (("train", [1, 2]), ("dev", [4]), ("train", [2])):
            st.session_state["card"] = {"skipped": skipped}
            skips.keep(view, "card")
        st.text(f"{skips.kept('train')} {skips.kept('dev')} {skips.kept('test')} {sorted(skips.in_any_view())}")

    assert page_of(script).run().text[0].value == "[2] [4] [] [2, 4]"
