"""
Reads that count: how much there is, and how far the review is.
"""

from sqlalchemy import Integer, case, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.tables.core import CalibrationRow, DecisionRow, PredictionRow, QueueRow, SuggestionRow, TweetRow
from db.tweets import REAL
from db.values import Counts
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS


def sizes(session: Session) -> dict[str, int]:
    """The number of real tweets in each split that has any, train first."""
    found = dict(session.execute(select(TweetRow.split, func.count()).where(REAL).group_by(TweetRow.split)).all())
    return {split: found[split] for split in SPLITS if split in found}


def decided(session: Session, split: str) -> int:
    """How many tweets of a split have a decision in force."""
    rows = select(func.count()).select_from(QueueRow)
    return session.scalar(rows.where(QueueRow.split == split, QueueRow.decision_id.is_not(None))) or 0


def counts(session: Session, split: str) -> Counts:
    """How much there is of everything real in one split."""
    own = (REAL, TweetRow.split == split)
    groups = select(TweetRow.twin_group).where(REAL).group_by(TweetRow.twin_group).having(func.count() > 1)
    mask = type_coerce(TweetRow.original, Integer)
    bits = [func.count(case((mask.bitwise_and(1 << j) > 0, 1))) for j in range(len(EMOTIONS))]
    per_emotion = session.execute(select(*bits).where(*own)).one()
    return Counts(
        split=split,
        tweets=session.scalar(select(func.count()).select_from(TweetRow).where(*own)) or 0,
        decided=decided(session, split),
        suggested=_tweets_in(session, SuggestionRow.tweet_id, split),
        predicted=_tweets_in(session, PredictionRow.tweet_id, split),
        twins=session.scalar(select(func.count()).select_from(TweetRow).where(*own, TweetRow.twin_group.in_(groups)))
        or 0,
        per_emotion=dict(zip(EMOTIONS.names, per_emotion, strict=True)),
    )


def choices(session: Session, split: str) -> list[tuple[frozenset[str], float]]:
    """Each choice of original labels among the imported tweets of a split, and how many twin groups have it.

    A group whose tweets differ in their labels counts for a part in each choice.
    """
    size = func.count().over(partition_by=TweetRow.twin_group)
    each = select(TweetRow.original, (1.0 / size).label("part")).where(REAL, TweetRow.split == split).subquery()
    rows = select(each.c.original, func.sum(each.c.part)).group_by(each.c.original)
    return [(labels, float(n)) for labels, n in session.execute(rows)]


def spoken_stamp(session: Session) -> tuple[int, int]:
    """Changes when an LLM has finished speaking and is calibrated anew, or another run speaks; not with every tweet."""
    newest = select(func.max(CalibrationRow.id)), select(func.max(PredictionRow.run_id))
    calibration, run = (session.scalar(rows) or 0 for rows in newest)
    return calibration, run


def newest_decision(session: Session) -> int:
    """The id of the newest row of the decision log; 0 while there is none."""
    return session.scalar(select(func.max(DecisionRow.id))) or 0


def reviewers(session: Session) -> list[tuple[str, int]]:
    """(reviewer, decisions in force), most decisions first; without what was accepted in bulk."""
    n = func.count()
    rows = select(DecisionRow.reviewer, n).join(QueueRow, QueueRow.decision_id == DecisionRow.id)
    rows = rows.where(DecisionRow.batch_id.is_(None))
    found = session.execute(rows.group_by(DecisionRow.reviewer).order_by(n.desc()))
    return [(reviewer, count) for reviewer, count in found]


def accepted(session: Session) -> int:
    """How many decisions in force came with a batch."""
    rows = select(func.count()).select_from(DecisionRow).join(QueueRow, QueueRow.decision_id == DecisionRow.id)
    return session.scalar(rows.where(DecisionRow.batch_id.is_not(None))) or 0


def changed(session: Session) -> int:
    """How many decisions in force say something else than the original; without what was accepted in bulk."""
    rows = (
        select(func.count())
        .select_from(QueueRow)
        .join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
        .join(TweetRow, TweetRow.id == QueueRow.tweet_id)
    )
    return session.scalar(rows.where(DecisionRow.labels != TweetRow.original, DecisionRow.batch_id.is_(None))) or 0


def doubts_ahead(session: Session, split: str, n: int) -> list[float]:
    """The doubts of the next n undecided tweets, the largest first."""
    rows = select(QueueRow.doubt).where(QueueRow.split == split, QueueRow.decision_id.is_(None))
    return list(session.scalars(rows.order_by(QueueRow.doubt.desc(), QueueRow.tweet_id).limit(n)))


def _tweets_in(session: Session, tweet_id: InstrumentedAttribute[int], split: str) -> int:
    spoken_of = select(func.count(tweet_id.distinct())).join(TweetRow, TweetRow.id == tweet_id)
    return session.scalar(spoken_of.where(REAL, TweetRow.split == split)) or 0
