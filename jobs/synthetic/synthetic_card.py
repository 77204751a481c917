"""
The server side of the card for synthetic tweets: builds its data, stores its verdicts, and derives prompt rules.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace
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
from jobs.review.card_data import PREFETCHED, UNDOABLE
from jobs.review.card_messages import Undo
from jobs.review.cards import LETTERS
from jobs.review.events import NOTHING, CardKind, RefusedEventError, Saved
from jobs.synthetic.card_messages import (
    SYNTHETIC_EVENTS,
    ModelProbabilities,
    SyntheticCardData,
    SyntheticTweet,
    UndoableVerdict,
    VerdictEvent,
)

OFTEN = 2  # rejections with the same reason before it is offered as a rule


class RefusedEditError(RefusedEventError):
    """The reviewer's text of a synthetic tweet cannot be used; the card shows it in the editor again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, edit_again=True)


def synthetic_card_data(
    store: Store, reviewer: str, emotion: str | None = None, skipped: Sequence[int] = (), saved: Saved = NOTHING
) -> SyntheticCardData:
    """The data of the card: the next tweets of an emotion (None: of all), and the verdicts that can be undone."""
    with store.reading() as session:
        waiting = synthetic.found_in(session, WAITING, emotion, PREFETCHED, skipped)
        past = verdicts.history(session, reviewer, UNDOABLE)
        undoable = {one.tweet_id: one for one in synthetic.items(session, [verdict.tweet_id for verdict in past])}
        states = synthetic.states(session)
    counted = [counts for target, counts in states.items() if emotion in (None, target)]
    checked = sum(counts[ACCEPTED] + counts[REJECTED] for counts in counted)
    return SyntheticCardData(
        view=view_of(reviewer, emotion),
        skipped=list(skipped),
        store=outbox_name(store),
        reviewer=reviewer,
        title=f"synthetic · {emotion or 'all emotions'}",
        emotions=LETTERS,
        reasons=list(REASONS),
        tweets=[synthetic_tweet(one) for one in waiting],
        history=[_undoable(verdict, undoable[verdict.tweet_id]) for verdict in past],
        decided=checked,
        total=checked + sum(counts[WAITING] for counts in counted),
        **saved.answer,
    )


def view_of(reviewer: str, emotion: str | None) -> str:
    """The view of the card: a change of reviewer or emotion resets it."""
    return f"synthetic/{reviewer}/{emotion}"


def synthetic_tweet(one: Synthetic) -> SyntheticTweet:
    """One synthetic tweet as card data; the requested labels take the place of the original."""
    return SyntheticTweet(
        id=one.tweet_id,
        text=one.text,
        edited=None,
        emotion=one.emotion,
        context=one.context,
        original=EMOTIONS.ordered(one.labels),
        reason=f"dropped, then restored: {one.reason}" if one.dropped else "",
        passed=one.passed,
        nearest=one.nearest,
        similarity=one.closeness,
        predictions={
            result.gate: ModelProbabilities(
                by=result.details.get("reader", result.gate),
                probabilities=[round(float(p), 4) for p in result.details["probabilities"]],
            )
            for result in one.gates
            if "probabilities" in result.details
        },
    )


def _undoable(verdict: Verdict, one: Synthetic) -> UndoableVerdict:
    labels = EMOTIONS.ordered(one.labels if verdict.labels is None else verdict.labels)
    shown = replace(synthetic_tweet(one), edited=verdict.text)
    return UndoableVerdict(event_id=verdict.event_id, labels=labels, card=shown)


def outbox_name(store: Store) -> str:
    """The name under which the browser keeps this card's unsent events, separate from the review's."""
    return f"{store.name}/synthetic"


def _add(session: Session, event: VerdictEvent | Undo, reviewer: str) -> None:
    """Store an event of the card."""
    if isinstance(event, Undo):
        verdicts.undo_verdict(session, event.event_id, event.undoes, reviewer)
        return
    is_accepted = event.verdict == "accept"
    labels = EMOTIONS.check(event.labels) if is_accepted else None
    text = (event.text or "").strip() or None if is_accepted else None
    refuse_checked_by_other(session, event.event_id, event.tweet_id, reviewer)
    if text:
        refuse_bad_edit(text, held_out_groups(session))
    new = verdicts.NewVerdict(
        event_id=event.event_id,
        tweet_id=event.tweet_id,
        reviewer=reviewer,
        kind=event.verdict,
        labels=labels,
        text=text,
        reason=None if is_accepted else event.reason,
        seconds=event.seconds,
    )
    verdicts.add_verdict(session, new)


SYNTHETIC_CARD = CardKind("verdict", SYNTHETIC_EVENTS, outbox_name, _add)


def refuse_checked_by_other(session: Session, event_id: str, tweet_id: int, reviewer: str) -> None:
    """Refuse a verdict that would silently replace another reviewer's; SettingError names that reviewer."""
    found = synthetic.items(session, [tweet_id])
    standing = found[0].verdict if found else None
    if standing is None or standing.kind == "restore" or verdicts.is_known(session, event_id):
        return
    if standing.reviewer != reviewer:
        raise SettingError(
            f"{standing.reviewer} has checked this tweet meanwhile ({standing.kind}); that verdict stays."
        )


def refuse_bad_edit(text: str, held_out: set[str]) -> None:
    """Refuse an invalid edit of a tweet; RefusedEditError tells the reason."""
    for gate in TEXT_GATES.values():
        if why := gate(text):
            raise RefusedEditError(f"the edited tweet cannot be used: {why}. The verdict was not saved.")
    if twin_key(text) in held_out:
        raise RefusedEditError("the edited tweet repeats a dev or test tweet. The verdict was not saved.")


def restore(store: Store, tweet_id: int, reviewer: str, event_id: str) -> None:
    """Move a dropped tweet to the queue of tweets to check."""
    with store.writing() as session:
        verdicts.add_verdict(session, verdicts.NewVerdict(event_id, tweet_id, reviewer, "restore"))


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
