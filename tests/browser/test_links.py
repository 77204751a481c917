"""Browser tests that follow the links of every page: the result matches the link's text and the typed URL.

Of the heat map, a link for every emotion and every pair of sources is followed; its other cells differ only in these.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, expect

from db.store import Store
from db.suggestions import add_suggestions
from emoclf.review.filters import Filter
from jobs.review import guidelines, review_card
from tests.support.batches import accepted, check, drawn
from tests.support.browser import Server
from tests.support.decisions import decide, flag
from tests.support.guidelines import GUIDELINE
from tests.support.screen import press, wait_until_loaded
from ui.shell import PAGES

pytestmark = pytest.mark.browser
STARTS = [
    *(name for name, _, _ in PAGES),
    "guidelines?emotion=anger",
    "guidelines?emotion=joy",
    "review?split=train&text=happy",
    "review?split=train&outdated=anger&emotion=anger",
    "bulk?split=train&text=happy",
    "bulk?split=train&text=happy&doubt=0-0.5",
]
CELLS = '[data-testid="stMain"] .agreement a'
LINKS = '[data-testid="stMain"] [data-testid="stPageLink-NavLink"]'
PROMISES = {  # by the words of a link, what the page says that it leads to, in tweets
    "Review them or change the list": r"([\d,]+) tweets? to decide in train",
    "Decide the flagged tweets first": r"([\d,]+) of them (?:is|are) flagged",
    "Show the accepted tweets": r"accepted by \w+: ([\d,]+) tweets?",
}
SHOWN = r"([\d,]+) of ([\d,]+) decided|([\d,]+) decided tweets?|of ([\d,]+) train tweets, the most doubtful first"


@dataclass(frozen=True)
class Link:
    """A link of a page, and how many tweets it promises; None: it does not say."""

    href: str
    words: str
    promised: int | None


@pytest.fixture
def busy(many: Store) -> Store:
    """Decisions under two texts of a guideline, flags, a batch that is accepted, and one that is being checked."""
    accepted(many)  # what the LLM says of 1 to 60
    for i in range(61, 71):
        labels = ("anger", "joy") if i < 65 else ("joy",)
        assert not review_card.save_events(many, "bob", [decide(f"b{i}", i, *labels, guidelines=0)]).refused
    guidelines.edit(many, "anger", GUIDELINE, "carol", 0)
    review_card.save_events(many, "bob", [decide("b71", 71, "anger", guidelines=1)])
    # Enough flags that the random sample of the second batch cannot hold all of them.
    review_card.save_events(many, "ana", [flag(f"f{i}", i, "sarcasm?") for i in (61, *range(72, 86))])
    check(many, drawn(many, "original", Filter(text="happy", doubt="0-0.5"), "checking"), "joy", n=4)
    probabilities = [0.1] * 4 + [0.2] + [0.1] * 5 + [0.9]
    with many.writing() as session:
        add_suggestions(session, "qwen", "json-1-yes-no", [(i, probabilities) for i in range(80, 90)])
    return many


def opened(page: Page, address: str) -> None:
    """Go to an address, and wait until the page is drawn."""
    page.goto(address)
    wait_until_loaded(page)


def found_on(page: Page) -> list[Link]:
    """The links within a page, each once; of the heat map, those of `cells_on`."""
    text = "\n".join(page.get_by_test_id("stText").all_inner_texts())
    found = {}
    for one in [*page.locator(LINKS).all(), *cells_on(page)]:
        label = one.locator("p")  # beside it stands an icon, whose name is a text too
        words = (label if label.count() else one).inner_text().strip()
        href = one.get_attribute("href") or ""
        promise = re.search(PROMISES[words], text) if words in PROMISES else re.match(r"([\d,]+)", words)
        found[href] = Link(href, words, number(promise[1]) if promise else None)
    return list(found.values())


def cells_on(page: Page) -> list[Locator]:
    """The links of the heat map's diagonals: one in every row (an emotion), and in every column (a pair of sources)."""
    columns = page.locator(".agreement thead th").count()
    return [cell for n, cell in enumerate(page.locator(CELLS).all()) if n // columns % columns == n % columns]


def number(digits: str) -> int:
    return int(digits.replace(",", ""))


def shown(page: Page) -> tuple[int, int]:
    """How many tweets a page shows in all, and how many of them are to decide."""
    words = page.locator(".count, [data-testid=stCaptionContainer]").all_inner_texts()
    [numbers] = [found.groups() for one in words if (found := re.search(SHOWN, one))]
    done, total, *alone = (number(digits) if digits else None for digits in numbers)
    if done is None or total is None:
        return next(one for one in alone if one is not None), 0
    assert done <= total
    return total, total - done


def words_of(page: Page) -> list[str]:
    """What tells one list from another: the sentences of a page and the counts of its card."""
    return page.locator("[data-testid=stText], .count, h1, h3").all_inner_texts()


def test_a_link_shows_as_many_tweets_as_it_promises_and_what_the_typed_address_shows(
    server: Server, page: Page, busy: Store
) -> None:
    followed: dict[str, Link] = {}
    for start in STARTS:
        opened(page, f"{server.url}/{start}")
        for link in found_on(page):
            if link.href in followed:
                continue
            followed[link.href] = link
            follow(page, f"{server.url}/{start}", link)
    promises = {link.words: link.promised for link in followed.values() if link.promised is not None}
    assert "4 of them where a source or the decision gives anger" in promises, promises
    assert any(words.endswith("train tweets were decided under an older version") for words in promises)
    assert {"Review them or change the list", "Decide the flagged tweets first", "Show the accepted tweets"} <= set(
        promises
    )


def follow(page: Page, start: str, link: Link) -> None:
    """Compare what the typed address shows with the promise, and then what a click shows with the typed address.

    A cell of the heat map is a plain link of HTML: a click on it is a typed address.
    """
    opened(page, urljoin(start, link.href))
    expected = words_of(page)
    if link.promised:
        assert link.promised in shown(page), link
    if "κ" in link.words:
        return
    opened(page, start)
    page.locator(f'{LINKS}[href="{link.href}"]').first.click()
    expect(page).to_have_url(urljoin(start, link.href))
    expect(page.locator("[data-testid=stText], .count, h1, h3")).to_have_text(expected)
    wait_until_loaded(page)
    expect(page).to_have_url(urljoin(start, link.href))
    assert words_of(page) == expected


def test_a_button_that_leads_to_a_sample_shows_how_far_it_is_checked(server: Server, page: Page, busy: Store) -> None:
    opened(page, f"{server.url}/bulk?split=train&text=happy&doubt=0-0.5")
    expect(page.get_by_text("4 of 10 checked")).to_be_visible()
    press(page.get_by_role("button", name="Check the next tweet"))
    expect(page.locator(".count")).to_have_text("4 of 10 decided")
    press(page.get_by_role("link", name="Back to the batch"))
    expect(page.get_by_text("4 of 10 checked")).to_be_visible()
    opened(page, server.url)
    press(page.get_by_test_id("stColumn").filter(has_text="You decide").get_by_role("button"))
    expect(page.locator(".count")).to_contain_text(" of 100 decided")


def test_a_button_that_opens_another_list_on_its_own_page_writes_it_into_the_address(
    server: Server, page: Page, busy: Store
) -> None:
    opened(page, f"{server.url}/bulk")
    press(page.get_by_role("button", name="Open", exact=True))
    expect(page.get_by_text("4 of 10 checked")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/bulk?split=train&text=happy&doubt=0-0.5")
    press(page.get_by_role("button", name="Check the next tweet"))
    expect(page.locator(".count")).to_have_text("4 of 10 decided")


def test_the_link_in_a_table_opens_the_tweet_of_its_row(server: Server, page: Page, busy: Store) -> None:
    opened(page, f"{server.url}/suggest?split=train&emotion=joy&between=original-Qwen")
    cells = page.locator("canvas [role=gridcell]")  # what a screen reader is told of the table
    expect(cells.nth(1)).to_be_attached()
    texts = cells.all_text_contents()
    links = [text for text in texts if "review?tweet=" in text]
    assert links, texts
    for href in links[:3]:
        tweet = texts[texts.index(href) + 1]
        opened(page, urljoin(page.url, href))
        expect(page.locator(".tweet")).to_have_text(tweet)


def test_a_count_stays_between_0_and_its_total_while_decided_tweets_are_decided_again(
    server: Server, page: Page, busy: Store
) -> None:
    opened(page, f"{server.url}/review?split=train&outdated=anger&emotion=anger")
    for left in (4, 3, 2, 1):
        expect(page.locator(".count")).to_have_text(f"{left} decided tweet{'' if left == 1 else 's'}")
        page.locator(".tweet").click()
        page.keyboard.press("Enter")
        expect(page.get_by_text("saved", exact=True)).to_be_visible()
    expect(page.get_by_text("Nothing left here")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(".count")).to_have_text("1 decided tweet")
    opened(page, f"{server.url}/review?split=train&text=happy&decided=any")
    before = page.locator(".count").inner_text()
    total, left = shown(page)
    page.locator(".tweet").click()
    page.keyboard.press("Enter")
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    assert (total, before) == (100, f"{100 - left} of 100 decided")
    assert shown(page)[1] <= left
