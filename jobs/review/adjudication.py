"""
Adjudication: the tweets on which reviewers differ, and the decision of a reviewer that settles one of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db import guidelines, inspections, overlap
from db.decisions import NewDecision, add_decision, decision_id
from db.queue_items import queue_items
from db.store import Store
from db.values import Decided, QueueItem
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from jobs.review.cards import original_of
from jobs.review.review_card import right_sources

ANY = -1  # in place of an id: whichever decision is in force


@dataclass(frozen=True)
class Differing:
    """A tweet on which reviewers differ, with the labels of each."""

    item: QueueItem
    labels: Mapping[str, frozenset[str]]  # by reviewer

    @property
    def by_emotion(self) -> dict[str, list[str]]:
        """The reviewers who gave each emotion, without emotions nobody gave."""
        named = {
            emotion: [who for who, labels in self.labels.items() if emotion in labels] for emotion in EMOTIONS.names
        }
        return {emotion: who for emotion, who in named.items() if who}

    @property
    def majority(self) -> list[str]:
        """The emotions given by more than half of the reviewers."""
        return [emotion for emotion, who in self.by_emotion.items() if 2 * len(who) > len(self.labels)]


def differing(store: Store, limit: int = 50) -> tuple[int, list[Differing]]:
    """Count the tweets with disagreement and no adjudication, and return the first of them."""
    with store.reading() as session:
        settled = overlap.settled(session)
        found = {i: labels for i, labels in overlap.shared(session).items() if i not in settled}
        open_ones = [i for i, labels in sorted(found.items()) if len(set(labels.values())) > 1]
        items = queue_items(session, open_ones[:limit])
    return len(open_ones), [Differing(item, found[item.tweet_id]) for item in items]


class DecidedMeanwhileError(SettingError):
    """The decision in force is not the one that the adjudicator saw."""

    def __init__(self, theirs: Decided | None) -> None:
        what = "The decision in force was undone meanwhile."
        if theirs:
            labels = ", ".join(EMOTIONS.ordered(theirs.labels)) or "no emotion"
            done = "settled this tweet" if theirs.adjudicates else "decided this tweet"
            what = f"{theirs.by} {done} meanwhile: {labels}."
        super().__init__(f"{what} Your choice was not stored.")
        self.theirs = theirs


def adjudicate(
    store: Store, differing: Differing, labels: Sequence[str], reviewer: str, event_id: str, seen: int | None = ANY
) -> None:
    """Adjudicate a tweet: these labels stay in force whatever its reviewers decide later.

    Parameters
    ----------
    seen : the id of the decision in force that the reviewer saw, None if there was none; ANY skips the check

    Raises
    ------
    LabelError : if there is no such label
    DecidedMeanwhileError : if another decision is in force; nothing is written
    """
    chosen = EMOTIONS.check(labels)
    shown = {
        "original": original_of(differing.item),
        "reviewers": {name: EMOTIONS.ordered(given) for name, given in differing.labels.items()},
    }
    with store.writing() as session:
        tweet_id = differing.item.tweet_id
        if seen != ANY and decision_id(session, event_id) is None:
            theirs = inspections.decision(session, tweet_id)
            if (theirs.id if theirs else None) != seen:
                raise DecidedMeanwhileError(theirs)
        new = NewDecision(
            event_id=event_id,
            tweet_id=tweet_id,
            reviewer=reviewer,
            labels=chosen,
            right_sources=right_sources(chosen, shown),
            shown=shown,
            adjudicates=True,
            guidelines=guidelines.version(session),
        )
        add_decision(session, new)
