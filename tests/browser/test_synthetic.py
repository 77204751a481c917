"""Browser tests of synthetic tweets: plan, trial, generation, and the card by keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from db import generations, synthetic
from db.generations import Round, Written
from db.jobs import add_job
from db.runs import list_runs
from db.store import Store, open_store
from db.synthetic import Synthetic
from db.verdicts import NewVerdict, add_verdict
from emoclf.synthetic.gate_results import GateResult
from jobs.files.sample import load_sample
from tests.support.browser import Server, foreign_requests, take_screenshot
from tests.support.models import tiny_bert

pytestmark = pytest.mark.browser
SECOND = 1000


def found(store: Store, state: str) -> list[Synthetic]:
    with store.reading() as session:
        return synthetic.found_in(session, state, limit=99)


def choose(page: Page, label: str, value: str) -> None:
    """Take or type a value in a list of choices."""
    box = page.get_by_label(label, exact=True).locator("visible=true").first
    box.click()
    box.fill(value)
    page.keyboard.press("Enter")


def settled(page: Page, checked: str) -> None:
    expect(page.get_by_text(checked)).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()


def test_from_the_plan_over_a_trial_to_checked_tweets(server: Server, page: Page, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'emoclf.db'}")
    load_sample(store)
    asked = foreign_requests(page, server)
    page.goto(f"{server.url}/synthetic")
    expect(page.get_by_role("heading", name="Synthetic")).to_be_visible()
    choose(page, "Emotion", "trust")
    choose(page, "Model", "scripted:words")
    expect(page.get_by_text("The model runs on this machine")).to_be_visible()
    page.get_by_text("Show the prompt").click()
    expect(page.get_by_text("You write tweets for a collection about emotions")).to_be_visible()
    take_screenshot(page, "synthetic-1-plan")
    page.get_by_role("button", name="Try 5").click()
    expect(page.get_by_text("5 written")).to_be_visible(timeout=120 * SECOND)
    page.get_by_label("Tweets", exact=True).fill("40")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Write tweets", exact=True).click()
    expect(page.get_by_text("40 written")).to_be_visible(timeout=120 * SECOND)
    take_screenshot(page, "synthetic-2-written")
    waiting = found(store, "waiting")
    assert len(waiting) > 20

    page.get_by_role("radio", name="Check", exact=True).click()
    expect(page.locator(".tweet")).to_have_text(waiting[0].text)
    take_screenshot(page, "synthetic-3-check")
    page.locator(".tweet").click()
    page.keyboard.press("Enter")
    page.keyboard.press("l")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    page.keyboard.press("5")
    settled(page, f"4 of {len(waiting)} checked")
    page.keyboard.press("z")
    settled(page, f"3 of {len(waiting)} checked")
    expect(page.locator(".tweet")).to_have_text(waiting[3].text)
    page.keyboard.press("e")
    page.locator(".editor").fill(" ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The text was empty")).to_be_visible()
    expect(page.locator(".tweet")).to_have_text(waiting[3].text)
    page.keyboard.press("e")
    page.locator(".editor").fill("the nurse called back just as she said, she always does")
    take_screenshot(page, "synthetic-4-edit")
    page.keyboard.press("Escape")
    expect(page.get_by_text("as written:")).to_be_visible()
    take_screenshot(page, "synthetic-5-edited")
    page.keyboard.press("Enter")
    settled(page, f"4 of {len(waiting)} checked")
    accepted, rejected = found(store, "accepted"), found(store, "rejected")
    assert [one.text for one in accepted] == [waiting[0].text, waiting[1].text, waiting[3].text]
    assert accepted[1].verdict
    assert ("love" in accepted[1].verdict.labels) != ("love" in accepted[1].labels)
    assert accepted[2].verdict
    assert accepted[2].verdict.text == "the nurse called back just as she said, she always does"
    assert [(one.text, one.verdict and one.verdict.reason) for one in rejected] == [(waiting[2].text, "unrealistic")]

    page.keyboard.press("e")
    page.locator(".editor").fill("call me on 0171 555 0199, she said")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_text("it holds a telephone number. The verdict was not saved.")).to_be_visible()
    expect(page.get_by_text(f"4 of {len(waiting)} checked")).to_be_visible()
    take_screenshot(page, "synthetic-6-refused")
    page.keyboard.press("k")
    expect(page.locator(".editor")).to_have_value("call me on 0171 555 0199, she said")
    take_screenshot(page, "synthetic-6-edit-again")
    page.locator(".editor").fill("the coach said she would call me, and she did")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    settled(page, f"5 of {len(waiting)} checked")
    expect(page.get_by_text("cannot be saved")).not_to_be_visible()

    page.get_by_role("radio", name="Dropped", exact=True).click()
    before = len(found(store, "dropped"))
    take_screenshot(page, "synthetic-7-dropped")
    page.get_by_role("button", name="Restore").first.click()
    expect(page.get_by_role("button", name="Restore")).to_have_count(before - 1)
    assert len(found(store, "waiting")) == len(waiting) - 4
    page.get_by_role("radio", name="Figures", exact=True).click()
    expect(page.get_by_role("heading", name="By emotion")).to_be_visible()
    take_screenshot(page, "synthetic-8-figures")
    store.close()
    assert not server.modules() & {"torch", "transformers", "tensorflow"}
    assert asked == []


def test_the_pair_is_trained_and_compared_on_the_retrain_page(server: Server, page: Page, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'emoclf.db'}")
    load_sample(store)
    with store.writing() as session:
        job = add_job(session, "generate", {})
        texts = [f"my {who} kept every promise for {n} years" for n, who in enumerate(("nurse", "coach", "aunt"))]
        gates = [GateResult("format", True)]
        written = [Written(text, frozenset({"trust"}), "trust", "aspirations", {}, gates) for text in texts]
        generations.add_round(session, Round(job, 0, "qwen", "write-1", [], {}, 5, []), written)
        for tweet_id in generations.newest(session, job, 2):
            add_verdict(session, NewVerdict(f"e{tweet_id}", tweet_id, "ana", "accept", labels=frozenset({"trust"})))
    page.goto(f"{server.url}/retrain")
    page.get_by_label("Base model", exact=True).fill(tiny_bert(tmp_path / "base"))
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_text("Advanced settings", exact=True).click()
    page.get_by_label("Maximum length", exact=True).fill("32")
    page.get_by_text("2 that a reviewer accepted").click()
    expect(page.get_by_text("First train a run without them, for the same number of steps")).to_be_visible()
    take_screenshot(page, "synthetic-9-retrain")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Run 2 was also trained on 2 synthetic tweets")).to_be_visible(timeout=180 * SECOND)
    expect(page.get_by_text("Compared with run 1 on the same tweets")).to_be_visible()
    take_screenshot(page, "synthetic-10-with-and-without")
    with store.reading() as session:
        with_them, without = (run.settings["synthetic"] for run in list_runs(session))
    assert (with_them["tweets"], without["repeated"]) == (2, 2)
    store.close()
