"""
Comparing: two runs scored on the same dev tweets, per emotion, and a run scored on a file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import queries, records
from db.store import Store
from db.values import Run
from emoclf.datafiles import read_tweets
from emoclf.errors import TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.metrics import Change, Scores, compare, score
from emoclf.progress import Work
from emoclf.twins import twin_key
from jobs.data import summary
from jobs.places import run_folder


@dataclass(frozen=True)
class Comparison:
    """A run's scores, and how they differ from an earlier run's on the same tweets."""

    after: Run
    before: Run | None  # None: there is no earlier run that spoke on these tweets
    target: str  # the dev labels scored against: original or approved
    scores: Scores
    changes: dict[str, Change]  # per emotion and "macro"; empty without an earlier run
    reviewed: int  # of the dev tweets compared, how many have a decision in force


Said = dict[int, frozenset[str]]  # tweet id -> predicted labels


def comparison(store: Store, run_id: int, before_id: int | None = None, target: str = "original") -> Comparison:
    """Score a run on the dev tweets it shares with an earlier one (the one before it where none is named).

    Tweets that either run trained on, or a twin of, are left out.

    Parameters
    ----------
    target : score against the "original" dev labels, or the "approved" ones, where dev was reviewed

    Raises
    ------
    TooLittleDataError : if there is no dev tweet that both can be scored on
    """
    with store.reading() as session:
        after = records.run(session, run_id)
        dev = queries.labelled(session, ["dev"], target)
        reviewed = {tweet.tweet_id for tweet in queries.labelled(session, ["dev"], "reviewed")}
        said_after = records.unseen_labels(session, run_id)
        ids = {tweet.tweet_id for tweet in dev} & set(said_after)
        before, said_before = _earlier(session, run_id, before_id, ids)
    shared = [tweet for tweet in dev if tweet.tweet_id in ids and (before is None or tweet.tweet_id in said_before)]
    if not shared:
        raise TooLittleDataError(_nothing_shared(run_id, before))
    targets = EMOTIONS.encode([tweet.labels for tweet in shared])
    new = EMOTIONS.encode([said_after[tweet.tweet_id] for tweet in shared])
    old = EMOTIONS.encode([said_before[tweet.tweet_id] for tweet in shared]) if before else None
    return Comparison(
        after=after,
        before=before,
        target=target,
        scores=score(targets, new),
        changes={} if old is None else compare(targets, old, new),
        reviewed=sum(tweet.tweet_id in reviewed for tweet in shared),
    )


def _earlier(session: Session, run_id: int, before_id: int | None, ids: set[int]) -> tuple[Run | None, Said]:
    """The run to compare with and what it said: the one named, else the newest before that spoke on these tweets."""
    if before_id is not None:
        return records.run(session, before_id), records.unseen_labels(session, before_id)
    for run in records.runs(session):
        if run.id < run_id and ids & set(said := records.unseen_labels(session, run.id)):
            return run, said
    return None, {}


def _nothing_shared(run_id: int, before: Run | None) -> str:
    if before:
        return f"runs {before.id} and {run_id} have no dev tweet in common that neither trained on; train again"
    return f"run {run_id} has been scored on no dev tweet; import a dev file and train again"


def evaluate(store: Store, run_id: int | None, path: Path) -> Work[dict[str, Any]]:
    """Score a run (the newest where none is named) on the tweets of a file, with its own thresholds; nothing is stored.

    The answer also tells how many rows were `rejected`, and how many tweets the run trained on, or on a twin of.

    Raises
    ------
    DataFileError : if the file has no readable tweets
    """
    from emoclf.classifier import Classifier

    with store.reading() as session:
        record = records.run(session, run_id)
        learnt = {tweet.twin_group for tweet in records.run_data(session, record.id, ("train", "slice"))}
    file = read_tweets(path)
    if not file.tweets:
        raise TooLittleDataError(f"{path.name}: no row can be read; the first problem: {file.rejects[0].reason}")
    classifier = Classifier.load(run_folder(store, record.folder))
    probabilities = yield from classifier.probabilities([tweet.text for tweet in file.tweets])
    targets = EMOTIONS.encode([tweet.original for tweet in file.tweets])
    return {
        "run": record.id,
        "rejected": len(file.rejects),
        "trained_on": sum(twin_key(tweet.text) in learnt for tweet in file.tweets),
        **summary(score(targets, classifier.labels(probabilities))),
    }
