"""
Compares two runs on the same dev tweets, separates the effect of labels from that of the model, and scores a file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from db.predictions import unseen_labels
from db.runs import get_run, list_runs, run_data
from db.store import Store
from db.tweets import scored_tweets
from db.values import Run
from emoclf.errors import DataFileError, TooLittleDataError
from emoclf.files.answers import how_read
from emoclf.files.checks import check_content
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.reject_reasons import nothing_read
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from emoclf.metrics.run_warnings import few_in_words, macro_in_words
from emoclf.metrics.scores import Change, Scores, compare, score
from emoclf.progress import Work
from emoclf.text.twins import twin_key
from jobs.training import run_management
from jobs.training.data import TRAINING_ROLES, summary

TWO_MODELS = (
    "A verdict compares these two fitted models. It does not show that other labels helped, because another seed "
    "alone changes every F1. To test the labels, train several seeds on each kind of labels."
)

Labels = dict[int, frozenset[str]]  # tweet id -> predicted labels


@dataclass(frozen=True)
class Comparison:
    """A run's scores, and their differences from an earlier run on the same tweets."""

    after: Run
    before: Run | None  # None: no earlier run predicted these tweets
    target: str  # the dev labels: original or approved
    scores: Scores
    changes: dict[str, Change]  # per emotion and "macro"; empty without an earlier run
    reviewed: int  # number of compared dev tweets with original labels and a decision in force
    blind: int  # how many of these were decided blind


@dataclass(frozen=True)
class Comparisons:
    """Comparisons on the original and on the corrected dev labels, which split a change of F1 into two effects.

    The way from the earlier run on original labels to the later run on approved labels has two steps whose differences
    add up: correcting the labels changes the F1 of the earlier run (`relabelled`), then the later run replaces it on
    corrected labels (`approved.changes`).
    """

    original: Comparison
    approved: Comparison | None  # None: no dev tweet was reviewed
    relabelled: dict[str, Change]  # from original to corrected labels, for the earlier (or only) run

    def parts(self, name: str = "macro") -> tuple[float, float]:
        """The effects of correcting labels and of the model on the F1 of an emotion, or on macro-F1."""
        labels = self.relabelled[name].difference if self.relabelled else 0.0
        model = (self.approved or self.original).changes.get(name)
        return labels, model.difference if model else 0.0

    def in_words(self, name: str = "macro") -> str:
        """One or two sentences on the effect of labels and of the model."""
        what = "Macro-F1" if name == "macro" else f"The F1 of {name}"
        if self.approved is None:
            return "No dev tweet was reviewed, so original and approved labels are the same."
        labels, model = self.parts(name)
        scores = self.approved.scores
        reviewed = f"{self.approved.reviewed:,} of {scores.n:,} dev tweets were reviewed."
        if name == "macro" and (over := macro_in_words(scores.macro_over)):
            what = f"Macro-F1 ({over.removeprefix('macro-F1 ')})"
        if not self.approved.changes:
            return (
                f"{reviewed} {what} changes by {_points(labels)} from replacing the original dev labels by the "
                "approved ones, with the same run."
            )
        verdict = self.approved.changes[name].verdict
        return (
            f"{reviewed} {what} changes by {_points(labels + model)} in all: {_points(labels)} from replacing "
            "the original dev labels by the approved ones, with the earlier run, and "
            f"{_points(model)} from the new run, on approved labels ({verdict})."
        )


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points".replace("-", "\u2212")


@dataclass(frozen=True)
class _Shared:
    """The dev tweets on which both runs can be scored, as arrays (n, 11) of 0 and 1."""

    after: Run
    before: Run | None
    new: np.ndarray
    old: np.ndarray | None
    targets: dict[str, np.ndarray]  # by "original" and "approved"
    groups: list[str]  # twin groups
    reviewed: int
    blind: int

    def against(self, target: str) -> Comparison:
        targets = self.targets[target]
        how: dict[str, Any] = {"groups": self.groups, "over": self.over}
        changes = {} if self.old is None else compare(targets, self.old, self.new, **how)
        scores = score(targets, self.new, **how)
        return Comparison(self.after, self.before, target, scores, changes, self.reviewed, self.blind)

    @property
    def over(self) -> list[str]:
        """The emotions in macro-F1: those with a positive tweet under both kinds of dev labels."""
        there = np.all([targets.any(axis=0) for targets in self.targets.values()], axis=0)
        return [name for name, is_there in zip(EMOTIONS.names, there, strict=True) if is_there]

    def relabelled(self) -> dict[str, Change]:
        predicted = self.new if self.old is None else self.old
        how: dict[str, Any] = {"groups": self.groups, "over": self.over, "corrected": self.targets["approved"]}
        return compare(self.targets["original"], predicted, predicted, **how)


def comparison(store: Store, run_id: int, before_id: int | None = None, target: str = "original") -> Comparison:
    """Score a run on the dev tweets it shares with an earlier run (by default the previous one).

    Tweets that either run trained on, or whose twin it trained on, are left out.

    Parameters
    ----------
    target : score against the "original" dev labels, or the "approved" ones

    Raises
    ------
    TooLittleDataError : if no dev tweet can be scored for both runs
    """
    return _shared(store, run_id, before_id).against(target)


def comparisons(store: Store, run_id: int, before_id: int | None = None) -> Comparisons:
    """As `comparison`, on the original dev labels and, if dev was reviewed, on the corrected ones too."""
    shared = _shared(store, run_id, before_id)
    if not shared.reviewed:
        return Comparisons(shared.against("original"), None, {})
    return Comparisons(shared.against("original"), shared.against("approved"), shared.relabelled())


def _shared(store: Store, run_id: int, before_id: int | None) -> _Shared:
    with store.reading() as session:
        after = get_run(session, run_id)
        original = scored_tweets(session, "dev")
        approved = {tweet.tweet_id: tweet for tweet in scored_tweets(session, "dev", "approved")}
        labels_after = unseen_labels(session, run_id)
        ids = {tweet.tweet_id for tweet in original} & set(labels_after)
        before, labels_before = _earlier(session, run_id, before_id, ids)
    shared = [t for t in original if t.tweet_id in ids and (before is None or t.tweet_id in labels_before)]
    if not shared:
        raise TooLittleDataError(_nothing_shared(run_id, before))
    corrected = [approved[tweet.tweet_id] for tweet in shared]
    both = zip(shared, corrected, strict=True)  # a decision on a tweet that came without labels corrects nothing
    reviewed = [new for old, new in both if (old.label_origin, new.label_origin) == ("original", "decision")]
    return _Shared(
        after=after,
        before=before,
        new=EMOTIONS.encode([labels_after[tweet.tweet_id] for tweet in shared]),
        old=EMOTIONS.encode([labels_before[tweet.tweet_id] for tweet in shared]) if before else None,
        targets={
            "original": EMOTIONS.encode([tweet.labels for tweet in shared]),
            "approved": EMOTIONS.encode([tweet.labels for tweet in corrected]),
        },
        groups=[tweet.twin_group for tweet in shared],
        reviewed=len(reviewed),
        blind=sum(tweet.blind for tweet in reviewed),
    )


def _earlier(session: Session, run_id: int, before_id: int | None, ids: set[int]) -> tuple[Run | None, Labels]:
    """The run to compare with and its predictions: the given one, else the newest earlier run with these tweets."""
    if before_id is not None:
        return get_run(session, before_id), unseen_labels(session, before_id)
    for run in list_runs(session):
        if run.id < run_id and ids & set(labels := unseen_labels(session, run.id)):
            return run, labels
    return None, {}


def _nothing_shared(run_id: int, before: Run | None) -> str:
    if before:
        return f"runs {before.id} and {run_id} have no dev tweet in common that neither was trained on; train again"
    return f"run {run_id} has not been scored on any dev tweet; import a dev file and train again"


def evaluate(store: Store, run_id: int | None, path: Path, reading: Reading = AS_FOUND) -> Work[dict[str, Any]]:
    """Score a run (by default the active model) on the tweets of a file, with its own thresholds. Nothing is stored.

    The result includes the number of `rejected` rows, and of tweets that the run trained on, directly or as twins.

    Raises
    ------
    DataFileError : if the file has no readable tweets, or no labels
    """
    with store.reading() as session:
        record = get_run(session, run_id)
        training_groups = {tweet.twin_group for tweet in run_data(session, record.id, TRAINING_ROLES)}
    file = read_tweets(path, "test", reading)  # any split: nothing is stored
    if not file.tweets:
        raise nothing_read(path.name, file.rejects, file.unit)
    known = [(tweet.text, tweet.original) for tweet in file.tweets if tweet.original is not None]
    if not known:
        raise DataFileError(f"{path.name} has no labels to score a run against; name a file with labels")
    texts, labels = [text for text, _ in known], [original for _, original in known]
    if not reading.confirm:
        check_content(path.name, texts, labels)
    classifier = run_management.load(store, record)
    probabilities = yield from classifier.probabilities(texts)
    targets, groups = EMOTIONS.encode(labels), [twin_key(text) for text in texts]
    scores = score(targets, classifier.labels(probabilities), groups=groups)
    return {
        "run": record.id,
        "rejected": len(file.rejects),
        "trained_on": sum(group in training_groups for group in groups),
        **summary(scores),
        "words": [
            *scores_in_words(scores),
            *_left_out(len(file.tweets) - len(known)),
            *how_read(file)["words"],
        ],
    }


def _left_out(n: int) -> list[str]:
    return [f"{n:,} {'tweet has' if n == 1 else 'tweets have'} no labels and are not scored."] if n else []


def scores_in_words(scores: Scores) -> list[str]:
    """The limits of the figures: emotions without a positive tweet, and those with few."""
    macro = macro_in_words(scores.macro_over)
    few = few_in_words({name: one.support for name, one in scores.per_emotion.items()})
    return [words for words in (macro and f"{macro[0].upper()}{macro[1:]}.", few) if words]
