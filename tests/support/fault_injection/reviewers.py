"""Reviewers in real browser pages, with a record of their events and of what they saw."""

import json
import random
from collections import Counter
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as BrowserError

from db.store import Store
from emoclf.labels import EMOTIONS, KEYS
from tests.support.fault_injection.event_log import EventLog

KEY_TIMEOUT_MS = 5_000
# Observes the browser's storage: an event is created when it is added and released when it is removed. `text` is the
# tweet on the screen then: the card shows the next one only after storing the event.
WATCH_STORAGE = """
const prefix = "emoclf/outbox/", tell = (what, data) => window.report(what, JSON.stringify(data));
const [set, remove] = [Storage.prototype.setItem, Storage.prototype.removeItem];
function onCard(selector) {
  for (const host of document.querySelectorAll("*")) {
    const found = host.shadowRoot?.querySelector(selector);
    if (found) return found;
  }
  return document.querySelector(selector);
}
window.findOnCard = onCard;
Storage.prototype.setItem = function (key, value) {
  set.call(this, key, value);
  if (key.startsWith(prefix)) tell("made", { event: JSON.parse(value), text: onCard(".tweet")?.textContent ?? "" });
};
Storage.prototype.removeItem = function (key) {
  if (key.startsWith(prefix) && this.getItem(key)) tell("let go", { event_id: key.slice(key.lastIndexOf("/") + 1) });
  remove.call(this, key);
};
window.outboxKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
for (const key of window.outboxKeys()) tell("kept", { event: JSON.parse(localStorage.getItem(key)) });
const now = Date.now.bind(Date);
Date.now = () => now() - Number(localStorage.getItem("test clock") ?? 0);
"""
# The visible and stored state of a page, read atomically.
READ_PAGE = """() => {
  const saved = window.findOnCard?.(".saved"), tweet = window.findOnCard?.(".tweet");
  return { state: saved?.dataset.state ?? "",
           pending: window.outboxKeys?.().map((key) => key.slice(key.lastIndexOf("/") + 1)) ?? [],
           refused: [...(window.findOnCard?.(".strip:not([hidden]) ul")?.children ?? [])].map((li) => li.dataset.event),
           hasTweet: Boolean(tweet && tweet.textContent && !tweet.closest("[hidden]")) };
}"""


class Reviewer:
    """A reviewer with a browser page that may be reloaded, left, closed and reopened."""

    def __init__(self, browser: Browser, name: str, address: str, event_log: EventLog, seed: int) -> None:
        self.name, self.address, self.event_log = name, address, event_log
        self.random, self.seen = random.Random(seed), Counter[str]()
        self.context: BrowserContext = browser.new_context(viewport={"width": 1100, "height": 900})
        self.context.set_default_timeout(KEY_TIMEOUT_MS)
        self.context.expose_function("report", lambda what, data: event_log.note(name, what, json.loads(data)))
        self.context.add_init_script(WATCH_STORAGE)
        host = address.partition("/review")[0]
        self.context.add_cookies([{"name": "emoclf_reviewer", "value": name.replace(" ", "%20"), "url": host}])
        self.page: Page = self.context.new_page()
        self.open()

    def open(self) -> None:
        """Open the review; a failure shows at the next key."""
        try:
            self.page.goto(self.address, wait_until="commit")
        except BrowserError:
            self.seen["page did not open"] += 1

    def decide(self) -> bool:
        """Flip a few emotions and save, or undo the last decision; False if no tweet is shown."""
        try:
            shown = self.page.evaluate(READ_PAGE)
            if shown["refused"]:
                self.event_log.confirmed.update(shown["refused"])
                self.page.locator(".strip:not([hidden]) button").first.click()
                self.seen["refusals read"] += 1
            if not shown["hasTweet"]:
                return False
            if self.random.random() < 0.05:
                self.page.keyboard.press("z")
                return True
            for emotion in self.random.sample(EMOTIONS.names, self.random.randint(0, 3)):
                self.page.keyboard.press(KEYS[emotion].lower())
            self.page.keyboard.press("Enter")
            return True
        except BrowserError:
            return False

    def check_page(self, store: Store) -> dict[str, Any] | None:
        """Compare the header with the store at one moment; None if the page shows no card."""
        try:
            shown = dict(self.page.evaluate(READ_PAGE))
        except BrowserError:
            return None
        if not shown["state"]:
            return None
        self.event_log.check_header(store, self.name, shown)
        return shown

    def reload(self) -> None:
        """Reload the page."""
        self.open()

    def leave_and_return(self) -> None:
        """Visit another page of the app and return."""
        try:
            self.page.get_by_role("link", name="Guidelines").click()
            self.page.get_by_role("heading", name="Guidelines").wait_for()
            self.page.go_back(wait_until="commit")
        except BrowserError:
            self.open()

    def close_and_reopen(self) -> None:
        """Close the tab and open another one."""
        self.page.close()
        self.page = self.context.new_page()
        self.open()

    def set_clock_back(self, milliseconds: int) -> None:
        """Set the browser's clock back."""
        try:
            self.page.evaluate("(ms) => localStorage.setItem('test clock', String(ms))", milliseconds)
        except BrowserError:
            self.seen["clock not set"] += 1
