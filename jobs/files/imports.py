"""
Imports a data file of tweets into the store in one transaction, and writes unreadable rows to a rejects file.

Importing the same file again changes nothing. A tweet is identified by its ID, or by its text if the file has no IDs.
The original labels of a stored tweet are never overwritten. A tweet that came without labels takes them from a later
file while nobody has decided it. An import that adds tweets, labels or suggestions is recorded, and each of its tweets
names it; `jobs/files/import_changes.py` undoes it or moves its tweets.
"""

import getpass
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import imports as stored_imports
from db import tweets as stored_tweets
from db.chunking import chunks
from db.imports import Import
from db.store import Store
from db.tables.columns import now
from db.tweets import StoredTweet
from emoclf.files.answers import how_read
from emoclf.files.cells import TEXT_KEY, Reject
from emoclf.files.checks import check_content
from emoclf.files.collection_pause import collection_pause
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.reject_reasons import nothing_read
from emoclf.files.tweet_files import DataFile, read_tweets
from emoclf.labels import EMOTIONS
from emoclf.tweets import Tweet
from jobs.doubts import ranking
from jobs.files.imported_suggestions import store_suggestions
from jobs.files.rejects import rejects_written, write_rejects

AT_ONCE = 5000  # tweets that are looked up in one statement


def import_file(
    store: Store,
    path: Path,
    split: str | None = None,
    rejects_in: Path = Path(),
    reading: Reading = AS_FOUND,
    by: str | None = None,
) -> dict[str, Any]:
    """Import the tweets of `path`; return counts, how the file was read, and the path of the rejects file.

    Parameters
    ----------
    split : train, dev or test for every tweet; None: from the column `split`, or else the file's name
    rejects_in : the folder of the rejects file
    reading : what the user says about the file
    by : who imports it, for the record of the import; None: the user of this computer

    Raises
    ------
    NothingReadError : if every row is rejected, when it is read or by the store; the rejects are written nevertheless
    DataFileError : if the file cannot be read or the rejects cannot be written; the store does not change
    SettingError : if the file can be read in several ways, or looks misread and `reading` does not confirm it
    """
    with rejects_written(rejects_in, path):
        return _import(store, path, read_file(path, split, reading), rejects_in, by)


def _import(store: Store, path: Path, file: DataFile, rejects_in: Path, by: str | None) -> dict[str, Any]:
    sha256 = hash_of(path)
    with collection_pause(), store.writing() as session:
        found = compare(session, file)
        found.check_any(path.name)
        same = stored_imports.same_file(session, sha256)
        record = {
            "file": unicodedata.normalize("NFC", path.name),
            "sha256": sha256,
            "imported_by": by or user_of_computer(),
            "created_at": (at := now()),
        }
        number = _add(session, found, record) if found.new or found.labels else None
        added, suggested = store_suggestions(session, file.suggestions, found.stored, at)
        if added and number is None:
            number = _add(session, found, record)  # of suggestions alone, so that these can be undone, too
        rejects_file = write_rejects(rejects_in, path, found.rejects) if found.rejects else None
        twins = stored_tweets.twin_count(session)
    if suggested:
        ranking.refresh(store)
    read = how_read(file, found.conflicts)
    return {
        "import": number,
        "imported": len(found.new),
        "unlabelled": sum(tweet.original is None for tweet in found.new) or None,
        "labels_added": len(found.labels) or None,
        "unchanged": found.unchanged,
        "rejected": len(found.rejects),
        "rejects_file": str(rejects_file) if rejects_file else None,
        "twins": twins,
        "split": file.split,
        **read,
        "words": [*read["words"], *found.notes, *suggested, *([same_file(same)] if same else [])],
    }


def read_file(path: Path, split: str | None, reading: Reading) -> DataFile:
    """Read the tweets of a file; the only way in which the import and its preview read one.

    Raises
    ------
    DataFileError, SettingError : as `import_file`
    """
    with collection_pause():
        file = read_tweets(path, split, reading)
    if not file.tweets:
        raise nothing_read(path.name, file.rejects, file.unit)
    if not reading.confirm:
        labels = [tweet.original for tweet in file.tweets if tweet.original is not None]
        check_content(path.name, [tweet.text for tweet in file.tweets], labels)
    return file


@dataclass(frozen=True)
class Compared:
    """A file, compared with the store."""

    file: DataFile
    new: Sequence[Tweet]  # tweets that the store does not contain
    labels: Mapping[str, frozenset[str]]  # labels for tweets stored without them, by the key in the store
    conflicts: Sequence[Reject]  # tweets that contradict the store

    @property
    def unchanged(self) -> int:
        """The number of tweets that the store contains as they are."""
        return len(self.file.tweets) - len(self.new) - len(self.labels) - len(self.conflicts)

    @property
    def stored(self) -> list[Tweet]:
        """The tweets that the store contains after the import."""
        refused = {reject.line for reject in self.conflicts}
        return [tweet for tweet in self.file.tweets if tweet.line not in refused] if refused else self.file.tweets

    @property
    def rejects(self) -> list[Reject]:
        """The rows that cannot be stored, by line."""
        return sorted([*self.file.rejects, *self.conflicts], key=lambda reject: reject.line)

    @property
    def notes(self) -> list[str]:
        """What else the import changes, in sentences."""
        n = len(self.labels)
        return [f"Labels for {n:,} {'tweet' if n == 1 else 'tweets'} stored without labels."] if n else []

    def check_any(self, name: str) -> None:
        """Raise NothingReadError if every row of the file `name` is rejected, so that an import would do nothing."""
        if len(self.conflicts) == len(self.file.tweets):
            raise nothing_read(name, self.rejects, self.file.unit, "stored")


def compare(session: Session, file: DataFile) -> Compared:
    """Sort the tweets of a file into those that are new to the store, known to it, and in contradiction to it."""
    if stored_tweets.is_empty(session):
        return Compared(file, file.tweets, {}, [])
    new: list[Tweet] = []
    labels: dict[str, frozenset[str]] = {}
    conflicts: list[Reject] = []
    for chunk in chunks(file.tweets, AT_ONCE):
        stored = _Stored(session, chunk)
        for tweet in chunk:
            known = stored.find(tweet)
            if known is None:
                new.append(tweet)
            elif problem := _contradiction(tweet, known):
                conflicts.append(Reject(tweet.line, problem, tweet.text))
            elif known.original is None and tweet.original is not None:
                labels[known.key] = tweet.original
    return Compared(file, new, labels, conflicts)


def _add(session: Session, found: Compared, record: Mapping[str, Any]) -> int:
    """Add the new tweets and labels of a file with the record of their import; return its id.

    `record` has the file's name and hash, who imported it, and when.
    """
    counts = {"tweets": len(found.new), "labelled": len(found.labels), "unchanged": found.unchanged}
    number = stored_imports.add_import(session, split=found.file.split, rejected=len(found.rejects), **counts, **record)
    if ids := stored_tweets.add_tweets(session, found.new, number):
        stored_imports.set_range(session, number, ids[0], ids[-1])
    stored_tweets.add_originals(session, found.labels, number)
    return number


def hash_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, by which the same file is recognised."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_file(earlier: Import) -> str:
    """The sentence that tells that a file was imported before."""
    return f"It is the same file as {earlier.named}."


def user_of_computer() -> str:
    """The name of the user who runs this process, for the record of an import."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a process without a user, as in some containers
        return "unknown"


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
        return same_text.get(stored_tweets.text_hash(tweet.text)) if same_text else None


def _contradiction(tweet: Tweet, known: StoredTweet) -> str:
    """How a file contradicts the stored version of a tweet; empty if it does not."""
    split, original = known.split, known.original
    if known.text_hash != stored_tweets.text_hash(tweet.text):
        return f"the store holds another text with ID {tweet.key}; give the tweets of this file other IDs"
    if split != tweet.split:
        first = "a tweet stays in its split unless its whole import is moved"
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
