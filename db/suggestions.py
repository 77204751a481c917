"""
Reads and writes the suggestions of LLMs, and the calibration of each engine and prompt.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from db import filters
from db.tables.core import CalibrationRow, QueueRow, SuggestionRow, TweetRow
from db.values import Suggested
from emoclf.llm.prompts import IMPORTED
from emoclf.review.filters import Filter


def add_suggestions(
    session: Session,
    engine: str,
    prompt_version: str,
    scored: Sequence[tuple[int, Sequence[float]]],
    at: dt.datetime | None = None,
) -> int:
    """Add one suggestion per (tweet id, raw probabilities); return how many were added.

    Tweets that this engine and prompt have answered are skipped.

    Parameters
    ----------
    at : when they were made; None: now. Those of an import have its time, by which its undo finds them
    """
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
    made = {} if at is None else {"created_at": at}
    if rows:
        session.execute(insert(SuggestionRow), [row | made for row in rows])
    return len(rows)


def add_calibration(session: Session, engine: str, prompt_version: str, n: int, parameters: Mapping[str, Any]) -> None:
    """Add a calibration; the newest one of an engine and prompt is used."""
    session.add(CalibrationRow(engine=engine, prompt_version=prompt_version, n=n, parameters=dict(parameters)))


def latest_suggestions(session: Session, ids: Collection[int]) -> dict[int, Suggested]:
    """The newest suggestion of each of these tweets, if any; one that was imported only if there is no other."""
    is_own = SuggestionRow.prompt_version.not_like(f"{IMPORTED}%")
    columns = (SuggestionRow.id, SuggestionRow.engine, SuggestionRow.prompt_version, SuggestionRow.probabilities)
    rows = select(SuggestionRow.tweet_id, *columns).where(SuggestionRow.tweet_id.in_(ids))
    found = session.execute(rows.order_by(is_own, SuggestionRow.id))
    return {row.tweet_id: Suggested(row.id, row.engine, row.prompt_version, row.probabilities) for row in found}


def all_suggestions(session: Session) -> Iterator[tuple[str, str, Suggested]]:
    """(tweet key, text, suggestion) of every suggestion, oldest first."""
    rows = select(SuggestionRow, TweetRow.key, TweetRow.text).join(TweetRow, TweetRow.id == SuggestionRow.tweet_id)
    found = session.execute(rows.order_by(SuggestionRow.id).execution_options(yield_per=1000))
    for row, key, text in found:
        yield key, text, Suggested(row.id, row.engine, row.prompt_version, row.probabilities)


def unsuggested(
    session: Session,
    engine: str,
    prompt_version: str,
    splits: Collection[str],
    limit: int | None = None,
    wanted: Filter | None = None,
) -> list[tuple[int, str]]:
    """(id, text) of the tweets this engine and prompt have not answered, most doubtful first, then in import order.

    Tweets without original labels have no doubt; among them those come first that should be labelled next.

    Parameters
    ----------
    wanted : only tweets that the review shows with this filter; None: all of `splits`
    """
    answered = select(SuggestionRow.tweet_id).where(
        SuggestionRow.engine == engine, SuggestionRow.prompt_version == prompt_version
    )
    asked: list[ColumnElement[bool]] = [TweetRow.split.in_(splits)]
    if wanted is not None:
        asked = [*filters.conditions(session, wanted), *filters.state(wanted)]
    waiting = (
        select(TweetRow.id, TweetRow.text)
        .join(QueueRow, QueueRow.tweet_id == TweetRow.id)
        .where(*asked, TweetRow.id.not_in(answered))
        .order_by(QueueRow.doubt.desc(), QueueRow.labelling.desc(), TweetRow.id)
        .limit(limit)
    )
    return [(i, text) for i, text in session.execute(waiting)]


def suggested_since(session: Session, engine: str, prompt_version: str, since: dt.datetime) -> int:
    """Count the tweets this engine and prompt have answered since a given time."""
    rows = select(func.count()).select_from(SuggestionRow)
    of_engine = (SuggestionRow.engine == engine, SuggestionRow.prompt_version == prompt_version)
    return session.scalar(rows.where(*of_engine, SuggestionRow.created_at >= since)) or 0


def suggested_originals(
    session: Session, engine: str, prompt_version: str
) -> list[tuple[Sequence[float], frozenset[str]]]:
    """(raw probabilities, original labels) of the train tweets that an engine and prompt answered."""
    rows = (
        select(SuggestionRow.probabilities, TweetRow.original)
        .join(TweetRow, TweetRow.id == SuggestionRow.tweet_id)
        .where(
            SuggestionRow.engine == engine,
            SuggestionRow.prompt_version == prompt_version,
            TweetRow.split == "train",
            TweetRow.origin == "imported",
            TweetRow.original.is_not(None),
        )
    )
    return [(probabilities, original or frozenset()) for probabilities, original in session.execute(rows)]


def suggestion_engines(session: Session) -> list[tuple[str, str]]:
    """Every (engine, prompt version) that has made suggestions."""
    rows = session.execute(select(SuggestionRow.engine, SuggestionRow.prompt_version).distinct())
    return [(engine, version) for engine, version in rows]


def stored_calibrations(session: Session) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest calibration of each (engine, prompt version)."""
    rows = session.scalars(select(CalibrationRow).order_by(CalibrationRow.id))
    return {(row.engine, row.prompt_version): row.parameters for row in rows}
