"""
Counts tweets, decisions, label sets and sources, and reads the progress of the review.
"""

from sqlalchemy import ColumnElement, Integer, case, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import imports
from db.runs import held_back
from db.tables.core import CalibrationRow, DecisionRow, PredictionRow, QueueRow, SuggestionRow, TweetRow
from db.tweets import REAL
from db.values import Counts
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS


def sizes(session: Session) -> dict[str, int]:
    """Count the real tweets of each non-empty split, train first."""
    found = dict(session.execute(select(TweetRow.split, func.count()).where(REAL).group_by(TweetRow.split)).all())
    return {split: found[split] for split in SPLITS if split in found}


def decided(session: Session, split: str) -> int:
    """Count the tweets of a split that have a decision in force."""
    rows = select(func.count()).select_from(QueueRow)
    return session.scalar(rows.where(QueueRow.split == split, QueueRow.decision_id.is_not(None))) or 0


def counts(session: Session, split: str) -> Counts:
    """Count the real tweets of one split by emotion, source and state."""
    real = (REAL, TweetRow.split == split)
    groups = select(TweetRow.twin_group).where(REAL).group_by(TweetRow.twin_group).having(func.count() > 1)
    mask = type_coerce(TweetRow.original, Integer)
    bits = [func.count(case((mask.bitwise_and(1 << j) > 0, 1))) for j in range(len(EMOTIONS))]
    per_emotion = session.execute(select(*bits).where(*real)).one()
    return Counts(
        split=split,
        tweets=session.scalar(select(func.count()).select_from(TweetRow).where(*real)) or 0,
        decided=decided(session, split),
        suggested=_tweets_in(session, SuggestionRow.tweet_id, split),
        predicted=_tweets_in(session, PredictionRow.tweet_id, split, PredictionRow.run_id.not_in(held_back(session))),
        twins=session.scalar(select(func.count()).select_from(TweetRow).where(*real, TweetRow.twin_group.in_(groups)))
        or 0,
        per_emotion=dict(zip(EMOTIONS.names, per_emotion, strict=True)),
        unlabelled=_unlabelled(session, split),
        labelled=_unlabelled(session, split, QueueRow.decision_id.is_not(None)),
    )


def _unlabelled(session: Session, split: str, *conditions: ColumnElement[bool]) -> int:
    """Count the tweets of a split that came without labels, under conditions on their queue row."""
    rows = select(func.count()).select_from(QueueRow)
    return session.scalar(rows.where(QueueRow.split == split, QueueRow.original.is_(None), *conditions)) or 0


def choices(session: Session, split: str) -> list[tuple[frozenset[str], float]]:
    """Each set of original labels among the imported tweets of a split, and its number of twin groups.

    A twin group counts as 1 in all: each of its tweets counts as 1 / size of the group.
    """
    size = func.count().over(partition_by=TweetRow.twin_group)
    wanted = (REAL, TweetRow.split == split, TweetRow.original.is_not(None))
    each = select(TweetRow.original, (1.0 / size).label("part")).where(*wanted).subquery()
    rows = select(each.c.original, func.sum(each.c.part)).group_by(each.c.original)
    return [(labels or frozenset(), float(n)) for labels, n in session.execute(rows)]


def sources_stamp(session: Session) -> tuple[int, ...]:
    """A value that changes when an LLM is calibrated, a new run predicts, or an import is added, undone or moved.

    It does not change with each tweet of a job.
    """
    newest = select(func.max(CalibrationRow.id)), select(func.max(PredictionRow.run_id))
    return *(session.scalar(rows) or 0 for rows in newest), *imports.stamp(session)


def newest_decision(session: Session) -> int:
    """The id of the newest row of the decision log; 0 if it is empty."""
    return session.scalar(select(func.max(DecisionRow.id))) or 0


def reviewers(session: Session) -> list[tuple[str, int]]:
    """(reviewer, decisions in force), most decisions first; batches are excluded."""
    n = func.count()
    rows = select(DecisionRow.reviewer, n).join(QueueRow, QueueRow.decision_id == DecisionRow.id)
    rows = rows.where(DecisionRow.batch_id.is_(None))
    found = session.execute(rows.group_by(DecisionRow.reviewer).order_by(n.desc()))
    return [(reviewer, count) for reviewer, count in found]


def accepted(session: Session) -> int:
    """Count the decisions in force that came from batches."""
    rows = select(func.count()).select_from(DecisionRow).join(QueueRow, QueueRow.decision_id == DecisionRow.id)
    return session.scalar(rows.where(DecisionRow.batch_id.is_not(None))) or 0


def changed(session: Session) -> int:
    """Count the decisions in force that differ from the original; batches, and tweets without one, are excluded."""
    rows = (
        select(func.count())
        .select_from(QueueRow)
        .join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
        .join(TweetRow, TweetRow.id == QueueRow.tweet_id)
    )
    return session.scalar(rows.where(DecisionRow.labels != TweetRow.original, DecisionRow.batch_id.is_(None))) or 0


def doubts_ahead(session: Session, split: str, n: int) -> list[float]:
    """The doubts of the next n undecided tweets with original labels, largest first."""
    undecided = (QueueRow.split == split, QueueRow.decision_id.is_(None), QueueRow.original.is_not(None))
    rows = select(QueueRow.doubt).where(*undecided)
    return list(session.scalars(rows.order_by(QueueRow.doubt.desc(), QueueRow.tweet_id).limit(n)))


def _tweets_in(
    session: Session, tweet_id: InstrumentedAttribute[int], split: str, *conditions: ColumnElement[bool]
) -> int:
    """Count the real tweets of a split that have a row in another table, under conditions on that row."""
    found = select(func.count(tweet_id.distinct())).join(TweetRow, TweetRow.id == tweet_id)
    return session.scalar(found.where(REAL, TweetRow.split == split, *conditions)) or 0
