"""Browser tests of the reviewer's name: after it is typed or picked, the next keys go to the card."""

import pytest
from playwright.sync_api import Page, expect

from db.store import Store
from jobs.review import review_card
from tests.support.browser import TIMEOUT_MS, Server, take_screenshot
from tests.support.decisions import decide, log
from tests.support.screen import wait_until_loaded

pytestmark = pytest.mark.browser
WICKED = "<b onclick=alert(1)>bob</b> \"' **x**"


def test_keys_typed_after_entering_a_name_go_to_the_card_and_known_names_are_offered(
    server: Server, page: Page, filled: Store
) -> None:
    review_card.save_events(filled, WICKED, [decide("e1", 3, "joy")])
    review_card.save_events(filled, "ana", [decide("e2", 1, "joy")])
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.locator(".tweet")).to_have_text("the bus is late AGAIN, I am furious")
    field = page.get_by_label("Reviewer", exact=True)
    offered = "(field) => [...field.list.options].map((option) => option.value)"
    expect(field).to_have_attribute("list", "reviewers-known")
    assert field.evaluate(offered) == [WICKED, "ana"]
    field.fill("Cleo")  # a name that the store does not know
    field.press("Enter")
    expect(field).not_to_be_focused()
    page.wait_for_function("document.cookie.includes('Cleo')")
    wait_until_loaded(page)  # the queue is Cleo's from here on
    expect(page.get_by_role("checkbox", name="anger")).to_have_attribute("aria-checked", "false")
    page.keyboard.press("a")
    expect(page.get_by_role("checkbox", name="anger")).to_have_attribute("aria-checked", "true")
    expect(field).to_have_value("Cleo")
    take_screenshot(page, "17-reviewer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [(row["reviewer"], row["labels"]) for row in log(filled)][2:] == [("Cleo", "anger joy")]
    page.reload()
    expect(field).to_have_value("Cleo")


def test_a_word_entered_into_a_field_of_the_filter_leaves_the_keys_to_the_card(
    server: Server, page: Page, filled: Store
) -> None:
    page.goto(f"{server.url}/review")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Words in the tweet").fill("bus late")
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("0 of 1 decided")
    page.keyboard.press("a")
    expect(page.get_by_role("checkbox", name="anger")).to_have_attribute("aria-checked", "true")


def test_a_key_right_after_a_name_change_decides_nothing_under_the_former_name(
    server: Server, page: Page, filled: Store
) -> None:
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.locator(".tweet")).to_be_visible()
    wait_until_loaded(page)
    field = page.get_by_label("Reviewer", exact=True)
    field.fill("Cleo")
    for _ in range(2):
        page.keyboard.press("Enter")  # the second may come before the page has drawn Cleo's card
    page.wait_for_function("document.cookie.includes('Cleo')")
    wait_until_loaded(page)
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert {row["reviewer"] for row in log(filled)} <= {"Cleo"}


def test_the_name_entered_last_holds_on_every_page_and_another_tab_does_not_put_an_older_one_back(
    server: Server, page: Page, filled: Store
) -> None:
    assert page.context.browser
    together = page.context.browser.new_context()
    page, other = together.new_page(), together.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    other.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{server.url}/licences")
    other.goto(f"{server.url}/licences")
    field = page.get_by_label("Reviewer", exact=True)
    expect(other.get_by_label("Reviewer", exact=True)).to_be_visible()
    field.fill("Bea")
    field.press("Enter")
    page.wait_for_function("document.cookie.includes('Bea')")
    other.get_by_role("link", name="Guidelines", exact=True).click()
    expect(other.get_by_role("heading", name="Guidelines")).to_be_visible()
    wait_until_loaded(other)
    assert "Bea" in page.evaluate("document.cookie")
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.locator(".tweet")).to_be_visible()
    expect(field).to_have_value("Bea")
    page.keyboard.press("Enter")
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [row["reviewer"] for row in log(filled)] == ["Bea"]
