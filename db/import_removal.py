"""
Removes the tweets of an import with everything derived from them, and moves them to another split.

A tweet stays if a person decided on it, also within a batch, or if a finished run was trained or scored on it. What
people decided and what a run reported can then still be traced to its tweets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.imports import suggestions_for_others
from db.tables.annotations import FlagRow
from db.tables.batches import BatchRow, BatchTweetRow
from db.tables.core import (
    DecisionRow,
    LeaseRow,
    OverlapRow,
    PredictionRow,
    QueueRow,
    RationaleRow,
    RunTweetRow,
    SuggestionRow,
    TweetRow,
)
from db.tables.imports import ImportRow
from db.tables.synthetic import SyntheticRow
from emoclf.llm.prompts import IMPORTED

DECIDED, IN_RUN, IN_BATCH = "decided", "in a run", "in a batch"

_DECIDED = exists().where(DecisionRow.tweet_id == TweetRow.id)
_IN_RUN = exists().where(RunTweetRow.tweet_id == TweetRow.id)
_BATCHES = select(BatchRow.id).where(BatchRow.state != "dropped")
_IN_BATCH = exists().where(BatchTweetRow.tweet_id == TweetRow.id, BatchTweetRow.batch_id.in_(_BATCHES))
# Why a tweet stays; the first reason that applies counts.
_STAYS: Mapping[str, ColumnElement[bool]] = {DECIDED: _DECIDED, IN_RUN: _IN_RUN, IN_BATCH: _IN_BATCH}

# What is derived from a tweet, by its name in messages; rows of decided tweets alone, such as `overlap`, have none.
DERIVED: Mapping[str, InstrumentedAttribute[int]] = {
    "suggestions": SuggestionRow.tweet_id,
    "predictions": PredictionRow.tweet_id,
    "rationales": RationaleRow.tweet_id,
    "flags": FlagRow.tweet_id,
}
_UNNAMED = (LeaseRow.tweet_id, OverlapRow.tweet_id, QueueRow.tweet_id, BatchTweetRow.tweet_id)


@dataclass(frozen=True)
class Removal:
    """What the undo of an import removes and what it leaves."""

    removed: int  # tweets
    stay: Mapping[str, int]  # tweets by the first reason that applies: DECIDED, IN_RUN or IN_BATCH
    runs: tuple[int, ...]  # the runs that were trained or scored on a tweet of the import
    derived: Mapping[str, int]  # rows of `DERIVED` that are removed too
    labels: int = 0  # tweets of other imports that lose the labels of this one
    labels_stay: int = 0  # tweets of other imports that keep them, for the same reasons
    suggestions: int = 0  # that it gave to tweets of other imports, and that are removed
    suggestions_stay: int = 0  # that stay, for the same reasons
    suggestions_unknown: int = 0  # of a store of an earlier version, which did not note whose they are
    others_labels: Mapping[int, int] = field(
        default_factory=dict
    )  # tweets removed with labels of later imports, by these

    @property
    def is_empty(self) -> bool:
        """Whether an undo would change nothing."""
        return not (self.removed or self.labels or self.suggestions)


def lock(session: Session, import_id: int) -> None:
    """Keep others from deciding on the tweets of an import until the end of the transaction (on a server)."""
    session.execute(select(TweetRow.id).where(TweetRow.import_id == import_id).with_for_update())


def removal(session: Session, import_id: int) -> Removal:
    """What removing the tweets of an import would do now."""
    reason = case(*((condition, name) for name, condition in _STAYS.items()), else_="")
    rows = select(reason.label("reason"), func.count()).where(TweetRow.import_id == import_id).group_by("reason")
    counts: dict[str, int] = dict(session.execute(rows).all())
    free = _free(import_id)
    derived = {
        name: session.scalar(select(func.count()).where(tweet_id.in_(free))) or 0 for name, tweet_id in DERIVED.items()
    }
    stay = {name: counts[name] for name in _STAYS if name in counts}
    labelled = select(func.count()).select_from(TweetRow)
    labels = session.scalar(labelled.where(*_freely_labelled(import_id))) or 0
    labels_stay = (session.scalar(labelled.where(TweetRow.labels_import_id == import_id)) or 0) - labels
    suggested = session.scalar(select(func.count()).where(SuggestionRow.id.in_(_free_suggestions(import_id)))) or 0
    all_suggested = session.scalar(select(func.count()).where(*suggestions_for_others(import_id))) or 0
    return Removal(
        counts.get("", 0),
        stay,
        tuple(runs_of(session, import_id)),
        derived,
        labels,
        labels_stay,
        suggested,
        all_suggested - suggested,
        _unknown_suggestions(session, import_id),
        _others_labels(session, import_id),
    )


def _others_labels(session: Session, import_id: int) -> dict[int, int]:
    """Count the tweets that would be removed and have labels of a later import, by that import."""
    later = TweetRow.labels_import_id
    rows = select(later, func.count()).where(TweetRow.id.in_(_free(import_id)), later.is_not(None), later != import_id)
    return {number: n for number, n in session.execute(rows.group_by(later).order_by(later)) if number is not None}


def _unknown_suggestions(session: Session, import_id: int) -> int:
    """Count the imported suggestions of no known import that were made between this import and the next one."""
    made = select(ImportRow.created_at).where(ImportRow.id == import_id).scalar_subquery()
    following = select(func.min(ImportRow.created_at)).where(ImportRow.created_at > made).scalar_subquery()
    others = select(func.count()).select_from(SuggestionRow).join(TweetRow, TweetRow.id == SuggestionRow.tweet_id)
    rows = others.where(
        SuggestionRow.prompt_version.startswith(IMPORTED),
        SuggestionRow.created_at > made,
        func.coalesce(SuggestionRow.created_at < following, true()),
        TweetRow.import_id.is_distinct_from(import_id),
    )
    return session.scalar(rows) or 0


def runs_of(session: Session, import_id: int) -> list[int]:
    """The runs that were trained or scored on a tweet of an import, oldest first."""
    rows = select(RunTweetRow.run_id).join(TweetRow, TweetRow.id == RunTweetRow.tweet_id)
    return list(session.scalars(rows.where(TweetRow.import_id == import_id).distinct().order_by(RunTweetRow.run_id)))


def remove(session: Session, import_id: int) -> None:
    """Remove the tweets and take back the labels of an import that nothing holds, with everything derived from them."""
    labelled = select(TweetRow.id).where(*_freely_labelled(import_id))
    unlabelled = update(QueueRow).where(QueueRow.tweet_id.in_(labelled)).values(original=None, doubt=0.0, emotion=None)
    session.execute(unlabelled, execution_options=_NO_OBJECTS)
    unlabelled = update(TweetRow).where(*_freely_labelled(import_id)).values(original=None, labels_import_id=None)
    session.execute(unlabelled, execution_options=_NO_OBJECTS)
    unsuggested = delete(SuggestionRow).where(SuggestionRow.id.in_(_free_suggestions(import_id)))
    session.execute(unsuggested, execution_options=_NO_OBJECTS)
    free = _free(import_id)
    near = update(SyntheticRow).where(SyntheticRow.nearest_id.in_(free))
    session.execute(near.values(nearest_id=None, closeness=None).execution_options(synchronize_session=False))
    for tweet_id in (*DERIVED.values(), *_UNNAMED):
        session.execute(delete(tweet_id.class_).where(tweet_id.in_(free)), execution_options=_NO_OBJECTS)
    session.execute(delete(TweetRow).where(TweetRow.id.in_(free)), execution_options=_NO_OBJECTS)


_NO_OBJECTS = {"synchronize_session": False}  # no rows are loaded as objects here


def _free(import_id: int) -> Select[int]:
    """The ids of the tweets of an import that nothing holds."""
    return select(TweetRow.id).where(TweetRow.import_id == import_id, *(~held for held in _STAYS.values()))


def _freely_labelled(import_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions of the tweets that took their labels from an import and that nothing holds."""
    return (TweetRow.labels_import_id == import_id, *(~held for held in _STAYS.values()))


def _free_suggestions(import_id: int) -> Select[int]:
    """The ids of the suggestions that an import gave to tweets of other imports, where nothing holds those tweets."""
    return select(SuggestionRow.id).where(*suggestions_for_others(import_id), *(~held for held in _STAYS.values()))


def open_batches(session: Session, import_id: int) -> list[str]:
    """The names of the unfinished batches whose lists contain a tweet of an import."""
    rows = select(BatchRow.name).join(BatchTweetRow, BatchTweetRow.batch_id == BatchRow.id)
    rows = rows.join(TweetRow, TweetRow.id == BatchTweetRow.tweet_id).where(TweetRow.import_id == import_id)
    going = BatchRow.state.in_(("checking", "accepting", "undoing"))
    return list(session.scalars(rows.where(going).distinct().order_by(BatchRow.name)))


def splits_of(session: Session, import_id: int) -> dict[str, int]:
    """Count the tweets of an import by split."""
    rows = select(TweetRow.split, func.count()).where(TweetRow.import_id == import_id).group_by(TweetRow.split)
    return dict(session.execute(rows).all())


def move(session: Session, import_id: int, split: str) -> int:
    """Move the tweets of an import to another split; return how many moved."""
    moved = (TweetRow.import_id == import_id) & (TweetRow.split != split)
    count = session.scalar(select(func.count()).where(moved)) or 0
    ids = select(TweetRow.id).where(TweetRow.import_id == import_id)
    for row in (QueueRow, OverlapRow):
        session.execute(update(row).where(row.tweet_id.in_(ids)).values(split=split), execution_options=_NO_OBJECTS)
    session.execute(update(TweetRow).where(moved).values(split=split), execution_options=_NO_OBJECTS)
    return count
