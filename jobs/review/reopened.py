"""
Builds the cards of tweets that are already decided: the answer starts from the decision in force.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy.orm import Session

from db import shares
from db.decisions import DecisionsInForce, after_undo
from db.values import Decided, QueueItem
from emoclf.labels import EMOTIONS
from emoclf.review.seeded_draws import draw
from jobs.review.review_messages import DecisionInForce, Guidelines, ReviewTweet


def opened_again(shown: ReviewTweet, decided: Decided | None, guide: Guidelines) -> ReviewTweet:
    """The card of a decided tweet, which shows the decision in force and starts from it.

    Parameters
    ----------
    shown : the card from `jobs.review.cards.card`
    decided : the decision in force; None: return the card of an undecided tweet
    """
    if decided is None:
        return replace(shown, decision=None, in_force=None)
    in_force = DecisionInForce(
        reviewer=decided.reviewer,
        batch=decided.batch,
        labels=EMOTIONS.ordered(decided.labels),
        at=decided.created_at.isoformat(),
        guidelines=decided.guidelines,
        changed=_changed_since(decided.guidelines, guide),
        settles=decided.adjudicates,
    )
    return replace(shown, decision=decided.id, reason="", in_force=in_force)


def undone_cards(
    session: Session,
    in_force: DecisionsInForce,
    history: Sequence[Decided],
    items: Mapping[int, QueueItem],
    cards: Mapping[int, ReviewTweet],
    guide: Guidelines,
) -> list[ReviewTweet]:
    """For each decision in a reviewer's history, newest first, the card of its tweet after an undo.

    If the tweet then waits for a second reviewer, the card hides the first decision.
    """
    share, found = shares.overlap_share(session), []
    for one, left in zip(history, after_undo(in_force, history), strict=True):
        shown = cards[one.tweet_id]
        if _waits_for(one.reviewer, left) and draw(items[one.tweet_id].key, shares.OVERLAP_SHARE) < share:
            found.append(replace(shown, decision=left[0].id, second=True))
        else:
            found.append(opened_again(shown, left[0] if left else None, guide))
    return found


def _waits_for(reviewer: str, left: Sequence[Decided]) -> bool:
    """Whether exactly one other reviewer has decided a tweet, without an adjudication."""
    judges = {one.reviewer for one in left if one.batch is None}
    return len(judges) == 1 and reviewer not in judges and not left[0].adjudicates


def _changed_since(version: int | None, guide: Guidelines) -> list[str]:
    """The emotions whose guideline is newer than a version; empty if the version is unknown."""
    if version is None:
        return []
    return [emotion for emotion, text in guide.of.items() if text.version > version]
