"""
Checks what is derived, such as the queue, against what it is derived from, such as the log of decisions; repairs it.

A repair writes only what the check computes, so it loses nothing. What models computed (doubt, gain, the labels of
sources in the queue) is not checked: `cli.py` computes it again after every prediction and suggestion.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from db import overlap
from db.checks.findings import REPAIR, Finding, found_among, found_by
from db.tables.annotations import FlagRow
from db.tables.columns import now
from db.tables.core import DecisionRow, LeaseRow, OverlapRow, QueueRow, TweetRow
from db.tables.synthetic import SyntheticRow, VerdictRow
from emoclf.review.seeded_draws import draw

LONGEST_LEASE = dt.timedelta(days=1)  # a lease lasts minutes; more than that is no clock that was set back
AT_ONCE = 5000  # rows


@dataclass(frozen=True)
class _Copy:
    """A column that is derived: the rows whose value is wrong, each with its tweet and the right value."""

    what: str
    row: Any
    column: str
    wrong: Callable[[], Select[Any]]


def _in_force() -> Any:
    """The decision in force of each decided tweet, by the rule of `db.decisions`."""
    undone = select(DecisionRow.undoes_id).where(DecisionRow.kind == "undo", DecisionRow.undoes_id.is_not(None))
    best = (DecisionRow.adjudicates.desc(), DecisionRow.id.desc())
    place = func.row_number().over(partition_by=DecisionRow.tweet_id, order_by=best).label("place")
    stands = (DecisionRow.kind == "decide", DecisionRow.id.not_in(undone))
    ranked = select(DecisionRow.tweet_id, DecisionRow.id, place).where(*stands).subquery()
    return select(ranked.c.tweet_id, ranked.c.id).where(ranked.c.place == 1).subquery()


def _decided() -> Select[Any]:
    best = _in_force()
    rows = select(QueueRow.tweet_id, best.c.id).outerjoin(best, best.c.tweet_id == QueueRow.tweet_id)
    return rows.where(QueueRow.decision_id.is_distinct_from(best.c.id))


def _of_tweets(row: Any, column: str) -> Callable[[], Select[Any]]:
    def wrong() -> Select[Any]:
        right = getattr(TweetRow, column)
        rows = select(row.tweet_id, right).join(TweetRow, TweetRow.id == row.tweet_id)
        return rows.where(getattr(row, column).is_distinct_from(right))

    return wrong


def _flagged() -> Any:
    newest = select(func.max(FlagRow.id)).group_by(FlagRow.tweet_id)
    flags = select(FlagRow.tweet_id).where(FlagRow.id.in_(newest), FlagRow.comment.is_not(None)).subquery()
    right = flags.c.tweet_id.is_not(None)
    rows = select(QueueRow.tweet_id, right).outerjoin(flags, flags.c.tweet_id == QueueRow.tweet_id)
    return rows.where(QueueRow.flagged.is_distinct_from(right))


def _judged() -> Select[Any]:
    undone = select(VerdictRow.undoes_id).where(VerdictRow.kind == "undo", VerdictRow.undoes_id.is_not(None))
    stands = (VerdictRow.kind != "undo", VerdictRow.id.not_in(undone))
    best = select(VerdictRow.tweet_id, func.max(VerdictRow.id).label("id")).where(*stands)
    found = best.group_by(VerdictRow.tweet_id).subquery()
    rows = select(SyntheticRow.tweet_id, found.c.id).outerjoin(found, found.c.tweet_id == SyntheticRow.tweet_id)
    return rows.where(SyntheticRow.verdict_id.is_distinct_from(found.c.id))


COPIES = (
    _Copy("tweets have another decision in force than the log gives", QueueRow, "decision_id", _decided),
    _Copy("tweets have another split in the queue", QueueRow, "split", _of_tweets(QueueRow, "split")),
    _Copy("tweets have other original labels in the queue", QueueRow, "original", _of_tweets(QueueRow, "original")),
    _Copy("tweets have another flag in the queue than the newest one", QueueRow, "flagged", _flagged),
    _Copy("tweets wait for a second reviewer in another split", OverlapRow, "split", _of_tweets(OverlapRow, "split")),
    _Copy("synthetic tweets have another verdict in force than the log gives", SyntheticRow, "verdict_id", _judged),
)


def _ids(copy: _Copy) -> Select[Any]:
    return copy.wrong().with_only_columns(copy.row.tweet_id).order_by(copy.row.tweet_id)


def derived(session: Session) -> Iterator[Finding]:
    """Everything derived that differs from what it is derived from."""
    yield from found_by(session, "tweets are not in the queue, so nobody can review them", _unqueued(), REPAIR)
    for row, what in ((QueueRow, "the queue"), (LeaseRow, "leases"), (OverlapRow, "overlap")):
        yield from found_by(session, f"rows of {what} are about tweets that are not imported", _strangers(row), REPAIR)
    for copy in COPIES:
        yield from found_by(session, copy.what, _ids(copy), REPAIR)
    yield from found_among(
        "tweets have another place in the random order than their key gives", _misplaced(session), REPAIR
    )
    waiting = "tweets wait for a second reviewer, but not exactly one person decided them"
    yield from found_among(waiting, _wrongly_waiting(session), REPAIR)
    yield from found_by(session, "leases last longer than a day, so that nobody else gets the tweet", _leases(), REPAIR)


def search(session: Session) -> Iterator[Finding]:
    """The index of words, compared with the texts (SQLite only); call it in a transaction that may write."""
    if problem := _search_problem(session):
        yield Finding("the index of words differs from the texts", 1, (problem,), REPAIR)


def repair(session: Session) -> None:
    """Compute again whatever `derived` and the references of derived rows would report."""
    for row in (QueueRow, LeaseRow, OverlapRow):
        gone = row.tweet_id.not_in(select(TweetRow.id).where(TweetRow.origin == "imported"))
        session.execute(delete(row).where(gone), execution_options=_NO_OBJECTS)
    session.execute(delete(LeaseRow).where(_too_long()), execution_options=_NO_OBJECTS)
    for tweet_id, key, split, original in session.execute(
        select(TweetRow.id, TweetRow.key, TweetRow.split, TweetRow.original).where(TweetRow.id.in_(_unqueued()))
    ).all():
        place = draw(key, "order")
        session.execute(insert(QueueRow).values(tweet_id=tweet_id, split=split, original=original, place=place))
    _move(session)
    for copy in COPIES:
        right = [{"tweet_id": tweet_id, copy.column: value} for tweet_id, value in session.execute(copy.wrong()).all()]
        if right:
            session.execute(update(copy.row), right)
    for tweet_id in _wrongly_waiting(session):
        overlap.after_decision(session, tweet_id)
    if _search_problem(session):
        session.execute(text("INSERT INTO tweet_words(tweet_words) VALUES ('rebuild')"))


_NO_OBJECTS = {"synchronize_session": False}


def _unqueued() -> Select[Any]:
    queued = select(QueueRow.tweet_id).where(QueueRow.tweet_id == TweetRow.id).exists()
    return select(TweetRow.id).where(TweetRow.origin == "imported", ~queued).order_by(TweetRow.id)


def _strangers(row: Any) -> Select[Any]:
    rows = select(row.tweet_id).join(TweetRow, TweetRow.id == row.tweet_id)
    return rows.where(TweetRow.origin != "imported").order_by(row.tweet_id)


def _too_long() -> Any:
    return LeaseRow.until > now() + LONGEST_LEASE


def _leases() -> Select[Any]:
    return select(LeaseRow.tweet_id).where(_too_long()).order_by(LeaseRow.tweet_id)


def _places(session: Session) -> Iterator[tuple[int, float]]:
    """The tweets whose place in the random order is wrong, with the right one."""
    rows = select(QueueRow.tweet_id, QueueRow.place, TweetRow.key).join(TweetRow, TweetRow.id == QueueRow.tweet_id)
    for tweet_id, place, key in session.execute(rows.order_by(QueueRow.tweet_id).execution_options(yield_per=AT_ONCE)):
        if abs((right := draw(key, "order")) - place) > 1e-9:
            yield tweet_id, right


def _misplaced(session: Session) -> list[int]:
    return [tweet_id for tweet_id, _ in _places(session)]


def _move(session: Session) -> None:
    if right := [{"tweet_id": tweet_id, "place": place} for tweet_id, place in list(_places(session))]:
        session.execute(update(QueueRow), right)


def _wrongly_waiting(session: Session) -> list[int]:
    """The tweets of `overlap` that do not have exactly the decision that it names."""
    reviewers: dict[int, set[str]] = {}
    waiting = dict(session.execute(select(OverlapRow.tweet_id, OverlapRow.reviewer)).all())
    rows = select(DecisionRow.tweet_id, DecisionRow.reviewer).where(*overlap.stands())
    for tweet_id, reviewer in session.execute(rows.where(DecisionRow.tweet_id.in_(select(OverlapRow.tweet_id)))):
        reviewers.setdefault(tweet_id, set()).add(reviewer)
    return sorted(tweet_id for tweet_id, reviewer in waiting.items() if reviewers.get(tweet_id) != {reviewer})


def _search_problem(session: Session) -> str | None:
    """What is wrong with SQLite's index of words; it is compared with the texts, and nothing is changed."""
    if session.get_bind().dialect.name != "sqlite":
        return None
    try:
        with session.begin_nested():
            session.execute(text("INSERT INTO tweet_words(tweet_words, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError as error:
        return str(error.orig)
    return None
