"""
Secondary information shown next to the tweet on the card: rare label pairs, rationale, flag and history.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from db import flags, rationales
from db.jobs import list_jobs
from db.queue_items import queue_items
from db.store import Store
from db.values import Job, Past
from emoclf.labels import EMOTIONS
from emoclf.review.cooccurrence import Rule, in_words
from jobs import runner
from jobs.llm import explain
from jobs.review.cards import original_of
from jobs.review.review_messages import Annotations, Explaining, Flag, HistoryLine, Rationale, ReviewCardData, SidePanel


def side_panel(store: Store, data: ReviewCardData, touched: Collection[int], rules: Sequence[Rule]) -> SidePanel:
    """The content of the side panel, for all tweets of a card.

    Parameters
    ----------
    touched : tweets of the last events: one may still be on the card, although `data` no longer contains it
    """
    shown = [*data.tweets, *(past.card for past in data.history)]
    original: dict[int, Sequence[str] | None] = {tweet.id: tweet.original for tweet in shown}
    with store.reading() as session:
        if missing := [i for i in touched if i not in original]:
            found = queue_items(session, missing)
            original |= {item.tweet_id: original_of(item) for item in found}
        annotated = annotations(session, original, rules)
    return SidePanel(annotations=annotated, explaining=explaining(store))


def annotations(
    session: Session, original: Mapping[int, Sequence[str] | None], rules: Sequence[Rule]
) -> dict[int, Annotations]:
    """The annotations of tweets by id, from their original labels, or None if they came without labels."""
    ids = list(original)
    written = rationales.latest_rationales(session, ids)
    flagged, pasts = flags.flags(session, ids), flags.pasts(session, ids)
    return {
        i: Annotations(
            note=in_words(labels or (), rules),
            rationale=Rationale(text=written[i].text, by=written[i].engine) if i in written else None,
            flag=Flag(by=flagged[i].reviewer, comment=flagged[i].comment) if i in flagged else None,
            history=[_line(past) for past in pasts.get(i, [])],
        )
        for i, labels in original.items()
    }


def _line(past: Past) -> HistoryLine:
    if past.labels is not None:
        what = ", ".join(EMOTIONS.ordered(past.labels)) or "no emotion"
    else:
        what = "flag removed" if past.comment is None else f"flagged: {past.comment}".removesuffix(": ")
    return HistoryLine(at=past.at.isoformat(), by=past.by, what=what, undone=past.undone)


def ask_rationale(store: Store, tweet_id: int) -> None:
    """Request a tweet's rationale, unless it is already being written.

    Raises
    ------
    SettingError : if another tweet's rationale is being written
    """
    under_way = explaining(store)
    if under_way is None or under_way.is_over or under_way.tweet != tweet_id:
        explain.ask(store, tweet_id)


def explaining(store: Store) -> Explaining | None:
    """The progress of the newest request for a rationale."""
    job = _newest_request(store)
    if job is not None and not job.is_over:  # its process may have died
        runner.find_lost(store)
        job = _newest_request(store)
    if job is None:
        return None
    [tweet_id] = job.settings["tweets"]
    why = job.message if job.state != "done" else (job.result or {}).get("why", "")
    text = (job.detail or {}).get("text", "")
    return Explaining(job=job.id, tweet=tweet_id, text=text, is_over=job.is_over, why=why if job.is_over else "")


def _newest_request(store: Store) -> Job | None:
    with store.reading() as session:
        return next((job for job in list_jobs(session, kind="explain") if job.settings.get("tweets")), None)
