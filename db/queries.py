"""
Reads about tweets, labels and decisions: each takes a session and returns plain values.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from db import filters
from db.records import held_back
from db.tables.batches import BatchRow
from db.tables.core import CalibrationRow, DecisionRow, PredictionRow, QueueRow, RunRow, SuggestionRow, TweetRow
from db.values import Decided, Labelled, Predicted, QueueItem, Suggested
from emoclf.errors import NotFoundError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter

HELD_OUT = ("dev", "test")
REAL = TweetRow.origin == "imported"  # synthetic tweets have a queue and reads of their own, see db.synthetic


def queue_items(session: Session, ids: Sequence[int]) -> list[QueueItem]:
    """The tweets with these ids, in this order, with what each source says."""
    rows = session.execute(
        select(TweetRow, QueueRow).join(QueueRow, QueueRow.tweet_id == TweetRow.id).where(TweetRow.id.in_(ids))
    )
    found = {tweet.id: (tweet, queue) for tweet, queue in rows}
    suggestions, predictions = latest_suggestions(session, ids), best_predictions(session, ids)
    return [
        QueueItem(
            tweet_id=i,
            key=tweet.key,
            text=tweet.text,
            split=tweet.split,
            origin=tweet.origin,
            twin_group=tweet.twin_group,
            metadata=tweet.metadata_,
            original=tweet.original,
            doubt=queue.doubt,
            emotion=queue.emotion,
            suggestion=suggestions.get(i),
            prediction=predictions.get(i),
            decision_id=queue.decision_id,
        )
        for i in ids
        if i in found
        for tweet, queue in [found[i]]
    ]


def twin_originals(session: Session, items: Iterable[QueueItem]) -> dict[str, set[frozenset[str]]]:
    """The different original labels in each of these tweets' twin groups, by group."""
    groups = {item.twin_group for item in items}
    rows = select(TweetRow.twin_group, TweetRow.original).where(REAL, TweetRow.twin_group.in_(groups))
    found: dict[str, set[frozenset[str]]] = {}
    for group, original in session.execute(rows.distinct()):
        found.setdefault(group, set()).add(original)
    return found


def first_items(session: Session, split: str, limit: int) -> list[QueueItem]:
    """The first tweets of a split, as imported."""
    ids = select(TweetRow.id).where(REAL, TweetRow.split == split).order_by(TweetRow.id).limit(limit)
    return queue_items(session, list(session.scalars(ids)))


def tweets_with(session: Session, split: str, labels: frozenset[str], limit: int) -> list[int]:
    """The undecided tweets of a split whose originals hold all of these labels, most doubtful first."""
    mask = EMOTIONS.to_mask(labels)
    rows = select(TweetRow.id).join(QueueRow, QueueRow.tweet_id == TweetRow.id)
    has_all = type_coerce(TweetRow.original, Integer).bitwise_and(mask) == mask
    rows = rows.where(TweetRow.split == split, QueueRow.decision_id.is_(None), has_all)
    return list(session.scalars(rows.order_by(QueueRow.doubt.desc(), TweetRow.id).limit(limit)))


def latest_suggestions(session: Session, ids: Collection[int]) -> dict[int, Suggested]:
    """The newest suggestion for each of these tweets that has one."""
    rows = session.scalars(select(SuggestionRow).where(SuggestionRow.tweet_id.in_(ids)).order_by(SuggestionRow.id))
    return {row.tweet_id: Suggested(row.id, row.engine, row.prompt_version, row.probabilities) for row in rows}


def best_predictions(session: Session, ids: Collection[int]) -> dict[int, Predicted]:
    """For each tweet the one prediction that the review shows.

    First come predictions by a model that never trained on the tweet: a model agrees with what it trained on, so
    that even an older run, out of fold, says more about a label. Within these, and within the others, the promoted
    run comes first, then the newest. What a degenerate run predicts is shown only once a person has promoted it.
    """
    rows = session.scalars(
        select(PredictionRow)
        .join(RunRow, RunRow.id == PredictionRow.run_id)
        .where(PredictionRow.tweet_id.in_(ids), RunRow.id.not_in(held_back(session)))
        .order_by(PredictionRow.out_of_fold, RunRow.promoted, RunRow.id)  # the last of a tweet stays in the answer
    )
    return {row.tweet_id: Predicted(row.run_id, row.out_of_fold, row.probabilities, row.labels) for row in rows}


def all_items(session: Session, split: str | None = None, size: int = 2000) -> Iterator[list[QueueItem]]:
    """Every real tweet (of a split) with what each source says, in id order, in lists of at most `size`."""
    after, ordered = 0, select(TweetRow.id).where(REAL).order_by(TweetRow.id).limit(size)
    if split:
        ordered = ordered.where(TweetRow.split == split)
    while ids := list(session.scalars(ordered.where(TweetRow.id > after))):
        yield queue_items(session, ids)
        after = ids[-1]


def history(session: Session, reviewer: str, limit: int = 20) -> list[Decided]:
    """A reviewer's latest decisions that can still be undone, newest first; a batch is undone as a whole."""
    undo = aliased(DecisionRow)
    rows = session.scalars(
        select(DecisionRow)
        .outerjoin(undo, undo.undoes_id == DecisionRow.id)
        .where(DecisionRow.reviewer == reviewer, DecisionRow.kind == "decide", undo.id.is_(None))
        .where(DecisionRow.batch_id.is_(None))
        .order_by(DecisionRow.id.desc())
        .limit(limit)
    )
    return [
        Decided(row.id, row.event_id, row.tweet_id, row.reviewer, row.labels or frozenset(), row.created_at)
        for row in rows
    ]


def decision_log(session: Session) -> Iterator[dict[str, Any]]:
    """Every row of the decision log, oldest first, in plain words."""
    rows = select(DecisionRow, TweetRow.key, BatchRow.name).join(TweetRow, TweetRow.id == DecisionRow.tweet_id)
    rows = rows.outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    for row, key, batch in session.execute(rows.order_by(DecisionRow.id).execution_options(yield_per=1000)):
        yield {
            "event_id": row.event_id,
            "ID": key,
            "kind": row.kind,
            "reviewer": row.reviewer,
            "labels": " ".join(EMOTIONS.ordered(row.labels or ())),
            "right_sources": json.dumps(row.right_sources),
            "shown": json.dumps(row.shown, ensure_ascii=False),
            "seconds": row.seconds,
            "by_chance": row.by_chance,
            "blind": row.blind,
            "adjudicates": row.adjudicates,
            "guidelines": row.guidelines,
            "batch": batch,
            "created_at": row.created_at.isoformat(),
        }


def all_suggestions(session: Session) -> Iterator[tuple[str, str, Suggested]]:
    """(tweet key, text, suggestion) of every suggestion, oldest first."""
    rows = select(SuggestionRow, TweetRow.key, TweetRow.text).join(TweetRow, TweetRow.id == SuggestionRow.tweet_id)
    found = session.execute(rows.order_by(SuggestionRow.id).execution_options(yield_per=1000))
    for row, key, text in found:
        yield key, text, Suggested(row.id, row.engine, row.prompt_version, row.probabilities)


def tweet_id(session: Session, key: str) -> int:
    """The id of the tweet with this key.

    Raises
    ------
    NotFoundError : if there is none
    """
    found = session.scalar(select(TweetRow.id).where(REAL, TweetRow.key == key))
    if found is None:
        raise NotFoundError(f"there is no tweet {key!r}; `cli.py queue` lists tweets with their keys")
    return found


def some_keys(session: Session, n: int = 100) -> list[str]:
    """The keys of the first and the last n imported tweets: data sets are imported in one piece."""
    keys = select(TweetRow.key).where(TweetRow.origin == "imported")
    first, last = (session.scalars(keys.order_by(order).limit(n)) for order in (TweetRow.id, TweetRow.id.desc()))
    return [*first, *last]


def ids_by_key(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """The ids of the tweets with these keys."""
    rows = select(TweetRow.key, TweetRow.id).where(TweetRow.key.in_(keys))
    return dict(session.execute(rows).all())


def labelled(session: Session, splits: Collection[str], labels: str = "approved") -> list[Labelled]:
    """The real tweets of these splits with the labels that training uses, in id order.

    Parameters
    ----------
    labels : "original" takes what came with the data; "approved" the decision in
        force where there is one, else the original; "reviewed" only decided tweets
    """
    rows = select(TweetRow, DecisionRow, BatchRow.name).join(QueueRow, QueueRow.tweet_id == TweetRow.id)
    rows = rows.join(DecisionRow, DecisionRow.id == QueueRow.decision_id, isouter=labels != "reviewed")
    rows = rows.outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    found = session.execute(rows.where(REAL, TweetRow.split.in_(splits)).order_by(TweetRow.id))
    return [_labelled(tweet, None if labels == "original" else decision, batch) for tweet, decision, batch in found]


def _labelled(tweet: TweetRow, decision: DecisionRow | None, batch: str | None) -> Labelled:
    base = (tweet.id, tweet.key, tweet.text, tweet.split, tweet.twin_group)
    if decision is None:
        return Labelled(*base, labels=tweet.original, label_origin="original")
    chosen = decision.labels if decision.labels is not None else frozenset()
    return Labelled(*base, chosen, "decision", decision.reviewer, decision.created_at, decision.blind, batch)


def held_out_groups(session: Session) -> set[str]:
    """The twin groups of dev and test tweets: nothing in them may be trained on."""
    return set(session.scalars(select(TweetRow.twin_group).where(TweetRow.split.in_(HELD_OUT))))


def unsuggested(
    session: Session,
    engine: str,
    prompt_version: str,
    splits: Collection[str],
    limit: int | None = None,
    wanted: Filter | None = None,
) -> list[tuple[int, str]]:
    """(id, text) of the tweets that this engine and prompt have not answered, most doubtful first, then as imported.

    Parameters
    ----------
    wanted : only the tweets that the review shows with this filter, of its split; None: all of `splits`
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
        .order_by(QueueRow.doubt.desc(), TweetRow.id)
        .limit(limit)
    )
    return [(i, text) for i, text in session.execute(waiting)]


def suggested_since(session: Session, engine: str, prompt_version: str, since: dt.datetime) -> int:
    """How many tweets this engine and prompt have answered since a moment."""
    rows = select(func.count()).select_from(SuggestionRow)
    of_engine = (SuggestionRow.engine == engine, SuggestionRow.prompt_version == prompt_version)
    return session.scalar(rows.where(*of_engine, SuggestionRow.created_at >= since)) or 0


def unpredicted(session: Session, run_id: int) -> list[tuple[int, str, str]]:
    """(id, text, twin group) of the real tweets that a run has not spoken on at all, in id order."""
    spoken = select(PredictionRow.tweet_id).where(PredictionRow.run_id == run_id)
    waiting = select(TweetRow.id, TweetRow.text, TweetRow.twin_group).where(REAL, TweetRow.id.not_in(spoken))
    return [(i, text, group) for i, text, group in session.execute(waiting.order_by(TweetRow.id))]


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
        )
    )
    return [(probabilities, original) for probabilities, original in session.execute(rows)]


def engines(session: Session) -> list[tuple[str, str]]:
    """Every (engine, prompt version) that has made suggestions."""
    rows = session.execute(select(SuggestionRow.engine, SuggestionRow.prompt_version).distinct())
    return [(engine, version) for engine, version in rows]


def calibrations(session: Session) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest calibration of each (engine, prompt version)."""
    rows = session.scalars(select(CalibrationRow).order_by(CalibrationRow.id))
    return {(row.engine, row.prompt_version): row.parameters for row in rows}


def held(session: Session, keys: Sequence[str], hashes: Sequence[str]) -> list[tuple[str, str, str, frozenset[str]]]:
    """(key, text hash, split, original) of the stored tweets that have one of these keys or text hashes."""
    rows = select(TweetRow.key, TweetRow.text_hash, TweetRow.split, TweetRow.original)
    rows = rows.where(TweetRow.key.in_(keys) | (REAL & TweetRow.text_hash.in_(hashes)))
    return [(key, text, split, original) for key, text, split, original in session.execute(rows)]


def twin_count(session: Session) -> int:
    """How many tweets have a twin in the store."""
    groups = select(func.count().label("n")).select_from(TweetRow).where(REAL).group_by(TweetRow.twin_group)
    sizes = groups.having(func.count() > 1).subquery()
    return session.scalar(select(func.coalesce(func.sum(sizes.c.n), 0))) or 0
