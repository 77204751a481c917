"""Browser tests of decisions that are saved without a run of the page, or through it where that is impossible."""

import pytest
from playwright.sync_api import Page, WebSocket, expect

from db.decisions import decision_log
from db.store import Store
from tests.support.browser import Server
from tests.support.jobs import wait_until
from tests.support.screen import review, tweet

pytestmark = pytest.mark.browser
POSTS = "**/emoclf/events"


def decided(store: Store) -> list[str]:
    """The IDs of the decided tweets, in order."""
    with store.reading() as session:
        return [row["ID"] for row in decision_log(session)]


def open_review(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.locator(".tweet")).to_be_visible()


def test_a_decision_is_saved_first_and_the_page_runs_after_it(server: Server, page: Page, filled: Store) -> None:
    done: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda _: done.append("run"))

    page.on("websocket", listen)
    open_review(page, server)
    page.on("response", lambda one: done.append("saved") if one.url.endswith("/emoclf/events") else None)
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    done.clear()
    with page.expect_response(POSTS) as answer:
        review(page, ["Enter"])
    assert len(answer.value.json()["acknowledged"]) == 1
    assert decided(filled) == ["t1"]
    assert done[0] == "saved"
    expect(page.get_by_text("saved", exact=True)).to_be_visible()


def test_where_nothing_can_be_posted_decisions_are_saved_through_the_page(
    server: Server, page: Page, filled: Store
) -> None:
    page.route(POSTS, lambda route: route.abort())
    open_review(page, server)
    second = tweet(page)
    review(page, ["Enter", "Enter"])
    expect(page.locator(".tweet")).not_to_have_text(second)
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert decided(filled) == ["t1", "t2"]


def test_a_page_that_is_closed_right_after_a_key_has_saved_the_decision(
    server: Server, page: Page, filled: Store
) -> None:
    open_review(page, server)
    with page.expect_request(POSTS):
        page.keyboard.press("Enter")
    page.close()
    wait_until(lambda: decided(filled) == ["t1"])  # no other page could have sent it
