"""Browser tests of the review card's accessibility: roles, names, states, announcements, and focus."""

import pytest
from playwright.sync_api import Page, expect

from db.store import Store
from db.suggestions import add_suggestions
from tests.support.browser import Server

pytestmark = pytest.mark.browser
CARD = """
- region "review":
  - heading "train · most doubtful first" [level=2]
  - button "Explain"
  - button "History" [expanded=false]
  - group "emotions that a source gives":
    - 'checkbox "anger, disputed: original no, Qwen yes 0.90"'
    - 'checkbox "joy, disputed: original yes, Qwen no 0.01" [checked]'
    - 'checkbox "love, disputed: original yes, Qwen no 0.01" [checked]'
  - group "emotions that no source gives":
    - checkbox "anticipation"
  - note "guideline":
    - button "guideline of the next emotion"
  - group "take all":
    - button "original"
    - button "Qwen"
    - button "BERT" [disabled]
    - button "majority"
  - button "undo" [disabled]
  - button "skip"
  - button "flag"
  - button "keys"
  - button "save, next"
  - status
"""


@pytest.fixture
def card(server: Server, page: Page, filled: Store) -> Page:
    """The review page with a tweet on the card, on which the LLM disagrees with the original."""
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(1, [0.9] + [0.01] * 10)])
    page.goto(f"{server.url}/review")
    expect(page.locator(".tweet")).to_be_visible()
    return page


def test_the_card_says_roles_names_and_states(card: Page) -> None:
    expect(card.locator(".card")).to_match_aria_snapshot(CARD)
    card.keyboard.press("a")
    expect(card.get_by_role("checkbox", name="anger")).to_be_checked()


def test_what_was_saved_and_the_next_tweet_are_read_out(card: Page) -> None:
    card.keyboard.press("a")
    card.keyboard.press("Enter")
    expect(card.locator(".live")).to_have_text("Decided: anger, joy, love. the bus is late AGAIN, I am furious")
    card.keyboard.press("z")
    expect(card.locator(".live")).to_have_text("Undone. so happy about the new puppy!! 🐶 #joy")


def test_the_dialog_of_keys_returns_the_focus(card: Page) -> None:
    row = card.get_by_role("checkbox", name="joy")
    row.focus()
    card.keyboard.press("?")
    expect(card.get_by_role("dialog", name="keys")).to_be_visible()
    card.keyboard.press("Escape")
    expect(card.get_by_role("dialog", name="keys")).to_be_hidden()
    expect(row).to_be_focused()


def test_keyboard_users_stay_in_the_card_after_a_decision_and_can_leave_it(card: Page) -> None:
    save = card.get_by_role("button", name="save, next")
    card.get_by_role("checkbox", name="joy").focus()
    card.keyboard.press("Enter")
    expect(card.locator(".live")).to_contain_text("Decided")
    assert card.evaluate("document.activeElement.shadowRoot?.activeElement?.className") == "tweet"
    for _ in range(40):
        card.keyboard.press("Tab")
        if save.evaluate("node => node.getRootNode().activeElement === node"):
            break
    expect(save).to_be_focused()
    card.keyboard.press("Tab")
    expect(save).not_to_be_focused()
