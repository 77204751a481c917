"""A browser test of tweets without labels: they are imported on the user's word, and labelled by keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from db.queue_items import queue_items
from db.store import open_store
from db.suggestions import add_suggestions
from db.tweets import labelled_tweets
from emoclf.labels import EMOTIONS
from jobs.doubts import ranking
from tests.support.browser import Server, take_screenshot
from tests.support.decisions import log
from tests.support.runs import probabilities
from tests.support.screen import review, tweet

pytestmark = pytest.mark.browser
TEXTS = ["so glad the bus came early", "she said she would be there", "closed again, I am furious"]


def test_tweets_without_labels_are_imported_and_labelled_by_keyboard(
    server: Server, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{server.url}/data")
    content = "\n".join(["text", *(f'"{text}"' for text in TEXTS)]).encode()
    page.locator("input[type=file]").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="The file has tweets without labels").click()
    expect(page.get_by_text("The first 3 rows as they will be stored")).to_be_visible()
    take_screenshot(page, "unlabelled-import")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("The file has 3 tweets without labels.")).to_be_visible()

    store = open_store(f"sqlite:///{tmp_path / 'emoclf.db'}")
    sure = [[0.999 if name == one else 0.001 for name in EMOTIONS.names] for one in ("joy", "anger")]
    said = [sure[0], probabilities(trust=0.5, joy=0.6), sure[1]]
    with store.writing() as session:
        add_suggestions(session, "hf:Qwen/Qwen2.5-1.5B", "labels-2", list(enumerate(said, start=1)))
    ranking.refresh(store)

    page.goto(f"{server.url}/review")
    expect(page.locator(".tweet")).to_have_text(TEXTS[1])  # the LLM is torn about it
    expect(page.get_by_text("no original labels; your answer starts from what Qwen gives")).to_be_visible()
    expect(page.get_by_role("button", name="original")).to_be_disabled()
    expect(page.get_by_text("doubt")).to_have_count(0)
    expect(page.get_by_text("0 of 3 decided")).to_be_visible()
    take_screenshot(page, "unlabelled-card")
    review(page, ["1", "j", "Enter"])  # there is no original to take; trust stays, joy goes
    expect(page.locator(".tweet")).not_to_have_text(TEXTS[1])
    second = tweet(page)
    review(page, ["Enter"])
    expect(page.get_by_text("2 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(".tweet")).to_have_text(second)
    expect(page.get_by_text("1 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()

    with store.reading() as session:
        [decided] = labelled_tweets(session, ["train"])
        assert (decided.text, decided.labels) == (TEXTS[1], {"trust"})
        assert [item.original for item in queue_items(session, [1, 2, 3])] == [None] * 3
    assert '"original": null' in log(store)[0]["shown"]
    page.goto(server.url)
    expect(page.get_by_text("train: 3 tweets came without labels, 1 labelled since.")).to_be_visible()
    take_screenshot(page, "unlabelled-overview")
    page.get_by_role("link", name="Label 3").click()
    expect(page.locator(".tweet")).to_have_text(second)
    page.keyboard.press("k")
    expect(page.locator(".done")).to_have_text("Skipped.")
    third = tweet(page)
    assert third != second
    page.get_by_role("link", name="Guidelines", exact=True).click()
    expect(page.get_by_text("When to give this label")).to_be_visible()
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.locator(".tweet")).to_have_text(third)
    page.get_by_role("button", name="1 skipped, for later: show it again").click()
    expect(page.locator(".done")).to_have_text("The skipped tweets are in their places in the list again.")
    review(page, ["j", "Enter"])
    expect(page.locator(".tweet")).to_have_text(second)
    store.close()
