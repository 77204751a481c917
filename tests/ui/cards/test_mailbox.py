"""Tests of events that cards post to the server without a run of their page."""

import gc
from collections.abc import Iterator, Sequence

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db import summaries
from db.store import Store
from jobs.review.events import Saved
from jobs.review.review_card import save_events
from ui.cards import mailbox
from ui.cards.mailbox import PATH, Mailbox
from ui.cards.review_card import join_scripts


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[mailbox.ROUTE])) as opened:
        yield opened


@pytest.fixture
def box(filled: Store, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setattr(mailbox.st, "session_state", {})
    return mailbox.mailbox("card", lambda outbox: save_events(filled, "ana", outbox))


def decision(event_id: str = "e1", tweet_id: int = 1) -> dict[str, object]:
    shown = {"original": [], "suggestion": None, "prediction": None}
    return {"kind": "decide", "event_id": event_id, "tweet_id": tweet_id, "labels": ["joy"], "shown": shown}


def test_a_posted_decision_is_stored_and_acknowledged_and_a_second_copy_changes_nothing(
    client: TestClient, box: Mailbox, filled: Store
) -> None:
    for _ in range(2):
        answer = client.post(PATH, json={"token": box.token, "outbox": [decision()]})
        assert (answer.status_code, answer.json()) == (200, {"acknowledged": ["e1"]})
    with filled.reading() as session:
        assert summaries.reviewers(session) == [("ana", 1)]
    assert box.collect() == Saved(["e1", "e1"], [])
    assert box.collect().tweet_ids == set()


def test_the_page_learns_once_which_tweets_were_posted(client: TestClient, box: Mailbox) -> None:
    client.post(PATH, json={"token": box.token, "outbox": [decision("e1", 1), decision("e2", 2)]})
    assert [box.collect().tweet_ids for _ in range(2)] == [{1, 2}, set()]


def test_an_event_that_can_never_be_stored_is_not_acknowledged(client: TestClient, box: Mailbox) -> None:
    answer = client.post(PATH, json={"token": box.token, "outbox": [decision("e1", 999_999), {"kind": "odd"}, 7]})
    assert answer.json() == {"acknowledged": []}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"token": "guessed", "outbox": []}', 404),
        (b"not JSON", 400),
        (b"\xff\xfe", 400),
        (b'{"token": 1}', 400),
        (b"[" * 100_000, 400),
        (b" " * (mailbox.LARGEST + 1), 413),
    ],
)
def test_a_post_without_the_secret_of_an_open_page_stores_nothing(
    client: TestClient, box: Mailbox, filled: Store, content: bytes, status: int
) -> None:
    assert client.post(PATH, content=content).status_code == status
    with filled.reading() as session:
        assert summaries.reviewers(session) == []


def test_a_mailbox_ends_with_its_session(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(outbox: Sequence[object]) -> Saved:
        return Saved(["e1"], [])

    state: dict[str, object] = {}
    monkeypatch.setattr(mailbox.st, "session_state", state)
    token = mailbox.mailbox("card", save).token
    assert mailbox.mailbox("card", save).token == token
    assert client.post(PATH, json={"token": token, "outbox": []}).status_code == 200
    state.clear()
    gc.collect()
    assert client.post(PATH, json={"token": token, "outbox": []}).status_code == 404


def test_the_card_posts_to_the_address_that_the_server_has() -> None:
    assert f'"{PATH.removeprefix("/")}"' in join_scripts()
