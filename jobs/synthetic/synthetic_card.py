"""
The server side of the card for synthetic tweets: builds its data, stores its verdicts, and derives prompt rules.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from db import synthetic, verdicts
from db.store import Store
from db.synthetic import ACCEPTED, DROPPED, REJECTED, WAITING, Synthetic, Verdict
from db.tweets import held_out_groups
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.synthetic.gates import TEXT_GATES
from emoclf.synthetic.prompting import REASONS
from emoclf.text.twins import twin_key
from jobs.review.cards import LETTERS
from jobs.review.events import NOTHING, PATIENCE, Event, Saved, readable, save_each, seconds_of
from jobs.review.review_card import PREFETCHED, UNDOABLE

OFTEN = 2  # rejections with the same reason before it is offered as a rule


def card_data(
    store: Store, reviewer: str, emotion: str | None = None, skipped: Sequence[int] = (), saved: Saved = NOTHING
) -> dict[str, Any]:
    """The data of the card, in the form of `jobs.review.review_card.card_data`."""
    with store.reading() as session:
        waiting = synthetic.found_in(session, WAITING, emotion, PREFETCHED, skipped)
        past = verdicts.history(session, reviewer, UNDOABLE)
        undoable = {one.tweet_id: one for one in synthetic.items(session, [verdict.tweet_id for verdict in past])}
        states = synthetic.states(session)
    counted = [counts for target, counts in states.items() if emotion in (None, target)]
    checked = sum(counts[ACCEPTED] + counts[REJECTED] for counts in counted)
    return {
        "view": f"synthetic/{reviewer}/{emotion}",
        "store": outbox_name(store),
        "reviewer": reviewer,
        "title": f"synthetic · {emotion or 'all emotions'}",
        "emotions": LETTERS,
        "reasons": list(REASONS),
        "tweets": [card(one) for one in waiting],
        **vars(saved),
        "history": [_past(verdict, undoable[verdict.tweet_id]) for verdict in past],
        "decided": checked,
        "total": checked + sum(counts[WAITING] for counts in counted),
    }


def card(one: Synthetic) -> dict[str, Any]:
    """One synthetic tweet as card data; the requested labels take the place of the original."""
    return {
        "id": one.tweet_id,
        "text": one.text,
        "edited": None,
        "emotion": one.emotion,
        "context": one.context,
        "original": EMOTIONS.ordered(one.labels),
        "suggestion": None,
        "prediction": None,
        "reason": f"dropped, then restored: {one.reason}" if one.dropped else "",
        "passed": one.passed,
        "nearest": one.nearest,
        "closeness": one.closeness,
        "said": {
            result.gate: {
                "by": result.details.get("reader", result.gate),
                "probabilities": [round(float(p), 4) for p in result.details["probabilities"]],
            }
            for result in one.gates
            if "probabilities" in result.details
        },
    }


def _past(verdict: Verdict, one: Synthetic) -> dict[str, Any]:
    labels = EMOTIONS.ordered(one.labels if verdict.labels is None else verdict.labels)
    return {"event_id": verdict.event_id, "labels": labels, "card": card(one) | {"edited": verdict.text}}


def save_events(store: Store, reviewer: str, events: Sequence[Event]) -> Saved:
    """Store the events of the card, as `jobs.review.review_card.save_events` does."""

    def save(event: Event) -> None:
        with readable("verdict"):
            write = _read(event, str(event.get("reviewer") or reviewer))
        with store.writing(patience=PATIENCE) as session:
            write(session)

    return save_each(outbox_name(store), events, save)


def outbox_name(store: Store) -> str:
    """The name under which the browser keeps this card's unsent events, separate from the review's."""
    return f"{store.name}/synthetic"


def _read(event: Event, reviewer: str) -> Callable[[Session], object]:
    """Check an event and return the function that stores it."""
    if not event.get("event_id"):
        raise ValueError("it has no event_id")
    event_id = str(event["event_id"])
    if event["kind"] == "undo":
        undoes = str(event["undoes"])
        return lambda session: verdicts.undo_verdict(session, event_id, undoes, reviewer)
    tweet_id, kind, seconds = int(event["tweet_id"]), event["verdict"], seconds_of(event)
    is_accepted = kind == "accept"
    labels = EMOTIONS.check(event["labels"]) if is_accepted else None
    text = (str(event.get("text") or "").strip() or None) if is_accepted else None
    reason = str(event["reason"]) if kind == "reject" else None

    def write(session: Session) -> None:
        check_turn(session, event_id, tweet_id, reviewer)
        if text:
            check_edit(text, held_out_groups(session))
        verdicts.add_verdict(session, event_id, tweet_id, reviewer, kind, labels, text, reason, seconds)

    return write


def check_turn(session: Session, event_id: str, tweet_id: int, reviewer: str) -> None:
    """Refuse a verdict that would silently replace another reviewer's; SettingError names that reviewer."""
    found = synthetic.items(session, [tweet_id])
    standing = found[0].verdict if found else None
    if standing is None or standing.kind == "restore" or verdicts.is_known(session, event_id):
        return
    if standing.reviewer != reviewer:
        raise SettingError(
            f"{standing.reviewer} has checked this tweet meanwhile ({standing.kind}); that verdict stays."
        )


def check_edit(text: str, held_out: set[str]) -> None:
    """Refuse an invalid edit of a tweet; SettingError tells the reason."""
    for gate in TEXT_GATES.values():
        if why := gate(text):
            raise SettingError(f"the edited tweet cannot be used: {why}. The verdict was not saved.")
    if twin_key(text) in held_out:
        raise SettingError("the edited tweet repeats a dev or test tweet. The verdict was not saved.")


def take_back(store: Store, tweet_id: int, reviewer: str, event_id: str) -> None:
    """Move a dropped tweet to the queue of tweets to check."""
    with store.writing() as session:
        verdicts.add_verdict(session, event_id, tweet_id, reviewer, "restore")


def offered_rules(store: Store, emotion: str | None = None) -> dict[str, int]:
    """Prompt rules suggested by the most frequent reasons for rejection, with their counts."""
    with store.reading() as session:
        given = synthetic.reasons(session, emotion)
    return {REASONS[reason]: n for reason, n in given if reason in REASONS and n >= OFTEN}


def acceptance(states: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Per group the tweets generated, dropped and waiting, and the share of checked ones that was accepted."""
    rows = []
    for name, counts in states.items():
        checked = counts[ACCEPTED] + counts[REJECTED]
        rows.append(
            {
                "": name,
                "written": sum(counts.values()),
                "passed the gates": sum(counts.values()) - counts[DROPPED],
                "waiting": counts[WAITING],
                "accepted": counts[ACCEPTED],
                "rejected": counts[REJECTED],
                "accepted of checked": f"{100 * counts[ACCEPTED] / checked:.0f} %" if checked else "–",
            }
        )
    return rows
