"""
Imports a data file of tweets into the store in one transaction, and writes unreadable rows to a rejects file.

Importing the same file again changes nothing. A tweet is identified by its ID, or by its text if the file has no IDs.
The original labels of a stored tweet are never overwritten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import tweets as stored_tweets
from db.chunking import chunks
from db.store import Store
from emoclf.files import rows
from emoclf.files.answers import how_read
from emoclf.files.cells import Reject, nothing_read
from emoclf.files.checks import check_content
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from emoclf.tweets import Tweet

TEXT_KEY = "text-"  # prefix of the keys of tweets without an ID


def import_file(
    store: Store, path: Path, split: str | None = None, rejects_in: Path = Path(), reading: Reading = AS_FOUND
) -> dict[str, Any]:
    """Import the tweets of `path`; return counts, how the file was read, and the path of the rejects file.

    Parameters
    ----------
    split : train, dev or test for every tweet; None: from the column `split`, or else the file's name
    rejects_in : the folder of the rejects file
    reading : what the user says about the file

    Raises
    ------
    DataFileError : if no row can be read or the rejects cannot be written; the store does not change
    SettingError : if the file can be read in several ways, or looks misread and `reading` does not confirm it
    """
    file = read_tweets(path, split, reading)
    if not file.tweets:
        raise nothing_read(path.name, file.rejects)
    if not reading.confirm:
        check_content(path.name, [tweet.text for tweet in file.tweets], [tweet.original for tweet in file.tweets])
    with store.writing() as session:
        new, conflicts = sort_out(session, file.tweets)
        stored_tweets.add_tweets(session, new)
        rejects = sorted([*file.rejects, *conflicts], key=lambda reject: reject.line)
        rejects_file = write_rejects(rejects_in, path, rejects) if rejects else None
        twins = stored_tweets.twin_count(session)
    return {
        "imported": len(new),
        "unchanged": len(file.tweets) - len(new) - len(conflicts),
        "rejected": len(rejects),
        "rejects_file": str(rejects_file) if rejects_file else None,
        "twins": twins,
        "split": file.split,
        **how_read(file, file.tweets, rejects),
    }


def sort_out(session: Session, tweets: Sequence[Tweet]) -> tuple[list[Tweet], list[Reject]]:
    """The tweets that are new to the store, and a reject for each tweet that contradicts the store."""
    new: list[Tweet] = []
    conflicts: list[Reject] = []
    for chunk in chunks(tweets):
        stored = _Stored(session, chunk)
        for tweet in chunk:
            known = stored.find(tweet)
            if known is None:
                new.append(tweet)
            elif problem := _contradiction(tweet, *known):
                conflicts.append(Reject(tweet.line, problem, tweet.text))
    return new, conflicts


class _Stored:
    """The stored versions of a few tweets, found by key, or by text if either side has no ID."""

    def __init__(self, session: Session, tweets: Sequence[Tweet]) -> None:
        keys = [tweet.key for tweet in tweets]
        found = stored_tweets.stored_tweets(session, keys, [stored_tweets.text_hash(tweet.text) for tweet in tweets])
        self.by_key = {key: known for key, *known in found}
        self.by_text = {known[0]: known for _, *known in found}
        self.without_id = {known[0]: known for key, *known in found if key.startswith(TEXT_KEY)}

    def find(self, tweet: Tweet) -> Sequence[Any] | None:
        """(text hash, split, original) of the stored version of this tweet, or None."""
        if tweet.key in self.by_key:
            return self.by_key[tweet.key]
        same_text = self.by_text if tweet.key.startswith(TEXT_KEY) else self.without_id
        return same_text.get(stored_tweets.text_hash(tweet.text))


def _contradiction(tweet: Tweet, text_hash: str, split: str, original: frozenset[str]) -> str:
    """How a file contradicts the stored version of a tweet; empty if it does not."""
    if text_hash != stored_tweets.text_hash(tweet.text):
        return f"the store holds another text with ID {tweet.key}; give the tweets of this file other IDs"
    if split != tweet.split:
        first = "a tweet stays in the split into which it was first imported"
        return f"the store holds it in {split}, the file says {tweet.split}; {first}"
    if original != tweet.original:
        here, there = (" ".join(EMOTIONS.ordered(labels)) or "no emotion" for labels in (tweet.original, original))
        return f"the store holds it with {there}, the file says {here}; originals are never overwritten"
    return ""


def write_rejects(folder: Path, path: Path, rejects: Iterable[Reject]) -> Path:
    """Write the rejects of the data file `path` to a new file in `folder`, named after it; return its path."""
    names = (f"{path.stem}.rejects{f'-{n}' if n else ''}.csv" for n in count())
    target = next(folder / name for name in names if not (folder / name).exists())
    rows.write(target, (asdict(reject) for reject in rejects), ["line", "reason", "row"], for_spreadsheet=True)
    return target
