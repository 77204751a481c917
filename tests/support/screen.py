"""Actions and observations of a user in the browser."""

import re
from urllib.parse import urlparse

from playwright.sync_api import Locator, Page, expect

KEY_MS = 30  # interval between keys, faster than anybody reads
LOADED_TEXTS = {  # by page, a text that is present once its links are
    "": "You decide",
    "overview": "You decide",
    "data": "Tweets in the store",
    "suggest": re.compile("Each cell shows|the most doubtful first|They disagree on no train tweet"),
    "review": re.compile("[0-9] decided"),
    "bulk": "Batches",
    "guidelines": "When to give this label",
    "reviewers": "Settings for all reviewers",
    "synthetic": "Synthetic",
    "retrain": "Retrain",
    "licences": "Licences",
}


def press(element: Locator) -> None:
    """Activate a link or a button by keyboard."""
    expect(element).to_be_visible()
    element.page.keyboard.press("Tab")  # now Enter goes to the page, not to the card
    element.focus()
    element.press("Enter")


def wait_until_loaded(page: Page) -> None:
    """Wait until the page is drawn and its script has ended."""
    expect(page.get_by_label("Reviewer", exact=True)).to_be_visible()
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.get_by_text(LOADED_TEXTS[urlparse(page.url).path.strip("/")]).first).to_be_visible()


def tweet(page: Page) -> str:
    """The text of the tweet on the card."""
    return page.locator(".tweet").inner_text()


def review(page: Page, keys: list[str]) -> None:
    """Press the keys for many tweets without waiting."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(KEY_MS)
