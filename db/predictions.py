"""
Reads and writes the predictions of runs, including out-of-fold predictions.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.chunking import chunks
from db.runs import held_back
from db.tables.core import PredictionRow, RunRow, TweetRow
from db.tweets import REAL
from db.values import Predicted


def add_predictions(
    session: Session,
    run_id: int,
    predicted: Iterable[tuple[int, Sequence[float], frozenset[str]]],
    out_of_fold: bool = False,
) -> None:
    """Add (tweet id, probabilities, labels) of one run; tweets the run has already predicted are skipped."""
    for chunk in chunks(predicted):
        ids = [tweet_id for tweet_id, _, _ in chunk]
        known = set(
            session.scalars(
                select(PredictionRow.tweet_id).where(
                    PredictionRow.run_id == run_id,
                    PredictionRow.out_of_fold == out_of_fold,
                    PredictionRow.tweet_id.in_(ids),
                )
            )
        )
        rows = [
            {
                "run_id": run_id,
                "tweet_id": tweet_id,
                "out_of_fold": out_of_fold,
                "probabilities": probabilities,
                "labels": labels,
            }
            for tweet_id, probabilities, labels in chunk
            if tweet_id not in known
        ]
        if rows:
            session.execute(insert(PredictionRow), rows)


def best_predictions(session: Session, ids: Collection[int]) -> dict[int, Predicted]:
    """The prediction that the review shows for each tweet.

    Predictions by models that never trained on the tweet come first: a model agrees with its training labels, so an
    out-of-fold prediction of an older run tells more about a label. Among these, and among the others, the active model
    comes first, then the newest run. Predictions of a degenerate run are shown only after a person promoted it.
    """
    columns = (PredictionRow.tweet_id, PredictionRow.run_id, PredictionRow.out_of_fold, PredictionRow.probabilities)
    rows = session.execute(
        select(*columns, PredictionRow.labels)
        .join(RunRow, RunRow.id == PredictionRow.run_id)
        .where(PredictionRow.tweet_id.in_(ids))
        .order_by(PredictionRow.out_of_fold, RunRow.promoted, RunRow.id)  # the last row of a tweet wins
    ).all()
    held = held_back(session, {row.run_id for row in rows}) if rows else []
    return {
        row.tweet_id: Predicted(row.run_id, row.out_of_fold, row.probabilities, row.labels)
        for row in rows
        if row.run_id not in held
    }


def unpredicted(session: Session, run_id: int) -> list[tuple[int, str, str]]:
    """(id, text, twin group) of the real tweets that a run has not predicted yet, in id order."""
    predicted = select(PredictionRow.tweet_id).where(PredictionRow.run_id == run_id)
    waiting = select(TweetRow.id, TweetRow.text, TweetRow.twin_group).where(REAL, TweetRow.id.not_in(predicted))
    return [(i, text, group) for i, text, group in session.execute(waiting.order_by(TweetRow.id))]


def unseen_labels(session: Session, run_id: int) -> dict[int, frozenset[str]]:
    """The predicted labels of a run by tweet id, for tweets where neither they nor their twins were trained on."""
    rows = select(PredictionRow.tweet_id, PredictionRow.labels)
    rows = rows.where(PredictionRow.run_id == run_id, PredictionRow.out_of_fold.is_(True))
    return dict(session.execute(rows).all())


def unseen_probabilities(session: Session, run_id: int) -> dict[int, Sequence[float]]:
    """The raw probabilities of a run by tweet id, for the tweets of `unseen_labels`."""
    rows = select(PredictionRow.tweet_id, PredictionRow.probabilities)
    rows = rows.where(PredictionRow.run_id == run_id, PredictionRow.out_of_fold.is_(True))
    return dict(session.execute(rows).all())
