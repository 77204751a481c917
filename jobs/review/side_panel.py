"""
Secondary information shown next to the tweet on the card: rare label pairs, rationale, flag and history.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from db import flags, rationales
from db.jobs import list_jobs
from db.store import Store
from db.values import Past
from emoclf.labels import EMOTIONS
from emoclf.review.cooccurrence import Rule, in_words
from jobs import runner
from jobs.llm import explain


def beside(store: Store, tweets: Sequence[Mapping[str, Any]], rules: Sequence[Rule]) -> dict[str, Any]:
    """The side panel data of the card.

    Parameters
    ----------
    tweets : cards from `jobs.review.cards.card`

    Returns
    -------
    dict : `beside`, by tweet id: `note` (a sentence, or empty), `rationale` ({"text", "by"}, or None),
        `flag` ({"by", "comment"}, or None) and `past` (oldest first: {"at", "by", "what", "undone"});
        `explaining`, the newest request of a rationale, or None: {"job", "tweet", "text", "is_over", "why"}
    """
    with store.reading() as session:
        ids = [tweet["id"] for tweet in tweets]
        kept = rationales.latest_rationales(session, ids)
        flagged, pasts = flags.flags(session, ids), flags.pasts(session, ids)
    return {
        "beside": {
            str(tweet["id"]): {
                "note": in_words(tweet["original"], rules),
                "rationale": {"text": kept[tweet["id"]].text, "by": kept[tweet["id"]].engine}
                if tweet["id"] in kept
                else None,
                "flag": {"by": flagged[tweet["id"]].reviewer, "comment": flagged[tweet["id"]].comment}
                if tweet["id"] in flagged
                else None,
                "past": [_line(past) for past in pasts.get(tweet["id"], [])],
            }
            for tweet in tweets
        },
        "explaining": explaining(store),
    }


def _line(past: Past) -> dict[str, Any]:
    if past.labels is not None:
        what = ", ".join(EMOTIONS.ordered(past.labels)) or "no emotion"
    else:
        what = "flag removed" if past.comment is None else f"flagged: {past.comment}".removesuffix(": ")
    return {"at": past.at.isoformat(), "by": past.by, "what": what, "undone": past.undone}


def ask_rationale(store: Store, tweet_id: int) -> None:
    """Request a tweet's rationale, unless it is already being written.

    Raises
    ------
    SettingError : if another tweet's rationale is being written
    """
    under_way = explaining(store)
    if under_way is None or under_way["is_over"] or under_way["tweet"] != tweet_id:
        explain.ask(store, tweet_id)


def explaining(store: Store) -> dict[str, Any] | None:
    """The progress of the newest request for a rationale."""
    runner.find_lost(store)
    with store.reading() as session:
        asked = [job for job in list_jobs(session) if job.kind == "explain" and job.settings.get("tweets")]
    if not asked:
        return None
    job = asked[0]
    [tweet_id] = job.settings["tweets"]
    why = job.message if job.state != "done" else (job.result or {}).get("why", "")
    text = (job.detail or {}).get("text", "")
    return {
        "job": job.id,
        "tweet": tweet_id,
        "text": text,
        "is_over": job.is_over,
        "why": why if job.is_over else "",
    }
