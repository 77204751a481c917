"""Messages of the review card: decisions, undos and flags, and the log they end up in."""

from typing import Any

from db.decisions import decision_log
from db.store import Store
from jobs.doubts.ranking import Calibrations

PLAIN = Calibrations({}, {})


def decide(event_id: str, tweet_id: int, *labels: str, **more: Any) -> dict[str, Any]:
    """The message of a decision."""
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
    """The message that takes back an earlier one."""
    return {"event_id": event_id, "kind": "undo", "tweet_id": 1, "labels": None, "undoes": undoes, "shown": None}


def flag(event_id: str, tweet_id: int, comment: str | None) -> dict[str, Any]:
    """The message that flags a tweet, or ends its flag where there is no comment."""
    return {"event_id": event_id, "kind": "flag", "tweet_id": tweet_id, "comment": comment}


def log(store: Store) -> list[dict[str, str]]:
    """Every decision of the store, as it is exported."""
    with store.reading() as session:
        return list(decision_log(session))
