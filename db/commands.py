"""
Writes: each takes a session and adds to it; the caller owns the transaction.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db import overlap
from db.tables.columns import now
from db.tables.core import (
    CalibrationRow,
    DecisionRow,
    PredictionRow,
    QueueRow,
    RunRow,
    RunTweetRow,
    SuggestionRow,
    TweetRow,
)
from db.values import Standing
from emoclf.errors import NotFoundError
from emoclf.review.seeded_draws import draw
from emoclf.text.twins import twin_key
from emoclf.tweets import Tweet

Item = TypeVar("Item")
CHUNK = 500  # rows per statement; SQLite allows 32,766 variables in one


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """The items in lists of at most `size`.

    >>> list(chunks("abc", 2))
    [['a', 'b'], ['c']]
    """
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def add_tweets(session: Session, tweets: Iterable[Tweet]) -> None:
    """Add tweets that the store does not hold yet, each at the end of the review queue."""
    for chunk in chunks(tweets):
        rows = [
            {
                "key": tweet.key,
                "text": tweet.text,
                "text_hash": text_hash(tweet.text),
                "split": tweet.split,
                "origin": tweet.origin,
                "twin_group": twin_key(tweet.text),
                "original": tweet.original,
                "metadata_": tweet.metadata,
            }
            for tweet in chunk
        ]
        ids = session.scalars(insert(TweetRow).returning(TweetRow.id, sort_by_parameter_order=True), rows).all()
        queue = [
            {
                "tweet_id": tweet_id,
                "split": tweet.split,
                "original": tweet.original,
                "place": draw(tweet.key, "order"),
            }
            for tweet_id, tweet in zip(ids, chunk, strict=True)
        ]
        session.execute(insert(QueueRow), queue)


def text_hash(text: str) -> str:
    """What tells that two texts are the same, to the letter."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def add_suggestions(
    session: Session, engine: str, prompt_version: str, scored: Sequence[tuple[int, Sequence[float]]]
) -> None:
    """Add one suggestion per (tweet id, raw probabilities); a tweet this engine and prompt answered is left alone."""
    ids = [tweet_id for tweet_id, _ in scored]
    known = set(
        session.scalars(
            select(SuggestionRow.tweet_id).where(
                SuggestionRow.engine == engine,
                SuggestionRow.prompt_version == prompt_version,
                SuggestionRow.tweet_id.in_(ids),
            )
        )
    )
    rows = [
        {"tweet_id": tweet_id, "engine": engine, "prompt_version": prompt_version, "probabilities": probabilities}
        for tweet_id, probabilities in scored
        if tweet_id not in known
    ]
    if rows:
        session.execute(insert(SuggestionRow), rows)


def add_calibration(session: Session, engine: str, prompt_version: str, n: int, parameters: Mapping[str, Any]) -> None:
    """Add a calibration; the newest of an engine and prompt counts."""
    session.add(CalibrationRow(engine=engine, prompt_version=prompt_version, n=n, parameters=dict(parameters)))


def add_run(session: Session, tweets: Iterable[tuple[int, str, frozenset[str]]], **fields: Any) -> int:
    """Add a finished run with the (tweet id, role, labels) it saw; return its id."""
    run = RunRow(**fields)
    session.add(run)
    session.flush()
    for chunk in chunks(tweets, 5000):
        rows = [{"run_id": run.id, "tweet_id": i, "role": role, "labels": labels} for i, role, labels in chunk]
        session.execute(insert(RunTweetRow), rows)
    return run.id


def add_predictions(
    session: Session,
    run_id: int,
    predicted: Iterable[tuple[int, Sequence[float], frozenset[str]]],
    out_of_fold: bool = False,
) -> None:
    """Add (tweet id, probabilities, labels) of one run; a tweet it has spoken on already is left alone."""
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


def add_decision(
    session: Session,
    event_id: str,
    tweet_id: int,
    reviewer: str,
    labels: frozenset[str],
    right_sources: Mapping[str, Any],
    shown: Mapping[str, Any],
    seconds: float | None = None,
    adjudicates: bool = False,
    by_chance: bool = False,
    blind: bool = False,
    guidelines: int | None = None,
) -> int:
    """Add a decision and put it in force; the same event a second time changes nothing. Return the decision's id.

    Parameters
    ----------
    adjudicates : it settles what reviewers differed about, and stays in force whatever they decide later
    by_chance : the tweet came by the random share, so that it tells of tweets that nobody doubted
    blind : the sources came on the screen after the answer
    guidelines : the version of the guidelines that the reviewer could read; None: not known

    Raises
    ------
    NotFoundError : if there is no such tweet
    """
    if (known := decision_id(session, event_id)) is not None:
        return known
    _check_tweet(session, tweet_id)
    row = DecisionRow(
        event_id=event_id,
        tweet_id=tweet_id,
        reviewer=reviewer,
        kind="decide",
        labels=labels,
        right_sources=dict(right_sources),
        shown=dict(shown),
        seconds=seconds,
        adjudicates=adjudicates,
        by_chance=by_chance,
        blind=blind,
        guidelines=guidelines,
    )
    return _append(session, row)


def add_undo(session: Session, event_id: str, undoes: str, reviewer: str) -> int:
    """Take a decision back by adding an undo; the one before it is in force again. Return the undo's id.

    Raises
    ------
    NotFoundError : if the reviewer has made no decision with the event id `undoes`
    """
    if (known := decision_id(session, event_id)) is not None:
        return known
    undone = session.scalar(
        select(DecisionRow)
        .where(DecisionRow.event_id == undoes, DecisionRow.reviewer == reviewer, DecisionRow.kind == "decide")
        .where(DecisionRow.batch_id.is_(None))
    )
    if undone is None:
        raise NotFoundError(f"there is no decision {undoes} of {reviewer} to undo")
    earlier = session.scalar(select(DecisionRow.id).where(DecisionRow.undoes_id == undone.id))
    if earlier is not None:  # undone before, in another tab: it is as it was asked to be
        return earlier
    row = DecisionRow(
        event_id=event_id,
        tweet_id=undone.tweet_id,
        reviewer=reviewer,
        kind="undo",
        labels=None,
        undoes_id=undone.id,
        right_sources={},
        shown={},
        seconds=None,
    )
    return _append(session, row)


def decision_id(session: Session, event_id: str) -> int | None:
    """The id of the decision that a client's event became, if it has."""
    return session.scalar(select(DecisionRow.id).where(DecisionRow.event_id == event_id))


def set_standings(session: Session, standings: Sequence[Standing]) -> None:
    """Write where tweets stand into the queue."""
    if standings:
        session.execute(update(QueueRow), [vars(standing) for standing in standings])


def _check_tweet(session: Session, tweet_id: int) -> None:
    if session.get(QueueRow, tweet_id) is None:
        raise NotFoundError(f"there is no tweet {tweet_id}")


def _append(session: Session, row: DecisionRow) -> int:
    row.created_at = now()
    session.add(row)
    session.flush()
    session.execute(
        update(QueueRow).where(QueueRow.tweet_id == row.tweet_id).values(decision_id=_in_force(session, row.tweet_id))
    )
    overlap.after_decision(session, row.tweet_id)
    return row.id


def _in_force(session: Session, tweet_id: int) -> int | None:
    """The id of a tweet's latest decision that no undo has taken back; one that adjudicates comes before all others."""
    undone = select(DecisionRow.undoes_id).where(DecisionRow.tweet_id == tweet_id, DecisionRow.kind == "undo")
    return session.scalar(
        select(DecisionRow.id)
        .where(DecisionRow.tweet_id == tweet_id, DecisionRow.kind == "decide", DecisionRow.id.not_in(undone))
        .order_by(DecisionRow.adjudicates.desc(), DecisionRow.id.desc())
        .limit(1)
    )
