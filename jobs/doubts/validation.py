"""
Finds original labels that are likely wrong: contradicted by an LLM, or combinations that rarely occur together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db import summaries
from db.queue import next_items
from db.queue_items import queue_items
from db.store import Store
from db.tweets import tweets_with
from db.values import QueueItem
from emoclf.labels import EMOTIONS
from emoclf.review.cooccurrence import Rule, learn_rules
from emoclf.review.filters import Filter
from emoclf.review.validation import OriginalCheck, check_originals
from jobs.doubts.ranking import Calibrations


@dataclass(frozen=True)
class Finding:
    """A tweet whose original labels should be checked, with the reason."""

    item: QueueItem
    words: str


def cooccurrence_rules(store: Store) -> list[Rule]:
    """The pairs of emotions that rarely occur together in the original train labels; twins count as one tweet."""
    with store.reading() as session:
        choices = summaries.choices(session, "train")
    labels = EMOTIONS.encode([labels for labels, _ in choices]).astype(int)
    return learn_rules(labels, weights=np.array([n for _, n in choices]))


def contradicting(store: Store, rules: Sequence[Rule], split: str, limit: int) -> list[Finding]:
    """Undecided tweets whose labels violate a rule, rarest pair first; each tweet once."""
    found: dict[int, Rule] = {}
    with store.reading() as session:
        for rule in rules:
            pair = frozenset({rule.first, rule.second})
            for tweet_id in tweets_with(session, split, pair, limit - len(found)):
                found.setdefault(tweet_id, rule)
            if len(found) >= limit:
                break
        items = queue_items(session, list(found))
    return [Finding(item, found[item.tweet_id].words) for item in items]


def doubted(store: Store, calibrations: Calibrations, split: str, limit: int) -> list[Finding]:
    """The tweets with an original label that the LLM contradicts, among the `limit` most doubtful undecided ones."""
    with store.reading() as session:
        items = next_items(session, Filter(split), limit=limit)
    broken = [(item, [v for v in checks_on(item, calibrations) if not v.holds]) for item in items]
    return [Finding(item, _worst_first(unsound)) for item, unsound in broken if unsound]


def checks_on(item: QueueItem, calibrations: Calibrations) -> list[OriginalCheck]:
    """A check of each original label of a tweet; empty without a suggestion, or without original labels."""
    if item.suggestion is None or item.original is None:
        return []
    return check_originals(item.original, calibrations.of(item.suggestion)[0])


def _worst_first(unsound: Sequence[OriginalCheck]) -> str:
    return ", ".join(verdict.words for verdict in sorted(unsound, key=lambda v: v.probability))
