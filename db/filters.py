"""
Translates review filters into SQL, counts their matches, and stores saved filters.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    table,
    type_coerce,
)
from sqlalchemy.orm import Session

from db import imports
from db.guidelines import is_outdated
from db.tables.annotations import FlagRow, GuidelineRow, SavedFilterRow
from db.tables.batches import BatchTweetRow
from db.tables.core import DecisionRow, QueueRow, TweetRow
from emoclf.labels import EMOTIONS
from emoclf.review.filters import SOURCES, Filter, parse

WORDS = table("tweet_words", column("rowid", Integer), column("tweet_words", Text))  # SQLite's full-text index (FTS5)
HAS_ORIGINAL = QueueRow.original.is_not(None)
NOT_BY_INDEX: ColumnElement[int] = literal_column("+queue.tweet_id", Integer)  # plus: SQLite uses no index


def conditions(session: Session, wanted: Filter, one_by_one: bool = False) -> list[ColumnElement[bool]]:
    """The conditions that a row of the queue must fulfil to be in the list, decided or not.

    Parameters
    ----------
    one_by_one : set for lists in id order; otherwise SQLite would gather and sort all tweets that contain a word
    """
    low, high = wanted.doubt_range
    found = [QueueRow.split == wanted.split, *_source_conditions(wanted)]
    if wanted.doubt:  # a comparison with original labels, so that tweets without them have none
        found += [QueueRow.doubt.between(low, high), HAS_ORIGINAL]
    if wanted.original:
        found.append(HAS_ORIGINAL if wanted.original == "yes" else ~HAS_ORIGINAL)
    if wanted.reviewer:
        judged = (DecisionRow.reviewer == wanted.reviewer, DecisionRow.batch_id.is_(None))
        found.append(QueueRow.decision_id.in_(select(DecisionRow.id).where(*judged)))
    if wanted.batch:
        accepted = DecisionRow.batch_id == int(wanted.batch)
        found.append(QueueRow.decision_id.in_(select(DecisionRow.id).where(accepted)))
    if wanted.sample:
        to_check = (BatchTweetRow.batch_id == int(wanted.sample), BatchTweetRow.sampled)
        found.append(QueueRow.tweet_id.in_(select(BatchTweetRow.tweet_id).where(*to_check)))
    if wanted.outdated:
        found.append(QueueRow.decision_id.in_(select(DecisionRow.id).where(is_outdated(wanted.outdated))))
    if wanted.flagged:
        found += [QueueRow.flagged.is_(True), QueueRow.tweet_id.in_(select(FlagRow.tweet_id))]  # few rows
    tweet_id = NOT_BY_INDEX if one_by_one and _dialect(session) == "sqlite" else QueueRow.tweet_id
    return [*found, *(tweet_id.in_(ids) for ids in _having(session, wanted.text))]


def state(wanted: Filter) -> list[ColumnElement[bool]]:
    """The conditions of the filter on the decision."""
    is_decided: dict[str, list[ColumnElement[bool]]]
    is_decided = {"no": [QueueRow.decision_id.is_(None)], "yes": [QueueRow.decision_id.is_not(None)], "any": []}
    return is_decided[wanted.state]


def count(session: Session, wanted: Filter) -> int:
    """Count the tweets that match a filter, decided or not."""
    return _count(session, wanted)


def listed(session: Session, wanted: Filter) -> int:
    """Count the tweets of a filter that the review shows: undecided ones, unless the filter asks for others."""
    if wanted.state == "yes":
        return decided(session, wanted)
    if wanted.state == "any":
        return count(session, wanted)
    undecided = func.count() - func.count(QueueRow.decision_id)  # a condition on it would use an index, slower here
    return session.scalar(select(undecided).select_from(QueueRow).where(*conditions(session, wanted))) or 0


def decided(session: Session, wanted: Filter) -> int:
    """Count the tweets of a filter that have a decision in force."""
    return _count(session, wanted, QueueRow.decision_id.is_not(None))


def unlabelled(session: Session) -> dict[str, int]:
    """Count the tweets without original labels of each split that has some, by an index of these tweets alone."""
    rows = select(QueueRow.split, func.count()).where(~HAS_ORIGINAL).group_by(QueueRow.split)
    return dict(session.execute(rows).all())


def _count(session: Session, wanted: Filter, *more: ColumnElement[bool]) -> int:
    """Count the tweets of a filter under further conditions.

    All tweets with original labels are counted as all tweets without the others: indexes hold both.
    """
    if wanted.original == "yes" and replace(wanted, original="").is_plain:
        everything, others = (_count(session, replace(wanted, original=original), *more) for original in ("", "no"))
        return everything - others
    rows = select(func.count()).select_from(QueueRow).where(*conditions(session, wanted), *more)
    return session.scalar(rows) or 0


def stamp(session: Session) -> tuple[int, ...]:
    """A value that changes with every decision, flag, guideline and import, so that counts can be cached."""
    newest = func.max(DecisionRow.id), func.max(FlagRow.id), func.max(GuidelineRow.version)
    return *(session.scalar(select(one)) or 0 for one in newest), *imports.stamp(session)


def save(session: Session, name: str, wanted: Filter) -> None:
    """Save a filter under a name, replacing an earlier one with this name."""
    session.merge(SavedFilterRow(name=name, query=json.dumps(wanted.to_query())))


def saved(session: Session) -> dict[str, Filter]:
    """The saved filters, sorted by name."""
    rows = session.scalars(select(SavedFilterRow).order_by(SavedFilterRow.name))
    return {row.name: parse(json.loads(row.query)) for row in rows}


def forget(session: Session, name: str) -> None:
    """Delete a saved filter."""
    session.execute(delete(SavedFilterRow).where(SavedFilterRow.name == name))


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _mask(source: str) -> ColumnElement[int]:
    """The labels of a source for a tweet, one bit per emotion; NULL if the source gave none."""
    decision = select(DecisionRow.labels).where(DecisionRow.id == QueueRow.decision_id).scalar_subquery()
    columns = {"original": QueueRow.original, "suggestion": QueueRow.suggested, "prediction": QueueRow.predicted}
    return type_coerce(columns.get(source, decision), Integer)


def _source_conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    bit = EMOTIONS.to_mask({wanted.emotion}) if wanted.emotion else EMOTIONS.to_mask(EMOTIONS.names)
    if wanted.differ:
        one, other = wanted.differ.split("-")
        yield _mask(one).bitwise_and(bit) != _mask(other).bitwise_and(bit)
    if wanted.source or (wanted.emotion and not wanted.differ):
        sources = [wanted.source] if wanted.source else SOURCES
        yield or_(*(_mask(source).bitwise_and(bit) > 0 for source in sources))


def _having(session: Session, text: str) -> Iterator[Select[int]]:
    """The ids of the tweets that match a search text: one statement for words, one for other characters."""
    parts = text.split()
    words = [part for part in parts if any(sign.isalnum() for sign in part)]
    if words and _dialect(session) == "postgresql":
        vector = func.to_tsvector("simple", TweetRow.text)
        yield select(TweetRow.id).where(vector.bool_op("@@")(func.plainto_tsquery("simple", " ".join(words))))
    elif words:
        quoted = " ".join('"' + word.replace('"', '""') + '"' for word in words)
        yield select(WORDS.c.rowid).where(WORDS.c.tweet_words.match(quoted))
    for part in parts:
        if part not in words:
            yield select(TweetRow.id).where(TweetRow.text.contains(part, autoescape=True))
