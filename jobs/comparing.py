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
from jobs.data import summary
from jobs.places import run_folder

TARGETS = ("original", "approved")


@dataclass(frozen=True)
class Comparison:
    """A run's scores, and how they differ from an earlier run's on the same tweets."""

    after: Run
    before: Run | None  # None: there is no earlier run that spoke on these tweets
    scores: Scores
    changes: dict[str, Change]  # per emotion and "macro"; empty without an earlier run
    reviewed: int  # of the dev tweets compared, how many have a decision in force


def comparison(store: Store, run_id: int, before_id: int | None = None, target: str = "original") -> Comparison:
    """Score a run on the dev tweets it shares with an earlier one (the one before it where none is named).

    Parameters
    ----------
    target : score against the "original" dev labels, or the "approved" ones, where dev was reviewed

    Raises
    ------
    TooLittleDataError : if the run has spoken on no dev tweet
    """
    with store.reading() as session:
        after = records.run(session, run_id)
        dev = queries.labelled(session, ["dev"], target)
        reviewed = {tweet.tweet_id for tweet in queries.labelled(session, ["dev"], "reviewed")}
        said_after = records.predicted_labels(session, run_id)
        earlier = [run for run in records.runs(session) if run.id == before_id or (not before_id and run.id < run_id)]
        before, said_before = _first_that_spoke(session, earlier, {tweet.tweet_id for tweet in dev} & set(said_after))
    shared = [tweet for tweet in dev if tweet.tweet_id in said_after and (not before or tweet.tweet_id in said_before)]
    if not shared:
        raise TooLittleDataError(f"run {run_id} has been scored on no dev tweet; import a dev file and train again")
    targets = EMOTIONS.encode([tweet.labels for tweet in shared])
    new = EMOTIONS.encode([said_after[tweet.tweet_id] for tweet in shared])
    old = EMOTIONS.encode([said_before[tweet.tweet_id] for tweet in shared]) if before else None
    return Comparison(
        after=after,
        before=before,
        scores=score(targets, new),
        changes={} if old is None else compare(targets, old, new),
        reviewed=sum(tweet.tweet_id in reviewed for tweet in shared),
    )


def _first_that_spoke(
    session: Session, earlier: list[Run], dev: set[int]
) -> tuple[Run | None, dict[int, frozenset[str]]]:
    for run in earlier:
        said = records.predicted_labels(session, run.id)
        if dev & set(said):
            return run, said
    return None, {}


def evaluate(store: Store, run_id: int, path: Path) -> Work[dict[str, Any]]:
    """Score a run on the tweets of a file, with the run's own thresholds; nothing is stored.

    Raises
    ------
    DataFileError : if the file has no readable tweets
    """
    from emoclf.classifier import Classifier

    with store.reading() as session:
        record = records.run(session, run_id)
    file = read_tweets(path)
    if not file.tweets:
        raise TooLittleDataError(f"{path.name}: no row can be read; the first problem: {file.rejects[0].reason}")
    classifier = Classifier.load(run_folder(record.folder))
    probabilities = yield from classifier.probabilities([tweet.text for tweet in file.tweets])
    targets = EMOTIONS.encode([tweet.original for tweet in file.tweets])
    return summary(score(targets, classifier.labels(probabilities)))
