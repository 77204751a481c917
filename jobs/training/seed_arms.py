"""
Compares two groups of runs that differ within each group only in their seed, to test the effect of labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from db.predictions import unseen_labels
from db.runs import get_run, list_runs, run_data
from db.store import Store
from db.tweets import scored_tweets
from db.values import Run
from emoclf.labels import EMOTIONS
from emoclf.metrics.run_warnings import early_stop, listed
from emoclf.metrics.scores import Change
from emoclf.metrics.seed_arms import MIN_SEEDS, compare_arms
from jobs.training.data import TRAINING_ROLES

CONCLUSIONS = {
    "better": "{what} of the later runs helped.",
    "worse": "{what} of the later runs made it worse.",
    "no evidence of change": "There is no evidence that {what_small} of the later runs helped.",
}


@dataclass(frozen=True)
class Arms:
    """Two groups of runs ("arms") on the same dev tweets."""

    before: list[Run]
    after: list[Run]
    tweets: int
    changes: dict[str, Change]  # of the means over seeds; per emotion and "macro"
    differing: list[str]  # settings in which the arms differ, other than the training data
    data_differ: bool  # whether the arms learned from different labels or tweets

    def in_words(self) -> list[str]:
        """The runs of each arm, the difference of the means, and the conclusion."""
        macro = self.changes["macro"]
        named = " and ".join(f"{_named(arm)}" for arm in (self.before, self.after))
        change, low, high = (f"{100 * x:+.1f}".replace("-", "−") for x in (macro.difference, macro.low, macro.high))
        moved = f"The mean macro-F1 changes by {change} points ({low} … {high}), over seeds and {self.tweets:,} tweets."
        return [f"Means over seeds are compared: {named}.", moved, self._conclusion(macro)]

    def _conclusion(self, macro: Change) -> str:
        if self.differing:
            return (
                f"The two groups of runs also differ in {listed(self.differing)}, so this is not due to labels alone."
            )
        if not self.data_differ:
            return (
                "Both groups of runs were trained on the same tweets with the same labels, so this says nothing "
                "about labels."
            )
        is_synthetic = any(run.settings.get("synthetic") for run in (*self.before, *self.after))
        what = "The training tweets" if is_synthetic else "The labels"
        return CONCLUSIONS[macro.verdict].format(what=what, what_small=what.lower())


def _named(arm: Sequence[Run]) -> str:
    return f"runs {listed([str(run.id) for run in arm])} (seeds {listed([str(run.seed) for run in arm])})"


def arms(store: Store, run_id: int, before_id: int, target: str = "original") -> Arms | None:
    """Compare the arms of two runs; None if either has fewer than two seeds, or they share no dev tweet.

    An arm is the finished runs with the same base, settings and data as its run, one per seed (the newest). Runs that
    were stopped early are excluded.

    Parameters
    ----------
    target : score against the "original" dev labels, or the "approved" ones
    """
    with store.reading() as session:
        runs = list_runs(session)
        both = [_arm(session, runs, get_run(session, one)) for one in (before_id, run_id)]
        if min(map(len, both)) < MIN_SEEDS or {run.id for run in both[0]} & {run.id for run in both[1]}:
            return None
        dev = scored_tweets(session, "dev", target)
        predicted = {run.id: unseen_labels(session, run.id) for arm in both for run in arm}
        originals = scored_tweets(session, "dev")
    known = set.intersection(*(set(one) for one in predicted.values()))
    dev = [tweet for tweet in dev if tweet.tweet_id in known]
    if not dev:
        return None
    targets = EMOTIONS.encode([tweet.labels for tweet in dev])
    original = EMOTIONS.encode([tweet.labels for tweet in originals if tweet.tweet_id in known])
    in_macro = np.logical_and(targets.any(axis=0), original.any(axis=0))
    first, second = ([EMOTIONS.encode([predicted[run.id][t.tweet_id] for t in dev]) for run in arm] for arm in both)
    names = [name for name, counts in zip(EMOTIONS.names, in_macro, strict=True) if counts]
    changes = compare_arms(targets, first, second, groups=[tweet.twin_group for tweet in dev], over=names)
    old, new = (_recipe(arm[0]) for arm in both)
    differing = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    data_differ = both[0][0].data_hash != both[1][0].data_hash
    return Arms(both[0], both[1], len(dev), changes, differing, data_differ)


def _arm(session: Session, runs: Sequence[Run], run: Run) -> list[Run]:
    """The runs that differ from this one only in their seed, sorted by seed; empty if it was stopped early."""
    if early_stop(run.settings, run.history):
        return []
    found: dict[int, Run] = {run.seed: run}
    for other in runs:  # newest first
        is_alike = (other.labels, _recipe(other), _extra(other)) == (run.labels, _recipe(run), _extra(run))
        is_new = other.seed not in found and not early_stop(other.settings, other.history)
        if is_alike and is_new and _same_data(session, other, run):
            found[other.seed] = other
    return [found[seed] for seed in sorted(found)]


def _recipe(run: Run) -> Mapping[str, Any]:
    """The base and all settings that affect a training, except the seed and the data."""
    settings = {name: value for name, value in run.settings.items() if name not in ("seed", "threads", "synthetic")}
    return settings | {"base": run.base}


def _extra(run: Run) -> tuple[Any, ...]:
    extra = run.settings.get("synthetic") or {}
    return extra.get("use"), extra.get("tweets"), extra.get("repeated")


def _same_data(session: Session, one: Run, other: Run) -> bool:
    """Whether two runs saw the same tweets with the same labels; the repeated tweets may differ with the seed."""
    if one.data_hash == other.data_hash:
        return True
    if not (one.settings.get("synthetic") or {}).get("repeated"):
        return False
    roles = (*TRAINING_ROLES, "synthetic", "dev")
    seen = [[(t.tweet_id, t.labels) for t in run_data(session, run.id, roles)] for run in (one, other)]
    return seen[0] == seen[1]
