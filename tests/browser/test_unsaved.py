"""Browser tests of decisions that cannot be saved: they wait, the card says why, and all of them arrive."""

import getpass
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, WebSocketRoute, expect

from db.decisions import decision_log
from db.store import Store
from tests.support.browser import Server, take_screenshot
from tests.support.databases import about_sqlite
from tests.support.screen import review, tweet

pytestmark = [pytest.mark.browser, about_sqlite]
BLOCKED = (
    """Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });"""
)
FULL = """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };"""


def decided(store: Store) -> list[tuple[str, str]]:
    """The decisions in the log: the tweet and who made it."""
    with store.reading() as session:
        return [(row["ID"], row["reviewer"]) for row in decision_log(session)]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another program holds the write lock."""
    locker = sqlite3.connect(folder / "emoclf.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    yield
    locker.execute("ROLLBACK")
    locker.close()


def open_review(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.locator(".tweet")).to_be_visible()


def test_while_another_program_holds_the_lock_decisions_wait_with_the_reason_and_arrive_after_it(
    server: Server, page: Page, filled: Store, tmp_path: Path
) -> None:
    open_review(page, server)
    with locked(tmp_path):
        review(page, ["Enter", "a", "Enter"])
        expect(page.get_by_text("2 not saved yet: another program has locked the database")).to_be_visible()
        take_screenshot(page, "unsaved-locked")
        assert decided(filled) == []
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [key for key, _ in decided(filled)] == ["t1", "t2"]


def test_decisions_made_while_the_database_file_is_away_arrive_when_it_is_back(
    server: Server, page: Page, filled: Store, tmp_path: Path
) -> None:
    filled.close()
    open_review(page, server)
    away = tmp_path / "away"
    away.mkdir()
    for file in sorted(tmp_path.glob("emoclf.db*")):  # the database itself first
        shutil.move(file, away / file.name)
    shown = tweet(page)
    review(page, ["Enter"])
    expect(page.locator(".tweet")).not_to_have_text(shown)
    away_words = re.compile(
        "1 not saved yet|This page cannot be shown now"
    )  # the latter if the browser had to reconnect
    expect(page.get_by_text(away_words)).to_be_visible()
    take_screenshot(page, "unsaved-file-away")
    page.get_by_role("link", name="Guidelines").click()
    expect(page.get_by_text("This page cannot be shown now: the database file is missing")).to_be_visible()
    take_screenshot(page, "unsaved-page-away")
    for file in away.iterdir():
        shutil.move(file, tmp_path / file.name)
    expect(page.get_by_role("heading", name="Guidelines")).to_be_visible()
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    take_screenshot(page, "unsaved-recovered")
    assert [key for key, _ in decided(filled)] == ["t1"]


def test_a_link_is_followed_although_the_server_is_slow_and_the_card_has_unsent_decisions(
    server: Server, page: Page, filled: Store, tmp_path: Path
) -> None:
    """Until the server has answered, Streamlit sends all that a page sends with the address of the old page."""
    sent_after_click: list[bytes | str] = []
    held: list[bytes | str] = []
    has_clicked = False

    def slow(socket: WebSocketRoute) -> None:
        real = socket.connect_to_server()

        def to_server(message: bytes | str) -> None:
            if has_clicked:
                sent_after_click.append(message)
            real.send(message)

        socket.on_message(to_server)
        real.on_message(lambda message: held.append(message) if has_clicked else socket.send(message))
        sockets.append(socket)

    sockets: list[WebSocketRoute] = []
    page.route_web_socket(re.compile("_stcore/stream"), slow)
    page.clock.install()
    open_review(page, server)
    with locked(tmp_path):
        review(page, ["Enter"])
        expect(page.get_by_text("1 not saved yet: another program has locked the database")).to_be_visible()
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
        has_clicked = True
        page.get_by_role("link", name="Guidelines").click()
        page.clock.run_for(5000)  # the card would have sent again by now
    has_clicked = False
    for message in held:
        sockets[-1].send(message)
    expect(page.get_by_role("heading", name="Guidelines")).to_be_visible()
    assert len(sent_after_click) == 1
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert [key for key, _ in decided(filled)] == ["t1"]


def test_a_decision_is_in_the_store_before_a_link_that_is_clicked_right_after_it_is_followed(
    server: Server, page: Page, filled: Store, tmp_path: Path
) -> None:
    for n, other in enumerate(("Guidelines", "Data", "Guidelines"), start=1):
        open_review(page, server)
        link = page.get_by_role("link", name=other).element_handle()
        page.evaluate(
            """(link) => {
                const options = { key: "Enter", bubbles: true, composed: true };
                document.body.dispatchEvent(new KeyboardEvent("keydown", options));
                link.click();
            }""",
            link,
        )
        expect(page.get_by_role("heading", name=other, exact=True)).to_be_visible()
        assert len(decided(filled)) == n


@pytest.mark.parametrize("refusal", [BLOCKED, FULL], ids=["blocked", "full"])
def test_without_storage_of_the_browser_the_card_works_says_so_and_asks_before_it_is_closed(
    server: Server, page: Page, filled: Store, tmp_path: Path, refusal: str
) -> None:
    page.add_init_script(refusal)
    open_review(page, server)
    expect(page.get_by_text("This browser cannot keep unsaved decisions.")).to_be_visible()
    review(page, ["Enter"])
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with locked(tmp_path):
        review(page, ["a", "Enter"])
        expect(page.get_by_text("1 not saved yet: another program")).to_be_visible()
        take_screenshot(page, f"unsaved-no-storage-{'blocked' if refusal is BLOCKED else 'full'}")
        page.get_by_role("link", name="Guidelines").click()
        expect(page.get_by_role("heading", name="Guidelines")).to_be_visible()
        with page.expect_event("dialog"):
            page.evaluate("setTimeout(() => location.reload())")  # as closing the tab does, which nobody can stay in
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.get_by_text("2 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert (asked, [key for key, _ in decided(filled)]) == (["beforeunload"], ["t1", "t2"])


def test_an_event_that_cannot_be_stored_stays_in_the_browser_until_the_reviewer_has_read_it(
    server: Server, page: Page, filled: Store, tmp_path: Path
) -> None:
    open_review(page, server)
    page.evaluate(
        """(name) => localStorage.setItem(`emoclf/outbox/${encodeURIComponent(name)}/ana/x1`, JSON.stringify({
            event_id: "x1", kind: "decide", reviewer: "ana", tweet_id: 99, labels: ["joy"], at: "2026-01-01T00:00:00Z",
            shown: { original: [] } }))""",
        filled.name,
    )
    kept = "Object.keys(localStorage).filter((key) => key.endsWith('/x1')).length"
    page.reload()
    expect(page.get_by_text("1 decision cannot be saved:")).to_be_visible()
    expect(page.get_by_text("there is no tweet 99 (tweet 99, joy, by ana)")).to_be_visible()
    expect(page.get_by_text("1 not saved", exact=True)).to_be_visible()
    take_screenshot(page, "unsaved-refused")
    page.reload()
    expect(page.get_by_text("1 decision cannot be saved:")).to_be_visible()
    assert page.evaluate(kept) == 1
    page.get_by_role("button", name="I have read this: discard it").click()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert page.evaluate(kept) == 0


def test_unsent_events_of_one_reviewer_are_saved_in_that_name_when_another_opens_the_card(
    server: Server, page: Page, filled: Store, tmp_path: Path
) -> None:
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.locator(".tweet")).to_be_visible()
    page.context.set_offline(True)
    server.stop()
    review(page, ["Enter"])
    page.context.set_offline(False)
    server.start()
    page.context.add_cookies([{"name": "emoclf_reviewer", "value": "ben", "url": server.url}])
    page.goto(f"{server.url}/review?order=as+imported")
    expect(page.get_by_text("1 of 3 decided")).to_be_visible()
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert decided(filled) == [("t1", getpass.getuser())]
