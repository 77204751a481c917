"""
Imports a data file of tweets into the store in one transaction, and writes unreadable rows to a rejects file.

Importing the same file again changes nothing. A tweet is identified by its ID, or by its text if the file has no IDs.
The original labels of a stored tweet are never overwritten. A tweet that came without labels takes them from a later
file while nobody has decided it.
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
from db.tweets import StoredTweet
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
        labels = [tweet.original for tweet in file.tweets if tweet.original is not None]
        check_content(path.name, [tweet.text for tweet in file.tweets], labels)
    with store.writing() as session:
        new, labels_added, conflicts = sort_out(session, file.tweets)
        stored_tweets.add_tweets(session, new)
        stored_tweets.add_originals(session, labels_added)
        rejects = sorted([*file.rejects, *conflicts], key=lambda reject: reject.line)
        rejects_file = write_rejects(rejects_in, path, rejects) if rejects else None
        twins = stored_tweets.twin_count(session)
    answer = how_read(file, file.tweets, rejects)
    return {
        "imported": len(new),
        "unlabelled": sum(tweet.original is None for tweet in new) or None,
        "labels_added": len(labels_added) or None,
        "unchanged": len(file.tweets) - len(new) - len(labels_added) - len(conflicts),
        "rejected": len(rejects),
        "rejects_file": str(rejects_file) if rejects_file else None,
        "twins": twins,
        "split": file.split,
        **answer,
        "words": [*answer["words"], *_added(len(labels_added))],
    }


def _added(n: int) -> list[str]:
    return [f"Labels added to {n:,} {'tweet' if n == 1 else 'tweets'} stored without labels."] if n else []


def sort_out(session: Session, tweets: Sequence[Tweet]) -> tuple[list[Tweet], dict[str, frozenset[str]], list[Reject]]:
    """The tweets that are new, the labels for tweets stored without them, by key, and a reject for each conflict."""
    new: list[Tweet] = []
    labels: dict[str, frozenset[str]] = {}
    conflicts: list[Reject] = []
    for chunk in chunks(tweets):
        stored = _Stored(session, chunk)
        for tweet in chunk:
            known = stored.find(tweet)
            if known is None:
                new.append(tweet)
            elif problem := _contradiction(tweet, known):
                conflicts.append(Reject(tweet.line, problem, tweet.text))
            elif known.original is None and tweet.original is not None:
                labels[known.key] = tweet.original
    return new, labels, conflicts


class _Stored:
    """The stored versions of a few tweets, found by key, or by text if either side has no ID."""

    def __init__(self, session: Session, tweets: Sequence[Tweet]) -> None:
        keys = [tweet.key for tweet in tweets]
        found = stored_tweets.stored_tweets(session, keys, [stored_tweets.text_hash(tweet.text) for tweet in tweets])
        self.by_key = {known.key: known for known in found}
        self.by_text = {known.text_hash: known for known in found}
        self.without_id = {known.text_hash: known for known in found if known.key.startswith(TEXT_KEY)}

    def find(self, tweet: Tweet) -> StoredTweet | None:
        """The stored version of this tweet, or None."""
        if tweet.key in self.by_key:
            return self.by_key[tweet.key]
        same_text = self.by_text if tweet.key.startswith(TEXT_KEY) else self.without_id
        return same_text.get(stored_tweets.text_hash(tweet.text))


def _contradiction(tweet: Tweet, known: StoredTweet) -> str:
    """How a file contradicts the stored version of a tweet; empty if it does not."""
    split, original = known.split, known.original
    if known.text_hash != stored_tweets.text_hash(tweet.text):
        return f"the store holds another text with ID {tweet.key}; give the tweets of this file other IDs"
    if split != tweet.split:
        first = "a tweet stays in the split into which it was first imported"
        return f"the store holds it in {split}, the file says {tweet.split}; {first}"
    if tweet.original is None or original == tweet.original:
        return ""
    here = _in_words(tweet.original)
    if original is not None:
        return f"the store holds it with {_in_words(original)}, the file says {here}; originals are never overwritten"
    if known.is_decided:
        return f"the store holds it without labels and decided since, the file says {here}; the decision stays"
    return ""


def _in_words(labels: frozenset[str]) -> str:
    return " ".join(EMOTIONS.ordered(labels)) or "no emotion"


def write_rejects(folder: Path, path: Path, rejects: Iterable[Reject]) -> Path:
    """Write the rejects of the data file `path` to a new file in `folder`, named after it; return its path."""
    names = (f"{path.stem}.rejects{f'-{n}' if n else ''}.csv" for n in count())
    target = next(folder / name for name in names if not (folder / name).exists())
    rows.write(target, (asdict(reject) for reject in rejects), ["line", "reason", "row"])
    return target
