"""Browser tests of the whole workflow: a real server, Chromium, the keyboard, and a real training."""

import re
import signal
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from db import summaries
from db.decisions import NewDecision, add_decision
from db.predictions import unpredicted
from db.runs import list_runs
from db.store import Store, open_store
from db.tweets import add_tweets
from tests.support.browser import Server, foreign_requests, take_screenshot
from tests.support.decisions import log
from tests.support.screen import review, tweet
from ui.reviewer import COOKIE

pytestmark = pytest.mark.browser
SECOND = 1000
ROW_PX = 35  # of a row in a table


def train(page: Page, labels: str) -> None:
    """Fill the form of the retrain page for one epoch and wait for the table."""
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_role("radiogroup", name="Train on").get_by_text(labels).click()
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_have_count(1)  # while the page is drawn again, the old one may stand beside the new one
    button.click()


def test_a_new_store_goes_through_import_review_training_and_comparison(
    server: Server, page: Page, tmp_path: Path
) -> None:
    asked = foreign_requests(page, server)
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Welcome to emoclf")).to_be_visible()
    take_screenshot(page, "1-welcome")
    page.get_by_role("button", name="Load the sample").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    take_screenshot(page, "2-overview")

    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.locator(".tweet")).to_be_visible()
    take_screenshot(page, "3-review")
    keys = [key for n in range(30) for key in (["j", "Enter"], ["1", "Enter"], ["2", "Enter"])[n % 3]]
    review(page, keys)
    expect(page.get_by_text("30 of 400 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    store = open_store(f"sqlite:///{tmp_path / 'emoclf.db'}")
    assert [row["kind"] for row in log(store)] == ["decide"] * 30
    assert len({row["ID"] for row in log(store)}) == 30

    before_undo = tweet(page)
    page.keyboard.press("z")
    expect(page.locator(".tweet")).not_to_have_text(before_undo)
    undone = tweet(page)
    expect(page.get_by_text("29 of 400 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()

    server.stop(signal.SIGKILL)
    server.start()
    page.goto(f"{server.url}/review")
    expect(page.get_by_text("29 of 400 decided")).to_be_visible()
    assert tweet(page) == undone
    page.keyboard.press("z")
    expect(page.get_by_text("28 of 400 decided")).to_be_visible()
    review(page, ["Enter", "Enter"])
    expect(page.get_by_text("30 of 400 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    take_screenshot(page, "4-review-goes-on")
    with store.reading() as session:
        assert summaries.decided(session, "train") == 30

    page.get_by_role("link", name="Retrain").click()
    train(page, "original: the original labels of all tweets")
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible(timeout=600 * SECOND)
    take_screenshot(page, "5-first-run")
    train(page, "approved: the decision where there is one")
    expect(page.get_by_text("Compared with run 1 on the same tweets")).to_be_visible(timeout=600 * SECOND)
    expect(page.get_by_role("cell", name="macro", exact=True)).to_be_visible()
    # One epoch on 400 tweets: most emotions are predicted for every tweet, and the page says so before its figures.
    expect(page.get_by_text("Run 2 is degenerate.").first).to_be_visible()
    take_screenshot(page, "6-before-and-after")
    with store.reading() as session:
        second, first = list_runs(session)
        assert (first.labels, second.labels) == ("original", "approved")
        assert first.data_hash != second.data_hash
        assert unpredicted(session, first.id) == unpredicted(session, second.id) == []
    store.close()

    assert not server.modules() & {"torch", "transformers", "tensorflow"}
    assert asked == []


@pytest.mark.parametrize("name", ["review", "retrain", "data", "suggest"])
def test_a_first_request_that_is_a_deep_link_goes_through_the_guard(server: Server, page: Page, name: str) -> None:
    page.goto(f"{server.url}/{name}")
    expect(page.get_by_label("Reviewer")).to_be_visible()
    expect(page.get_by_role("link", name="Overview")).to_be_visible()
    assert page.title() == "emoclf"


def test_a_deep_link_to_a_store_of_a_newer_version_shows_the_guards_sentence(
    server: Server, page: Page, store: Store
) -> None:
    from sqlalchemy import text

    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    page.goto(f"{server.url}/review")
    expect(page.get_by_text("made by a newer version of emoclf (schema 9999)")).to_be_visible()


def test_a_tweet_that_is_markup_is_shown_as_text(server: Server, page: Page, store: Store) -> None:
    from emoclf.tweets import Tweet

    wicked = "<img src=x onerror=\"document.title='owned'\"> **bold** $x$ [link](http://x.y) <script>alert(1)</script>"
    with store.writing() as session:
        add_tweets(session, [Tweet("w1", wicked, frozenset({"anger"}))])
    asked = foreign_requests(page, server)
    page.goto(f"{server.url}/review")
    expect(page.locator(".tweet")).to_have_text(wicked)
    assert page.title() == "emoclf"
    page.goto(f"{server.url}/data")
    expect(page.get_by_text("Tweets in the store")).to_be_visible()
    assert asked == []


def test_a_link_opens_the_card_on_its_tweet_and_the_queue_goes_on_after_it(
    server: Server, page: Page, filled: Store
) -> None:
    with filled.writing() as session:
        add_decision(session, NewDecision("e1", 3, "bob", frozenset({"joy"})))
    page.goto(f"{server.url}/review?tweet=t3")
    expect(page.locator(".tweet")).to_have_text("cannot wait for tomorrow")
    expect(page.locator(".why")).to_contain_text(re.compile("^bob decided this tweet on .*: joy. "))
    page.locator(".tweet").click()
    page.keyboard.press("Enter")
    expect(page.locator(".tweet")).to_have_text("so happy about the new puppy!! 🐶 #joy")
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".tweet")).to_have_text("the bus is late AGAIN, I am furious")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left here")).to_be_visible()
    assert [row["ID"] for row in log(filled)] == ["t3", "t3", "t1", "t2"]


def test_the_reviewers_name_is_remembered_by_the_browser(server: Server, page: Page, filled: Store) -> None:
    page.goto(f"{server.url}/review")
    page.get_by_label("Reviewer").fill("Ana Müller")
    page.keyboard.press("Enter")
    page.locator(".tweet").click()
    expect(page.locator(".tweet")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Reviewer")).to_have_value("Ana Müller")
    assert [row["reviewer"] for row in log(filled)] == ["Ana Müller"]


def test_a_filter_is_in_the_address_and_can_be_saved_under_a_name(server: Server, page: Page, filled: Store) -> None:
    page.goto(f"{server.url}/review?order=as+imported")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Words in the tweet").fill("bus late")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".tweet")).to_have_text("the bus is late AGAIN, I am furious")
    assert page.url.endswith("/review?split=train&text=bus+late&order=as+imported")
    page.reload()
    expect(page.get_by_text("0 of 1 decided")).to_be_visible()
    page.get_by_role("button", name="Save").first.click()
    page.get_by_label("Name", exact=True).fill("buses")
    page.get_by_role("button", name="Save this filter").click()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("0 of 3 decided")).to_be_visible()
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="buses", exact=True).click()
    expect(page.get_by_text("0 of 1 decided")).to_be_visible()
    take_screenshot(page, "9-filter")
    page.locator(".tweet").click()  # nothing stands before it
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left here")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [row["ID"] for row in log(filled)] == ["t2"]


def test_a_filter_that_finds_no_tweet_says_so_and_not_that_all_is_decided(
    server: Server, page: Page, filled: Store
) -> None:
    page.goto(f"{server.url}/review?split=train&text=no+such+word")
    expect(page.get_by_text("No tweet matches this filter.")).to_be_visible()
    expect(page.get_by_text("Nothing left here")).to_have_count(0)
    page.goto(f"{server.url}/bulk?split=train&text=no+such+word")
    expect(page.get_by_text("No tweet of this list is left to decide.")).to_be_visible()
    page.goto(f"{server.url}/review?split=train&text=bus+late")
    expect(page.locator(".tweet")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left here")).to_be_visible()


def test_the_reviewers_page_shows_all_eleven_emotions_without_scrolling(
    server: Server, page: Page, filled: Store
) -> None:
    with filled.writing() as session:
        add_decision(session, NewDecision("e1", 1, "ana", frozenset({"joy"})))
        add_decision(session, NewDecision("e2", 2, "ana", frozenset({"joy"}), blind=True))
    page.goto(f"{server.url}/reviewers")
    expect(page.get_by_role("heading", name="With and without the sources")).to_be_visible()
    expect(page.get_by_test_id("stDataFrameResizable")).to_have_count(2)  # too few decisions for the third
    heights = [table.bounding_box()["height"] for table in page.get_by_test_id("stDataFrameResizable").all()]
    assert heights[1] > ROW_PX * 12  # the emotions and a heading


def test_the_history_of_a_tweet_names_who_decided_it_meanwhile(server: Server, page: Page, filled: Store) -> None:
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.locator(".tweet")).to_have_text("so happy about the new puppy!! 🐶 #joy")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    with filled.writing() as session:
        add_decision(session, NewDecision("e1", 1, "bob", frozenset({"fear"})))
    for keys, state in (("z", "saved"), ("Enter k", "1 not saved")):  # bob's comes after the tweet on the screen
        for key in keys.split():
            page.keyboard.press(key)
            expect(page.get_by_text(state, exact=True)).to_be_visible()
        expect(page.locator(".tweet")).to_have_text("so happy about the new puppy!! 🐶 #joy")
        expect(page.get_by_role("button", name="History (2)")).to_be_visible()
        page.keyboard.press("h")
        expect(page.get_by_role("listitem").filter(has_text="bob,")).to_contain_text("fear")
        page.keyboard.press("h")
    expect(page.get_by_text("bob decided this tweet meanwhile: fear")).to_be_visible()


def brightness(colour: str) -> float:
    """The relative luminance of `rgb(…)`, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_next_step_is_readable_in_both_themes_also_under_the_mouse(
    server: Server, page: Page, filled: Store, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(server.url)
    button = page.get_by_role("button", name="Next")
    for is_hovered in (False, True):
        expect(button).to_be_visible()
        if is_hovered:
            button.hover()
            button.evaluate("(it) => Promise.all(it.getAnimations().map((one) => one.finished))")  # of its colour
        style = "(it) => [getComputedStyle(it).color, getComputedStyle(it).backgroundColor]"
        dark, bright = sorted(map(brightness, button.evaluate(style)))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_a_dev_tweet_is_decided_blind_and_shows_its_sources_after(server: Server, page: Page, filled: Store) -> None:
    page.goto(f"{server.url}/review?split=dev")
    expect(page.get_by_text("decide from the text alone")).to_be_visible()
    expect(page.locator(".row")).to_have_count(0)
    take_screenshot(page, "10-blind")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is chosen yet.")).to_be_visible()
    assert log(filled) == []
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="sadness: original yes")).to_be_visible()
    take_screenshot(page, "11-blind-revealed")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left here")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [(row["labels"], row["blind"]) for row in log(filled)] == [("pessimism", True)]


def test_a_tweet_is_flagged_with_a_comment_by_keyboard_and_its_history_is_shown(
    server: Server, page: Page, filled: Store
) -> None:
    page.goto(f"{server.url}/review")
    expect(page.locator(".tweet")).to_have_text("so happy about the new puppy!! 🐶 #joy")
    for key in ["x", *"look, trust?", "Enter"]:  # the letters of emotions go into the field, not to the card
        page.keyboard.press(key)
    expect(page.locator(".flagged")).to_contain_text(": look, trust?")
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    page.keyboard.press("h")
    expect(page.locator(".past")).to_contain_text("flagged: look, trust?")
    take_screenshot(page, "7-flag-and-history")
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Remove the flag")).to_be_visible()
    take_screenshot(page, "8-flag-dialog")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".past")).to_contain_text("flag removed")
    expect(page.locator(".flagged")).to_have_text("")
    page.keyboard.press("z")
    expect(page.locator(".flagged")).to_contain_text(": look, trust?")
    expect(page.locator(".done")).to_have_text("Undone: the flag is as it was before.")
    page.keyboard.press("z")
    expect(page.locator(".flagged")).to_have_text("")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [row["labels"] for row in log(filled)] == ["joy love"]


def test_two_reviewers_of_one_tweet_are_informed_and_the_second_decides_with_both_answers(
    server: Server, page: Page, filled: Store
) -> None:
    pages = {"ana": page, "ben": page.context.browser.new_context().new_page()}
    for name, own in pages.items():
        cookie = {"name": COOKIE, "value": name, "url": server.url}
        own.context.add_cookies([cookie])
        own.goto(f"{server.url}/review?tweet=t2")
        expect(own.locator(".tweet")).to_have_text("the bus is late AGAIN, I am furious")
    for name, letter, state in (("ana", "a", "saved"), ("ben", "f", "1 not saved")):
        pages[name].keyboard.press(letter)
        pages[name].keyboard.press("Enter")
        expect(pages[name].get_by_text(state, exact=True)).to_be_visible()
    ben = pages["ben"]
    expect(
        ben.get_by_text("ana decided this tweet meanwhile: anger, joy. Your answer here: fear, joy.")
    ).to_be_visible()
    take_screenshot(ben, "12-two-people")
    assert [row["reviewer"] for row in log(filled)] == ["ana"]
    ben.wait_for_timeout(1100)  # it can be saved once it could have been read
    ben.keyboard.press("Enter")
    expect(ben.get_by_text("ana decided this tweet meanwhile")).not_to_be_visible()
    expect(ben.get_by_text("saved", exact=True)).to_be_visible()
    assert [(row["reviewer"], row["labels"]) for row in log(filled)] == [("ana", "anger joy"), ("ben", "fear joy")]


def test_the_guideline_under_the_cursor_is_read_without_moving_a_row_and_an_edit_offers_its_tweets_again(
    server: Server, page: Page, filled: Store
) -> None:
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.locator(".tweet")).to_have_text("so happy about the new puppy!! 🐶 #joy")
    guide, rows = page.locator(".guide"), page.locator(".rows, footer")
    still = [box.bounding_box() for box in rows.all()]
    expect(guide).to_contain_text("press G")
    page.keyboard.press("g")
    expect(guide).to_contain_text("the first swim of the year")
    expect(page.locator(".live")).to_contain_text("joy: Also serenity, ecstasy.")
    page.get_by_role("checkbox", name="trust").hover()
    expect(page.locator(".guide-name")).to_have_text("trust")
    page.get_by_role("checkbox", name="fear").focus()
    expect(page.locator(".guide-name")).to_have_text("fear")
    expect(page.get_by_role("checkbox", name="fear")).to_have_accessible_description(re.compile("^Also apprehension"))
    take_screenshot(page, "13-guideline")
    assert [box.bounding_box() for box in rows.all()] == still
    page.locator(".tweet").click()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [row["guidelines"] for row in log(filled)] == [0]

    page.get_by_role("link", name="Guidelines").click()
    page.get_by_role("combobox", name="Emotion").click()
    page.get_by_role("option", name="joy", exact=True).click()
    definition = page.get_by_label("When to give this label")
    expect(page.get_by_text("Also serenity, ecstasy.")).to_be_visible()
    expect(definition).to_have_count(1)  # the form of the emotion before it is gone
    definition.fill("Also <b>glee</b>.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. The review card shows the new text from now on.")).to_be_visible()
    take_screenshot(page, "14-guideline-edited")
    page.get_by_role("link", name="1 train tweet was decided under an older version").click()
    expect(page.locator(".tweet")).to_have_text("so happy about the new puppy!! 🐶 #joy")
    page.keyboard.press("g")
    expect(guide).to_contain_text("Also <b>glee</b>.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing left here")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [row["guidelines"] for row in log(filled)] == [0, 1]
