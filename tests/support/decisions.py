"""Creates events of the review card, and reads its data, the approved labels of a tweet and the decision log."""

from typing import Any

from db.decisions import decision_log
from db.store import Store
from db.tweets import labelled_tweets
from emoclf.review.filters import Filter
from jobs.doubts.ranking import Calibrations
from jobs.review.card_data import ListRequest, review_card_data
from jobs.review.card_messages import to_browser
from jobs.review.review_card import save_events

PLAIN = Calibrations({}, {})


def decide(event_id: str, tweet_id: int, *labels: str, **more: Any) -> dict[str, Any]:
    """A decision event."""
    shown = {"original": ["joy"], "suggestion": None, "prediction": None}
    return {
        "event_id": event_id,
        "kind": "decide",
        "tweet_id": tweet_id,
        "labels": list(labels),
        "shown": shown,
        **more,
    }


def undo(event_id: str, undoes: str) -> dict[str, Any]:
    """An undo event."""
    return {"event_id": event_id, "kind": "undo", "tweet_id": 1, "labels": None, "undoes": undoes, "shown": None}


def flag(event_id: str, tweet_id: int, comment: str | None) -> dict[str, Any]:
    """An event that flags a tweet, or removes its flag if there is no comment."""
    return {"event_id": event_id, "kind": "flag", "tweet_id": tweet_id, "comment": comment}


def two_differ(store: Store) -> None:
    """Let Ana and Ben decide the tweets 1 and 2: both give joy to the first, and they differ on the second."""
    save_events(store, "ana", [decide("a1", 1, "joy"), decide("a2", 2, "anger", seconds=2.0)])
    save_events(store, "ben", [decide("b1", 1, "joy"), decide("b2", 2, "fear", seconds=4.0)])


def approved(store: Store, tweet_id: int) -> frozenset[str]:
    """The labels of a train tweet that training uses."""
    with store.reading() as session:
        return next(one.labels for one in labelled_tweets(session, ["train"]) if one.tweet_id == tweet_id)


def card_data(
    store: Store, reviewer: str, wanted: Filter, order: str, total: int, calibrations: Calibrations = PLAIN, **more: Any
) -> dict[str, Any]:
    """The data of the review card as the browser gets it; `more` are fields of `ListRequest`."""
    request = ListRequest(reviewer, wanted, order, total, **more)
    data: dict[str, Any] = to_browser(review_card_data(store, calibrations, request))
    return data


def log(store: Store) -> list[dict[str, str]]:
    """All decisions of the store, as exported."""
    with store.reading() as session:
        return list(decision_log(session))
