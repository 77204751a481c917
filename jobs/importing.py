"""
Import: reads a data file into the store, in one transaction, and sets aside what it cannot read.

Importing the same file again changes nothing. A tweet is known by its ID, or by
its text where a file has no IDs; the original labels of a known tweet are never
overwritten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import commands, queries
from db.store import Store
from emoclf import rows
from emoclf.datafiles import Reject, read_tweets
from emoclf.tweets import Tweet

TEXT_KEY = "text-"  # how the keys of tweets without an ID begin


def import_file(store: Store, path: Path, split: str | None = None, rejects_in: Path = Path()) -> dict[str, Any]:
    """Import the tweets of `path`; return counts, and the file (in `rejects_in`) with the rows that were set aside.

    Raises
    ------
    DataFileError : if the file as a whole cannot be used; the store is unchanged then
    """
    file = read_tweets(path, split)
    with store.writing() as session:
        new, conflicts = sort_out(session, file.tweets)
        commands.add_tweets(session, new)
        twins = queries.twin_count(session)
    rejects = sorted([*file.rejects, *conflicts], key=lambda reject: reject.line)
    return {
        "imported": len(new),
        "unchanged": len(file.tweets) - len(new) - len(conflicts),
        "rejected": len(rejects),
        "rejects_file": str(write_rejects(rejects_in, path, rejects)) if rejects else None,
        "twins": twins,
    }


def sort_out(session: Session, tweets: Sequence[Tweet]) -> tuple[list[Tweet], list[Reject]]:
    """The tweets that the store lacks, and a reject for each that contradicts what it holds."""
    new: list[Tweet] = []
    conflicts: list[Reject] = []
    for chunk in commands.chunks(tweets):
        held = _Held(session, chunk)
        for tweet in chunk:
            known = held.original(tweet)
            if known is None:
                new.append(tweet)
            elif known != tweet.original:
                conflicts.append(_conflict(tweet, known))
    return new, conflicts


class _Held:
    """What the store holds of a few tweets, found by key, or by text where one side has no ID."""

    def __init__(self, session: Session, tweets: Sequence[Tweet]) -> None:
        keys = [tweet.key for tweet in tweets]
        found = queries.held_texts(session, keys, [commands.text_hash(tweet.text) for tweet in tweets])
        self.by_key = {key: original for key, _, original in found}
        self.by_text = {text: original for _, text, original in found}
        self.without_id = {text: original for key, text, original in found if key.startswith(TEXT_KEY)}

    def original(self, tweet: Tweet) -> frozenset[str] | None:
        if tweet.key in self.by_key:
            return self.by_key[tweet.key]
        same_text = self.by_text if tweet.key.startswith(TEXT_KEY) else self.without_id
        return same_text.get(commands.text_hash(tweet.text))


def _conflict(tweet: Tweet, known: frozenset[str]) -> Reject:
    here, there = (" ".join(sorted(labels)) or "no emotion" for labels in (tweet.original, known))
    reason = f"the store holds {tweet.key} with {there}, the file says {here}; originals are never overwritten"
    return Reject(tweet.line, reason, tweet.text)


def write_rejects(folder: Path, path: Path, rejects: Iterable[Reject]) -> Path:
    """Write the rejects of the data file `path` into `folder`, named after it; return where."""
    target = folder / f"{path.stem}.rejects.csv"
    rows.write(target, (asdict(reject) for reject in rejects), ["line", "reason", "row"])
    return target
