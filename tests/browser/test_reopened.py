"""Browser tests of reopened decided tweets: Enter keeps the decision in force."""

import re

import pytest
from playwright.sync_api import Page, expect

from db.store import Store
from jobs.review import guidelines, review_card
from tests.support.browser import Server, take_screenshot
from tests.support.decisions import decide, log
from tests.support.guidelines import GUIDELINE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("address", ["tweet=t2", "split=train&outdated=joy", "split=train&reviewer=bob"])
def test_enter_on_a_decided_tweet_keeps_the_correction_that_a_colleague_made(
    server: Server, page: Page, filled: Store, address: str
) -> None:
    review_card.save_events(filled, "bob", [decide("e1", 2, "anger", "fear", guidelines=0)])
    guidelines.edit(filled, "joy", GUIDELINE, "bob", 0)
    page.goto(f"{server.url}/review?{address}")
    expect(page.locator(".tweet")).to_have_text("the bus is late AGAIN, I am furious")
    why = page.locator(".why")
    expect(why).to_have_text(re.compile(r"^bob decided this tweet on .*: anger, fear\. Guidelines: version 0; "))
    expect(why).to_contain_text("since then the text for joy has changed. Your answer starts from this decision.")
    for emotion, label, on in (
        ("anger", "decided yes", "true"),
        ("fear", "decided yes", "true"),
        ("joy", "original yes, decided no", "false"),
    ):
        row = page.get_by_role("checkbox", name=re.compile(f"^{emotion}.*{label}$"))
        expect(row).to_have_attribute("aria-checked", on)
        expect(row.locator("span.decided")).to_be_visible()
    take_screenshot(page, f"15-again-{address.split('=')[0]}")
    page.locator(".tweet").click()
    page.keyboard.press("Enter")
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [row["labels"] for row in log(filled)] == ["anger fear", "anger fear"]
    page.keyboard.press("z")  # bob's decision is in force again, and so is the start of the answer
    expect(page.locator(".why")).to_contain_text("bob decided this tweet")
    page.set_viewport_size({"width": 420, "height": 900})
    take_screenshot(page, "16-again-narrow")
