"""
Traces each training label that differs between two runs to the reviewer, batch or import it came from.

Between two runs the train labels of an emotion differ because of decisions, undos or imported tweets.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.lineage import decisions_at
from db.runs import get_run, run_data
from db.store import Store
from db.values import Decided, Labelled, Run
from emoclf.labels import EMOTIONS
from jobs.training.data import TRAINING_ROLES

SOURCES = {
    "reviewer": "decided by {by}",
    "batch": "accepted in the batch {by}",
    "original": "the original label, with no decision in force",
    "import": "in tweets that were added to the data, with their original labels",
    "left out": "in tweets that are no longer in the data",
}


@dataclass(frozen=True)
class LabelChange:
    """One tweet whose label differs between the runs, and the origin of the later label."""

    tweet_id: int
    key: str
    text: str
    added: bool  # otherwise removed
    source: str  # a key of SOURCES
    by: str | None  # the reviewer or the batch, if any


@dataclass(frozen=True)
class Lineage:
    """All train labels of one emotion that differ between two runs, in tweet order."""

    after: Run
    before: Run
    emotion: str
    changes: tuple[LabelChange, ...]

    def counts(self) -> dict[tuple[str, str | None], tuple[int, int]]:
        """Count (added, removed) labels by (source, reviewer or batch), most changes first."""
        tally = Counter((change.source, change.by) for change in self.changes)
        added = Counter((change.source, change.by) for change in self.changes if change.added)
        return {who: (added[who], n - added[who]) for who, n in tally.most_common()}

    def in_words(self) -> list[str]:
        """A summary sentence, then a line per origin."""
        added = sum(change.added for change in self.changes)
        removed = len(self.changes) - added
        runs = f"Between run {self.before.id} and run {self.after.id}"
        if not self.changes:
            return [f"{runs} no train label of {self.emotion} changed."]
        lines = [f"{runs} {added:,} train labels of {self.emotion} were added and {removed:,} removed:"]
        for (source, by), (plus, minus) in self.counts().items():
            lines.append(f"{SOURCES[source].format(by=by)}: {plus:,} added, {minus:,} removed")
        return lines


def lineage(store: Store, run_id: int, before_id: int, emotion: str) -> Lineage:
    """Trace the train labels of `emotion` that differ between run `run_id` and run `before_id`.

    Raises
    ------
    NotFoundError : if there is no such run
    LabelError : if `emotion` is not in the label set
    """
    EMOTIONS.to_mask({emotion})
    with store.reading() as session:
        after, before = get_run(session, run_id), get_run(session, before_id)
        new, old = ({t.tweet_id: t for t in run_data(session, run.id, TRAINING_ROLES)} for run in (after, before))
        ids = [i for i in sorted(new.keys() | old.keys()) if _has(new.get(i), emotion) != _has(old.get(i), emotion)]
        by = deciders(session, after, [new[i] for i in ids if i in new])
    changes = []
    for i in ids:
        source, who = _source(by.get(i)) or ("left out" if i not in new else "original" if i in old else "import", None)
        tweet = new.get(i) or old[i]
        changes.append(LabelChange(i, tweet.key, tweet.text, _has(new.get(i), emotion), source, who))
    return Lineage(after, before, emotion, tuple(changes))


def _source(decided: Decided | None) -> tuple[str, str] | None:
    if decided is None:
        return None
    return ("reviewer", decided.reviewer) if decided.batch is None else ("batch", decided.batch)


def deciders(session: Session, run: Run, tweets: Sequence[Labelled]) -> dict[int, Decided | None]:
    """The decisions behind a run's labels of these tweets, by tweet id; None for imported labels.

    This is the newest decision in force when the run was recorded that agrees with the run's label: a decision made
    during the training may differ.
    """
    ids = [tweet.tweet_id for tweet in tweets]
    decisions = {} if run.labels == "original" else decisions_at(session, ids, run.created_at)
    return {
        tweet.tweet_id: next(
            (decided for decided in decisions.get(tweet.tweet_id, ()) if decided.labels == tweet.labels), None
        )
        for tweet in tweets
    }


def _has(tweet: Labelled | None, emotion: str) -> bool:
    return tweet is not None and emotion in tweet.labels
