"""Tests of the review card's server side: decisions are saved once, never lost, and undone by adding; card data."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from db.decisions import decision_log
from db.queue import next_items, set_rank_inputs
from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import add_tweets, labelled_tweets
from db.values import RankInputs
from emoclf.errors import NotFoundError
from emoclf.review.filters import Filter
from emoclf.tweets import Tweet
from jobs.doubts import ranking
from jobs.review import review_card
from jobs.review.card_messages import Refusal
from jobs.review.review_messages import Annotations, Flag
from jobs.review.side_panel import annotations
from tests.support.decisions import card_data, decide, flag, undo
from tests.support.tweets import TWEETS


def approved(store: Store) -> dict[int, tuple[frozenset[str], str]]:
    with store.reading() as session:
        return {t.tweet_id: (t.labels, t.label_origin) for t in labelled_tweets(session, ["train"])}


def log(store: Store) -> list[dict[str, Any]]:
    with store.reading() as session:
        return list(decision_log(session))


def data(store: Store, **more: Any) -> dict[str, Any]:
    return card_data(store, "ana", Filter(), "as imported", total=3, **more)


def test_a_decision_replaces_the_original_in_the_training_labels(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 2, "anger")])
    assert approved(filled)[2] == ({"anger"}, "decision")
    assert approved(filled)[1] == (TWEETS[0].original, "original")


def test_the_same_event_sent_three_times_is_saved_once_and_acknowledged_each_time(filled: Store) -> None:
    for _ in range(3):
        assert review_card.save_events(filled, "ana", [decide("e1", 1, "joy")]).acknowledged == ["e1"]
    assert len(log(filled)) == 1


def test_undo_restores_the_earlier_decision_and_the_log_keeps_all(filled: Store) -> None:
    first, second = decide("e1", 1, "joy"), decide("e2", 1, "fear")
    review_card.save_events(filled, "ana", [first, second, undo("u1", "e2")])
    assert approved(filled)[1] == ({"joy"}, "decision")
    review_card.save_events(filled, "ana", [undo("u2", "e1")])
    assert approved(filled)[1] == (TWEETS[0].original, "original")
    assert [row["event_id"] for row in log(filled)] == ["e1", "e2", "u1", "u2"]


def test_a_repeated_undo_counts_once(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 1, "joy"), decide("e2", 1, "fear")])
    for event_id in ("u1", "u1", "u2"):
        assert review_card.save_events(filled, "ana", [undo(event_id, "e2")]).acknowledged == [event_id]
    assert approved(filled)[1] == ({"joy"}, "decision")


def test_a_reviewer_cannot_undo_the_decision_of_another(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 1, "joy")])
    saved = review_card.save_events(filled, "ben", [undo("u1", "e1")])
    assert saved.refused == [Refusal("u1", "there is no decision e1 of ben to undo")]
    assert approved(filled)[1] == ({"joy"}, "decision")


@pytest.mark.parametrize(
    "event",
    [
        decide("bad", 99, "joy"),
        decide("bad", 1, "hope"),
        {"event_id": "bad", "kind": "decide"},
        {"event_id": "bad", "kind": "explode"},
        decide("bad", 1, "joy", shown=3),
        decide("bad", 1, "joy", seconds="long"),
    ],
    ids=["no such tweet", "no such label", "no labels", "no such kind", "shown", "seconds"],
)
def test_an_event_that_cannot_be_stored_is_refused_in_words_and_the_others_are_saved(
    filled: Store, event: dict[str, Any]
) -> None:
    saved = review_card.save_events(filled, "ana", [decide("e1", 1, "joy"), event, decide("e2", 2)])
    assert saved.acknowledged == ["e1", "e2"]
    assert [refused.event_id for refused in saved.refused] == ["bad"]
    assert len(log(filled)) == 2


def test_a_decision_that_arrives_late_stays_with_the_reviewer_who_made_it(filled: Store) -> None:
    review_card.save_events(filled, "ben", [decide("e1", 1, "joy", reviewer="ana"), decide("e2", 2, "joy")])
    assert [row["reviewer"] for row in log(filled)] == ["ana", "ben"]


def test_the_password_of_the_database_is_not_sent_to_the_browser(filled: Store) -> None:
    assert filled.url not in json.dumps(data(filled))


def test_a_decision_is_stored_with_reviewer_time_and_shown_sources(filled: Store) -> None:
    seen = {"id": 7, "by": "qwen", "labels": ["anger"], "probabilities": [0.9] + [0.1] * 10}
    shown = {"original": ["joy"], "suggestion": seen, "prediction": None, "start": ["joy"]}
    review_card.save_events(filled, "ana", [decide("e1", 2, "anger", shown=shown, seconds=1.25)])
    [row] = log(filled)
    assert (row["reviewer"], row["labels"], row["seconds"]) == ("ana", "anger", 1.25)
    assert json.loads(row["shown"]) == shown
    right = json.loads(row["right_sources"])
    assert (right["anger"], right["joy"], right["fear"]) == (["suggestion"], ["suggestion"], ["original", "suggestion"])


def test_the_queue_can_be_rebuilt_from_the_log(filled: Store) -> None:
    """The decision in force, kept beside each tweet, is the one that replaying the log gives."""
    chance, events = np.random.default_rng(0), []
    for n in range(120):
        undoable = [e["event_id"] for e in events if e["kind"] == "decide"]
        if undoable and chance.random() < 0.4:
            events.append(undo(f"e{n}", str(chance.choice(undoable))))
        else:
            events.append(decide(f"e{n}", int(chance.integers(1, 4)), str(chance.choice(["joy", "fear", "love"]))))
    review_card.save_events(filled, "ana", events)
    undone = {event["undoes"] for event in events if event["kind"] == "undo"}
    in_force = {
        e["tweet_id"]: set(e["labels"]) for e in events if e["kind"] == "decide" and e["event_id"] not in undone
    }
    assert {i: labels for i, (labels, origin) in approved(filled).items() if origin == "decision"} == in_force


def annotated(store: Store, tweet_id: int) -> Annotations:
    """What the side panel shows about a tweet's flag and history."""
    with store.reading() as session:
        return annotations(session, {tweet_id: []}, [])[tweet_id]


def test_a_flag_keeps_its_comment_and_who_set_it_and_can_be_taken_off(filled: Store) -> None:
    review_card.save_events(filled, "ana", [flag("f1", 2, " sarcasm? "), flag("f1", 2, " sarcasm? ")])
    assert annotated(filled, 2).flag == Flag(by="ana", comment="sarcasm?")
    assert annotated(filled, 1).flag is None
    review_card.save_events(filled, "ben", [flag("f2", 2, None)])
    assert annotated(filled, 2).flag is None
    assert [line.what for line in annotated(filled, 2).history] == ["flagged: sarcasm?", "flag removed"]


def test_a_flag_without_words_is_a_flag(filled: Store) -> None:
    review_card.save_events(filled, "ana", [flag("f1", 2, "")])
    assert annotated(filled, 2).flag == Flag(by="ana", comment="")
    assert annotated(filled, 2).history[0].what == "flagged"


def test_a_flag_on_no_tweet_is_refused_in_words(filled: Store) -> None:
    saved = review_card.save_events(filled, "ana", [flag("f1", 99, "?")])
    assert saved.refused == [Refusal("f1", "there is no tweet 99")]


def test_the_history_of_a_tweet_says_who_decided_what_and_what_was_undone(filled: Store) -> None:
    review_card.save_events(filled, "ana", [decide("e1", 1, "joy"), undo("u1", "e1")])
    review_card.save_events(filled, "ben", [decide("e2", 1)])
    past = [(line.by, line.what, line.undone) for line in annotated(filled, 1).history]
    assert past == [("ana", "joy", True), ("ben", "no emotion", False)]


def test_decided_tweets_leave_the_queue_and_come_back_when_undone(filled: Store) -> None:
    assert [tweet["id"] for tweet in data(filled)["tweets"]] == [1, 2, 3]
    review_card.save_events(filled, "ana", [decide("e1", 1, "joy")])
    assert [tweet["id"] for tweet in data(filled)["tweets"]] == [2, 3]
    review_card.save_events(filled, "ana", [undo("u1", "e1")])
    assert [tweet["id"] for tweet in data(filled)["tweets"]] == [1, 2, 3]


def test_skipped_tweets_come_last(filled: Store) -> None:
    assert [tweet["id"] for tweet in data(filled, skipped=[1, 2])["tweets"]] == [3, 1, 2]


def test_undoable_decisions_are_available_after_a_restart_newest_first(filled: Store) -> None:
    review_card.save_events(
        filled, "ana", [decide("e1", 1, "joy"), decide("e2", 2), decide("e3", 3, "fear"), undo("u", "e3")]
    )
    review_card.save_events(filled, "ben", [decide("e4", 3, "love")])
    history = data(filled)["history"]
    assert [(past["event_id"], past["labels"]) for past in history] == [("e2", []), ("e1", ["joy"])]
    assert history[1]["card"]["text"] == TWEETS[0].text


def test_the_most_doubtful_tweet_comes_first_with_the_reason_in_words(filled: Store) -> None:
    sure, unsure = [0.02] * 11, [0.97] + [0.02] * 10
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(1, sure), (2, unsure), (3, sure)])
    ranking.refresh(filled)
    calibrations = ranking.load_calibrations(filled)
    first = card_data(filled, "ana", Filter(), "most doubtful first", 3, calibrations)["tweets"][0]
    with filled.reading() as session:
        ranked = next_items(session, Filter("train"))
    assert [item.doubt for item in ranked] == sorted((item.doubt for item in ranked), reverse=True)
    assert first["reason"].startswith("Qwen 0.")
    assert f" {first['emotion']}, the original " in first["reason"]
    assert first["suggestion"]["by"] == "Qwen"


def test_a_tweet_has_no_doubt_before_any_model_has_answered_about_it(filled: Store) -> None:
    assert [tweet["doubt"] for tweet in data(filled)["tweets"]] == [None] * 3
    assert [row["doubt"] for row in review_card.listing(filled, Filter("train"), None, 3)] == [None] * 3
    with filled.writing() as session:
        add_suggestions(session, "qwen", "1", [(2, [0.97] + [0.02] * 10)])
    ranking.refresh(filled)
    assert [tweet["doubt"] is None for tweet in data(filled)["tweets"]] == [True, False, True]


@pytest.mark.parametrize(
    ("engine", "name"),
    [
        ("Meta-Llama-3-8B@0e9e39f2", "Meta"),
        ("llama3:8b", "Llama"),
        ("qwen2.5-1.5b-instruct@0123abcd", "Qwen"),
        ("7b", "LLM"),
    ],
)
def test_the_reason_names_the_language_model_that_made_the_suggestion(filled: Store, engine: str, name: str) -> None:
    with filled.writing() as session:
        add_suggestions(session, engine, "1", [(2, [0.97] + [0.02] * 10)])
    ranking.refresh(filled)
    calibrations = ranking.load_calibrations(filled)
    tweets = card_data(filled, "ana", Filter(), "most doubtful first", 3, calibrations)["tweets"]
    [reason] = [tweet["reason"] for tweet in tweets if tweet["id"] == 2]
    assert reason.startswith(f"{name} 0.")


def test_a_decision_from_the_command_line_records_that_only_the_original_was_shown(filled: Store) -> None:
    review_card.decide_tweet(filled, "t2", ["anger"], "ana", "e1")
    [row] = log(filled)
    assert json.loads(row["shown"]) == {"original": ["joy"]}
    with pytest.raises(NotFoundError, match="there is no tweet 'nope'"):
        review_card.decide_tweet(filled, "nope", [], "ana", "e2")


def test_a_link_puts_its_tweet_first_and_the_view_is_another(filled: Store) -> None:
    first = review_card.linked(filled, "t2")
    shown = data(filled, first=first)
    assert [card["id"] for card in shown["tweets"]] == [2, 1, 3]
    assert shown["view"] != data(filled)["view"]


def test_a_link_shows_a_decided_tweet_and_who_decided_it(filled: Store) -> None:
    review_card.save_events(filled, "bob", [decide("e1", 2, "anger", "fear")])
    shown = data(filled, first=review_card.linked(filled, "t2"))
    assert [card["id"] for card in shown["tweets"]] == [2, 1, 3]
    in_force = shown["tweets"][0]["in_force"]
    assert (in_force["reviewer"], in_force["labels"]) == ("bob", ["anger", "fear"])


def test_a_decided_linked_tweet_is_not_shown_again(filled: Store) -> None:
    first = replace(review_card.linked(filled, "t2"), is_done=True)
    review_card.save_events(filled, "bob", [decide("e1", 2, "anger")])
    shown = data(filled, first=first)
    assert [card["id"] for card in shown["tweets"]] == [1, 3]
    assert shown["view"] == data(filled, first=replace(first, is_done=False))["view"]


def test_a_link_to_a_missing_tweet_gives_a_clear_message(filled: Store) -> None:
    with pytest.raises(NotFoundError, match="there is no tweet 't9'"):
        review_card.linked(filled, "t9")


def test_the_reason_names_a_twin_that_disagrees(store: Store) -> None:
    tweets = [Tweet("a", "so proud of you", frozenset({"joy"})), Tweet("b", "so proud of you #proud", frozenset())]
    with store.writing() as session:
        add_tweets(session, tweets)
        add_suggestions(session, "qwen", "json-1-yes-no", [(1, [0.1] * 11), (2, [0.1] * 4 + [0.9] + [0.1] * 6)])
        set_rank_inputs(session, [RankInputs(2, 0.9, "joy")])
    reasons = {card["id"]: card["reason"] for card in data(store)["tweets"]}
    assert reasons[2].endswith("its twin has joy, the original does not have joy")
    assert reasons[1] == ""
