"""Browser tests of bulk accept by keyboard: filter, sample on the card, bound, accept, undo."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from db.store import Store
from db.tweets import add_tweets
from emoclf.tweets import Tweet
from tests.support.browser import Server, take_screenshot
from tests.support.decisions import log
from tests.support.screen import press, review

pytestmark = pytest.mark.browser
SIZE = 10
WICKED = "<img src=x onerror=\"document.title='owned'\"> **so happy** $x$"


@pytest.fixture
def forty(store: Store) -> Store:
    """Forty invented train tweets with joy that are happy, and three that are not; one text is markup."""
    texts = [WICKED, *(f"so happy about the puppy number {i}" for i in range(39))]
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", words, frozenset({"joy"})) for i, words in enumerate(texts)])
        add_tweets(session, [Tweet(f"s{i}", f"a sad day {i}", frozenset({"sadness"})) for i in range(3)])
    return store


def test_a_filtered_list_is_sampled_on_the_card_accepted_as_a_batch_and_undone(
    server: Server, page: Page, forty: Store
) -> None:
    page.goto(f"{server.url}/review?split=train&text=happy")
    expect(page.locator(".tweet")).to_be_visible()
    press(page.get_by_role("link", name="Accept in bulk"))
    expect(page.get_by_role("heading", name="Bulk accept")).to_be_visible()
    expect(page.get_by_text("40 tweets to decide in train: text happy")).to_be_visible()
    assert page.url.endswith("/bulk?split=train&text=happy")
    size = page.get_by_label("Tweets to check first")
    size.fill(str(SIZE))
    size.press("Enter")
    expect(page.get_by_text("If none of the 10 is wrong")).to_contain_text("the remaining 30")
    take_screenshot(page, "20-bulk-form")
    press(page.get_by_role("button", name="Draw the sample and check it"))

    expect(page.get_by_text("Sample of the original, text happy")).to_be_visible()
    expect(page.get_by_text("decide from the text alone")).to_be_visible()
    take_screenshot(page, "21-bulk-sample")
    review(page, ["j", "Enter", "Enter"] * 4)
    expect(page.get_by_text("4 of 10 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    press(page.get_by_role("link", name="Back to the batch"))
    expect(page.get_by_text("4 of 10 checked")).to_be_visible()
    expect(page.get_by_role("button", name="Accept the other")).to_have_count(0)
    take_screenshot(page, "22-bulk-half-checked")
    press(page.get_by_role("button", name="Check the next tweet"))
    expect(page.locator(".tweet")).to_be_visible()
    review(page, ["j", "Enter", "Enter"] * 5)
    expect(page.get_by_text("9 of 10 decided")).to_be_visible()
    review(page, ["j", "l", "Enter", "Enter"])
    expect(page.get_by_text("The sample is checked")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    take_screenshot(page, "23-bulk-sample-checked")
    press(page.get_by_role("button", name="See the result"))

    expect(page.get_by_text("1 of the 10 checked tweets was wrong. With 95 % confidence, at most")).to_be_visible()
    expect(page.get_by_role("cell", name="love", exact=True).first).to_be_visible()
    take_screenshot(page, "24-bulk-bound")
    assert not any(row["batch"] for row in log(forty))
    press(page.get_by_role("button", name="Accept the other 30 tweets"))
    expect(page.get_by_text("accepted by").last).to_contain_text("30 tweets; 1 of 10 wrong in the sample")
    take_screenshot(page, "25-bulk-accepted")
    assert [row["batch"] for row in log(forty)].count("the original, text happy") == 30
    press(page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("30 tweets undone")).to_be_visible()
    take_screenshot(page, "26-bulk-undone")
    assert [row["kind"] for row in log(forty)].count("undo") == 30
    assert page.title() == "emoclf"


def test_a_colleague_who_is_sent_the_address_of_dev_tweets_reads_why_not(
    server: Server, page: Page, filled: Store, tmp_path: Path
) -> None:
    page.goto(f"{server.url}/bulk?split=dev")
    expect(page.get_by_text("Dev and test tweets measure how good a model is")).to_be_visible()
    expect(page.get_by_role("button", name="Draw the sample")).to_have_count(0)
