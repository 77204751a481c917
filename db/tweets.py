"""
Reads and writes tweets and their labels, with held-out twin groups kept apart from training.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Integer, Table, func, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from db.chunking import chunks
from db.imports import new_ids
from db.tables.batches import BatchRow
from db.tables.columns import now
from db.tables.core import DecisionRow, QueueRow, TweetRow
from db.values import Labelled, QueueItem
from emoclf.errors import NotFoundError
from emoclf.labels import EMOTIONS
from emoclf.review.seeded_draws import draw
from emoclf.text.twins import twin_key
from emoclf.tweets import Tweet

HELD_OUT = ("dev", "test")
REAL = TweetRow.origin == "imported"  # synthetic tweets have a queue and reads of their own, see db.synthetic
_HELD_OUT_GROUPS = select(TweetRow.twin_group).where(TweetRow.split.in_(HELD_OUT))
# What a training may learn from: train tweets that are no twins of held-out tweets.
TRAINABLE = (TweetRow.split == "train") & TweetRow.twin_group.not_in(_HELD_OUT_GROUPS)
AT_ONCE = 5000  # tweets per statement
_TWEETS, _QUEUE = cast(Table, TweetRow.__table__), cast(Table, QueueRow.__table__)
# With RETURNING, SQLAlchemy adds many rows in one statement. SQLite's full-text index writes to disk at the end of each
# statement, so that a statement per row takes four times as long.
_ADD_TWEETS, _ADD_TO_QUEUE = insert(_TWEETS).returning(_TWEETS.c.id), insert(_QUEUE)


@dataclass(frozen=True)
class StoredTweet:
    """What an import compares with a file."""

    key: str
    text_hash: str
    split: str
    original: frozenset[str] | None  # None: it came without labels
    is_decided: bool


def add_tweets(session: Session, tweets: Iterable[Tweet], import_id: int | None = None) -> list[int]:
    """Add tweets that the store does not contain yet, each at the end of the review queue; return their ids.

    Parameters
    ----------
    import_id : the import that they come with; its record must exist
    """
    added: list[int] = []
    connection, moment = session.connection(), now()  # plain inserts: a file may have 100,000 rows
    for chunk in chunks(tweets, AT_ONCE):
        ids = new_ids(session, len(chunk))
        rows = [
            {
                "id": tweet_id,
                "key": tweet.key,
                "text": tweet.text,
                "text_hash": text_hash(tweet.text),
                "split": tweet.split,
                "origin": tweet.origin,
                "twin_group": twin_key(tweet.text),
                "original": tweet.original,
                "metadata": tweet.metadata,
                "created_at": moment,
                "import_id": import_id,
            }
            for tweet_id, tweet in zip(ids, chunk, strict=True)
        ]
        queue = [
            {
                "tweet_id": tweet_id,
                "split": tweet.split,
                "original": tweet.original,
                "doubt": 0.0,
                "gain": 0.0,
                "flagged": False,
                "place": draw(tweet.key, "order"),
            }
            for tweet_id, tweet in zip(ids, chunk, strict=True)
        ]
        connection.execute(_ADD_TWEETS, rows)
        connection.execute(_ADD_TO_QUEUE, queue)
        added += ids
    return added


def text_hash(text: str) -> str:
    """A hash that is equal only for identical texts."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def twin_originals(session: Session, items: Iterable[QueueItem]) -> dict[str, set[frozenset[str]]]:
    """The distinct original labels in the twin group of each of these tweets, by group."""
    groups = {item.twin_group for item in items}
    rows = select(TweetRow.twin_group, TweetRow.original).where(REAL, TweetRow.twin_group.in_(groups))
    found: dict[str, set[frozenset[str]]] = {}
    for group, original in session.execute(rows.distinct()):
        found.setdefault(group, set()).update([original] if original is not None else [])
    return found


def tweets_with(session: Session, split: str, labels: frozenset[str], limit: int) -> list[int]:
    """The undecided tweets of a split whose original labels include all of these, most doubtful first."""
    mask = EMOTIONS.to_mask(labels)
    rows = select(TweetRow.id).join(QueueRow, QueueRow.tweet_id == TweetRow.id)
    has_all = type_coerce(TweetRow.original, Integer).bitwise_and(mask) == mask
    rows = rows.where(TweetRow.split == split, QueueRow.decision_id.is_(None), has_all)
    return list(session.scalars(rows.order_by(QueueRow.doubt.desc(), TweetRow.id).limit(limit)))


def find_tweet(session: Session, key: str) -> int:
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
    """The keys of the first and the last n imported tweets; a data set is imported as a whole."""
    keys = select(TweetRow.key).where(TweetRow.origin == "imported")
    first, last = (session.scalars(keys.order_by(order).limit(n)) for order in (TweetRow.id, TweetRow.id.desc()))
    return [*first, *last]


def ids_by_key(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """The ids of the tweets with these keys."""
    rows = select(TweetRow.key, TweetRow.id).where(TweetRow.key.in_(keys))
    return dict(session.execute(rows).all())


def labelled_tweets(session: Session, splits: Collection[str], labels: str = "approved") -> list[Labelled]:
    """The real tweets of these splits with their labels for training, in id order.

    Parameters
    ----------
    labels : "original" uses the imported labels; "approved" the decision in force if there is one, else the original;
        "reviewed" only decided tweets. Tweets that then have no labels are left out
    """
    return _labelled_where(session, labels, TweetRow.split.in_(splits))


def scored_tweets(session: Session, split: str, target: str = "original") -> list[Labelled]:
    """The tweets of a split that a run can be scored on, in id order, with their "original" or "approved" labels.

    A tweet that came without labels has the decision in force on both sides, and is left out while there is none.
    """
    approved = labelled_tweets(session, [split])
    if target != "original":
        return approved
    originals = {tweet.tweet_id: tweet for tweet in labelled_tweets(session, [split], "original")}
    return [originals.get(tweet.tweet_id, tweet) for tweet in approved]


def training_tweets(session: Session, labels: str = "approved") -> list[Labelled]:
    """The real tweets that a training may learn from, in id order: train without the twins of dev and test tweets.

    `labels` as in `labelled_tweets`.
    """
    return _labelled_where(session, labels, TRAINABLE)


def _labelled_where(session: Session, labels: str, wanted: ColumnElement[bool]) -> list[Labelled]:
    rows = select(TweetRow, DecisionRow, BatchRow.name).join(QueueRow, QueueRow.tweet_id == TweetRow.id)
    rows = rows.join(DecisionRow, DecisionRow.id == QueueRow.decision_id, isouter=labels != "reviewed")
    rows = rows.outerjoin(BatchRow, BatchRow.id == DecisionRow.batch_id)
    found = session.execute(rows.where(REAL, wanted).order_by(TweetRow.id))
    each = (_labelled(tweet, None if labels == "original" else decision, batch) for tweet, decision, batch in found)
    return [one for one in each if one is not None]


def _labelled(tweet: TweetRow, decision: DecisionRow | None, batch: str | None) -> Labelled | None:
    base = (tweet.id, tweet.key, tweet.text, tweet.split, tweet.twin_group)
    if decision is None:
        return None if tweet.original is None else Labelled(*base, labels=tweet.original, label_origin="original")
    chosen = decision.labels if decision.labels is not None else frozenset()
    return Labelled(*base, chosen, "decision", decision.reviewer, decision.created_at, decision.blind, batch)


def held_out_groups(session: Session) -> set[str]:
    """The twin groups of dev and test tweets: nothing in them may be trained on."""
    return set(session.scalars(_HELD_OUT_GROUPS))


def is_empty(session: Session) -> bool:
    """Whether the store has no tweets."""
    return session.scalar(select(TweetRow.id).limit(1)) is None


def stored_tweets(session: Session, keys: Sequence[str], hashes: Sequence[str]) -> list[StoredTweet]:
    """The stored tweets that have one of these keys or text hashes."""
    is_decided = QueueRow.decision_id.is_not(None)
    rows = select(TweetRow.key, TweetRow.text_hash, TweetRow.split, TweetRow.original, is_decided)
    rows = rows.outerjoin(QueueRow, QueueRow.tweet_id == TweetRow.id)
    rows = rows.where(TweetRow.key.in_(keys) | (REAL & TweetRow.text_hash.in_(hashes)))
    return [StoredTweet(*row) for row in session.execute(rows)]


def texts_of(session: Session, ids: Sequence[int]) -> list[str]:
    """The texts of these tweets, in this order."""
    found: dict[int, str] = {}
    for chunk in chunks(ids):
        found.update(session.execute(select(TweetRow.id, TweetRow.text).where(TweetRow.id.in_(chunk))).all())
    return [found[i] for i in ids]


def add_originals(session: Session, originals: Mapping[str, frozenset[str]], import_id: int) -> None:
    """Add the original labels, by key, of stored tweets that came without labels, in the name of an import."""
    for chunk in chunks(originals):
        found = ids_by_key(session, chunk).items()
        named = [{"id": i, "original": originals[key], "labels_import_id": import_id} for key, i in found]
        session.execute(update(TweetRow), named)
        session.execute(update(QueueRow), [{"tweet_id": i, "original": originals[key]} for key, i in found])


def unlabelled_count(session: Session) -> int:
    """Count the tweets without any labels: they came without originals, and no decision is in force."""
    rows = select(func.count()).select_from(QueueRow)
    return session.scalar(rows.where(QueueRow.original.is_(None), QueueRow.decision_id.is_(None))) or 0


def left_out_of_training(session: Session) -> int:
    """Count the train tweets that a training leaves out, since they are twins of dev or test tweets."""
    twins = TweetRow.twin_group.in_(_HELD_OUT_GROUPS)
    return session.scalar(select(func.count()).where(REAL, TweetRow.split == "train", twins)) or 0


def twin_count(session: Session) -> int:
    """Count the tweets that have a twin in the store."""
    groups = select(func.count().label("n")).select_from(TweetRow).where(REAL).group_by(TweetRow.twin_group)
    sizes = groups.having(func.count() > 1).subquery()
    return session.scalar(select(func.coalesce(func.sum(sizes.c.n), 0))) or 0
