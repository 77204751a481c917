"""Creates events of the review card (decisions, undos, flags), and reads its data and the decision log."""

from typing import Any

from db.decisions import decision_log
from db.store import Store
from emoclf.review.filters import Filter
from jobs.doubts.ranking import Calibrations
from jobs.review.card_data import ListRequest, review_card_data
from jobs.review.card_messages import to_browser

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
