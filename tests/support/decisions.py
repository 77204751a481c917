"""Creates events of the review card (decisions, undos, flags), and reads the decision log."""

from typing import Any

from db.decisions import decision_log
from db.store import Store
from jobs.doubts.ranking import Calibrations

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


def log(store: Store) -> list[dict[str, str]]:
    """All decisions of the store, as exported."""
    with store.reading() as session:
        return list(decision_log(session))
