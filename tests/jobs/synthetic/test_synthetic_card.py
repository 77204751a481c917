"""Tests of the card for synthetic tweets: its data, its verdicts, and the suggested rules."""

from typing import Any

import pytest

from db import generations, synthetic
from db.generations import Round, Written
from db.jobs import add_job
from db.store import Store
from db.synthetic import Synthetic
from emoclf.labels import EMOTIONS
from emoclf.synthetic.gate_results import GateResult
from emoclf.synthetic.prompting import REASONS
from jobs.files import licences
from jobs.review.card_messages import to_browser
from jobs.review.events import Saved
from jobs.review.review_card import save_events
from jobs.synthetic import label_counts, synthetic_card
from tests.support.pages import the_app

WHY = "it is not English"
TEXTS = (
    "my dentist explained every step, I was never afraid",
    "left my keys with the neighbour again, best decision",
    "our coach says wait and see, and I do",
    "she said noon and it was noon",
)


@pytest.fixture
def waiting(filled: Store) -> Store:
    """Four synthetic tweets: three to check and one that a gate dropped."""
    with filled.writing() as session:
        job = add_job(session, "generate", {})
        said = {"reader": "BERT (run 1)", "probabilities": [0.1] * len(EMOTIONS)}
        good, bert = GateResult("format", True), GateResult("bert", True, 0.1, details=said)
        asked = (frozenset({"trust"}), "trust", "aspirations", {})
        written = [
            Written(text, *asked, gates, nearest_id=1, closeness=0.4)
            for text, gates in zip(
                TEXTS[:3], [[good, bert], [good], [good, GateResult("one more", True, 0.5)]], strict=True
            )
        ]
        dropped = Written(TEXTS[3], *asked, [GateResult("language", False, reason=WHY)])
        generations.add_round(session, Round(job, 0, "qwen", "write-1", [], {}, 5, []), [*written, dropped])
    return filled


def event(name: str, tweet_id: int, verdict: str = "accept", **more: Any) -> dict[str, Any]:
    plain = {"event_id": name, "kind": "decide", "tweet_id": tweet_id, "labels": ["trust"], "seconds": 1.5}
    return {**plain, "verdict": verdict, "reason": None, "text": None, **more}


def undo(name: str, undoes: str) -> dict[str, Any]:
    return {"event_id": name, "kind": "undo", "undoes": undoes, "tweet_id": 0, "labels": []}


def save(store: Store, reviewer: str, events: list[dict[str, Any]]) -> Saved:
    return save_events(store, reviewer, events, synthetic_card.SYNTHETIC_CARD)


def card_data(store: Store, *arguments: Any, **more: Any) -> dict[str, Any]:
    """The data of the card as the browser gets it."""
    data: dict[str, Any] = to_browser(synthetic_card.synthetic_card_data(store, *arguments, **more))
    return data


def tweet(store: Store, text: str) -> Synthetic:
    with store.reading() as session:
        return next(one for one in synthetic.all_items(session) if one.text == text)


def test_the_card_shows_waiting_tweets_with_the_nearest_real_tweet_and_model_predictions(waiting: Store) -> None:
    data = card_data(waiting, "ana")
    assert [card["text"] for card in data["tweets"]] == list(TEXTS[:3])
    assert (data["decided"], data["total"], data["reasons"]) == (0, 3, list(REASONS))
    first = data["tweets"][0]
    assert first["nearest"].startswith("so happy about the new puppy")
    assert first["original"] == ["trust"]
    assert first["passed"] == ["format", "bert"]
    assert first["predictions"] == {"bert": {"by": "BERT (run 1)", "probabilities": [0.1] * 11}}
    skipped = card_data(waiting, "ana", skipped=[first["id"]])
    assert [card["text"] for card in skipped["tweets"]] == [*TEXTS[1:3], TEXTS[0]]
    assert card_data(waiting, "ana", "joy")["tweets"] == []


def test_the_result_of_a_gate_that_no_earlier_version_had_is_stored_and_read(waiting: Store) -> None:
    assert tweet(waiting, TEXTS[2]).gates[1] == GateResult("one more", True, 0.5)
    assert card_data(waiting, "ana")["tweets"][2]["passed"] == ["format", "one more"]


def test_a_verdict_sent_twice_is_stored_once_and_can_be_undone(waiting: Store) -> None:
    one = tweet(waiting, TEXTS[0])
    accept = event("e1", one.tweet_id, labels=["trust", "joy"])
    assert save(waiting, "ana", [accept, accept]).acknowledged == ["e1", "e1"]
    assert tweet(waiting, TEXTS[0]).state == "accepted"
    [past] = card_data(waiting, "ana")["history"]
    assert (past["event_id"], past["labels"], past["card"]["text"]) == ("e1", ["joy", "trust"], TEXTS[0])
    assert save(waiting, "ana", [undo("e2", "e1")]).acknowledged == ["e2"]
    assert tweet(waiting, TEXTS[0]).state == "waiting"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"text": "call 0171 555 0199 and ask for Bo"}, "a telephone number"),
        ({"text": "I miss my grandmother's kitchen #home"}, "a dev or test tweet"),
        ({"labels": ["bliss"]}, "'bliss' is not a label"),
        ({"tweet_id": 1}, "no synthetic tweet 1"),
        ({"verdict": "perhaps"}, "field verdict: invalid enum value 'perhaps'"),
        ({"kind": None}, "field kind: expected str, got NoneType"),
        ({"event_id": ""}, "field event_id: expected str of length >= 1"),
    ],
)
def test_what_cannot_be_saved_is_refused_with_a_sentence(waiting: Store, change: dict[str, Any], why: str) -> None:
    one = tweet(waiting, TEXTS[0])
    saved = save(waiting, "ana", [event("e1", one.tweet_id) | change])
    assert saved.acknowledged == []
    assert why in saved.refused[0].why
    assert tweet(waiting, TEXTS[0]).state == "waiting"


def test_a_verdict_of_another_reviewer_is_not_replaced_without_notice(waiting: Store) -> None:
    one = tweet(waiting, TEXTS[0])
    save(waiting, "ana", [event("e1", one.tweet_id, "reject", reason="duplicate")])
    [refused] = save(waiting, "ben", [event("e2", one.tweet_id)]).refused
    assert refused.why == "ana has checked this tweet meanwhile (reject); that verdict stays."
    assert save(waiting, "ana", [event("e3", one.tweet_id)]).acknowledged == ["e3"]


def test_a_restored_tweet_is_checked_like_the_others(waiting: Store) -> None:
    one = tweet(waiting, TEXTS[3])
    synthetic_card.restore(waiting, one.tweet_id, "ana", "b1")
    card = next(card for card in card_data(waiting, "ben")["tweets"] if card["id"] == one.tweet_id)
    assert card["reason"] == "dropped, then restored: it is not English"
    assert save(waiting, "ben", [event("e1", one.tweet_id)]).acknowledged == ["e1"]
    assert tweet(waiting, TEXTS[3]).state == "accepted"


def test_frequent_rejection_reasons_are_offered_as_rules(waiting: Store) -> None:
    for n, text in enumerate(TEXTS[:3]):
        reason = "harmful" if n == 2 else "unrealistic"
        save(waiting, "ana", [event(f"e{n}", tweet(waiting, text).tweet_id, "reject", reason=reason)])
    assert synthetic_card.offered_rules(waiting, "trust") == {REASONS["unrealistic"]: 2}
    assert synthetic_card.offered_rules(waiting, "joy") == {}
    with waiting.reading() as session:
        [row] = synthetic_card.acceptance(synthetic.states(session))
    assert (row["written"], row["passed the gates"], row["rejected"], row["accepted of checked"]) == (4, 3, 3, "0 %")


def test_the_missing_number_of_an_emotion_counts_waiting_and_accepted_tweets(waiting: Store) -> None:
    found = {one.emotion: one for one in label_counts.label_counts(waiting, 5)}
    assert (found["trust"].real, found["trust"].waiting, found["trust"].missing) == (0, 3, 2)
    assert (found["joy"].real, found["joy"].missing) == (3, 2)
    assert [one.missing for one in label_counts.label_counts(waiting, 5)] == sorted(
        one.missing for one in found.values()
    )[::-1]


def test_a_model_that_wrote_tweets_is_on_the_licences_page(waiting: Store) -> None:
    assert "qwen" in {one.work for one in licences.models_in_use(waiting)}


def test_the_overview_counts_synthetic_tweets_apart(waiting: Store) -> None:
    app = the_app().run()
    said = [text.value for text in app.text]
    assert any("waiting 3  ·  accepted 0  ·  rejected 0  ·  dropped 1" in words for words in said)
    assert any("3 train + 1 dev" in caption.value for caption in app.caption)
    app.switch_page("pages/synthetic.py").run()
    assert not app.exception
