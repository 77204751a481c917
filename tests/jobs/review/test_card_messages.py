"""Tests of the messages between the cards and Python; `card_messages.test.mjs` reads the same examples."""

import json
from typing import Any

import pytest

from db import generations
from db.generations import Round, Written
from db.jobs import add_job
from db.store import Store
from db.suggestions import add_suggestions
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.synthetic.gate_results import GateResult
from jobs.doubts import ranking
from jobs.review.card_data import ListRequest, review_card_data
from jobs.review.card_messages import UnreadableMessageError, parse, skipped_tweets, to_browser
from jobs.review.events import Saved
from jobs.review.review_card import REVIEW_CARD, linked, save_events
from jobs.review.review_messages import REVIEW_EVENTS, ExplainRequest, ReviewCardData
from jobs.review.side_panel import side_panel
from jobs.synthetic.card_messages import SYNTHETIC_EVENTS, SyntheticCardData
from jobs.synthetic.synthetic_card import SYNTHETIC_CARD, synthetic_card_data
from tests.support.decisions import decide, flag
from tests.support.paths import ROOT

EXAMPLES = json.loads((ROOT / "tests" / "support" / "card_messages.json").read_text("utf-8"))
KINDS = {
    "review_data": ReviewCardData,
    "synthetic_data": SyntheticCardData,
    "explain_request": ExplainRequest,
}
EVENTS = {"review_events": REVIEW_EVENTS, "synthetic_events": SYNTHETIC_EVENTS}
MESSAGES = [(kind, EXAMPLES[name]) for name, kind in KINDS.items()]
MESSAGES += [(kind, event) for name, kind in EVENTS.items() for event in EXAMPLES[name].values()]
DECISION = EXAMPLES["review_events"]["decide"]


@pytest.mark.parametrize(("kind", "message"), MESSAGES)
def test_every_example_is_a_declared_message_and_is_written_as_it_was_read(kind: Any, message: dict[str, Any]) -> None:
    assert to_browser(parse(message, kind, "message")) == message


def test_the_tweets_that_were_skipped_are_a_list_of_ids_or_nothing() -> None:
    assert (skipped_tweets(EXAMPLES["skipped"]), skipped_tweets(None)) == ([1, 3], [])
    with pytest.raises(UnreadableMessageError, match="this list of skipped tweets could not be read"):
        skipped_tweets(["1"])


@pytest.mark.parametrize(("name", "card"), [("review", REVIEW_CARD), ("synthetic", SYNTHETIC_CARD)])
def test_unsent_events_of_the_version_before_can_still_be_read(name: str, card: Any) -> None:
    for event in EXAMPLES["unsent_events_of_version_0_1"][name]:
        read = to_browser(parse(event, card.messages, card.what))
        same = read.keys() & event.keys()
        assert {field: read[field] for field in same} == {field: event[field] for field in same}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tweet_id": "1"}, "this decision could not be read: field tweet_id: expected int, got str"),
        ({"tweet_id": 2**63}, "field tweet_id: expected int <= 9223372036854775807"),
        ({"event_id": "e" * 101}, "field event_id: expected str of length <= 100"),
        ({"labels": ["joy"] * 12}, "field labels: expected array of length <= 11"),
        ({"shown": {}}, "field shown: object missing required field original"),
        ({"blind": 1}, "field blind: expected bool, got int"),
        ({"kind": "explode"}, "field kind: invalid value 'explode'"),
        ({"kind": "flag", "comment": "x" * 501}, "field comment: expected str of length <= 500"),
        ({"kind": "flag"}, "this decision could not be read: object missing required field comment"),
    ],
)
def test_an_event_of_another_form_is_refused_with_the_field_that_is_wrong(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UnreadableMessageError) as problem:
        parse(DECISION | change, REVIEW_EVENTS, "decision")
    assert sentence in str(problem.value)


def as_received(data: Any) -> dict[str, Any]:
    """Card data as the browser parses it."""
    received: dict[str, Any] = json.loads(json.dumps(to_browser(data), allow_nan=False))
    return received


def test_the_review_cards_data_of_a_store_has_the_declared_form(filled: Store) -> None:
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(1, [0.9] + [0.1] * 10), (2, [0.1] * 11)])
    ranking.refresh(filled)
    made = [decide("e1", 2, "anger"), decide("e2", 3, "joy"), flag("f1", 1, "sarcasm?"), decide("e3", 99)]
    saved = save_events(filled, "ana", made)
    save_events(filled, "ben", [decide("e4", 2, "fear", seen=1)])
    request = ListRequest("ana", Filter(), "as imported", 3, skipped=[1], first=linked(filled, "t2"))
    data = review_card_data(filled, ranking.load_calibrations(filled), request, saved)
    received = as_received(data) | {"side_panel": to_browser(side_panel(filled, data, {3}, []))}
    assert to_browser(parse(received, ReviewCardData, "data")) == received
    assert received.keys() == EXAMPLES["review_data"].keys()
    assert received["tweets"][0]["in_force"]["reviewer"] == "ben"
    assert received["refused"][0]["why"] == "there is no tweet 99"
    assert set(received["side_panel"]["annotations"]) == {"1", "2", "3"}


def test_the_synthetic_cards_data_of_a_store_has_the_declared_form(filled: Store) -> None:
    with filled.writing() as session:
        job = add_job(session, "generate", {})
        details = {"reader": "BERT (run 1)", "probabilities": [0.1] * len(EMOTIONS)}
        gates = [[GateResult("format", True), GateResult("bert", True, details=details)], [GateResult("format", True)]]
        texts = ("my nurse kept her promise", "the coach said wait and see")
        written = [
            Written(text, frozenset({"trust"}), "trust", "health", {}, results, nearest_id=1, closeness=0.4)
            for text, results in zip(texts, gates, strict=True)
        ]
        generations.add_round(session, Round(job, 0, "qwen", "write-1", [], {}, 2, []), written)
        first, _ = generations.newest(session, job, 2)
    verdict = EXAMPLES["synthetic_events"]["accept"] | {"tweet_id": first, "store": f"{filled.name}/synthetic"}
    saved: Saved = save_events(filled, "ana", [verdict], SYNTHETIC_CARD)
    received = as_received(synthetic_card_data(filled, "ana", None, [], saved))
    assert to_browser(parse(received, SyntheticCardData, "data")) == received
    assert received.keys() == EXAMPLES["synthetic_data"].keys()
    assert received["acknowledged"] == ["v1"]
    assert received["history"][0]["card"]["edited"] == verdict["text"]
