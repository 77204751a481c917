"""
Reads tweets from tab-separated, CSV, JSONL and Parquet files.

A file that is not a tweet file is rejected with one sentence. An invalid row becomes a `Reject` with its line number
and the reason; the other rows are kept. The text is unchanged; further columns become metadata.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files import rows
from emoclf.labels import EMOTIONS
from emoclf.tweets import ORIGINS, SPLITS, Tweet

MAX_CHARACTERS = 10_000  # a tweet has 280; a longer text means a broken file
TEXT_COLUMNS, ID_COLUMNS = ("tweet", "text"), ("id", "key")
LABEL_VALUES = {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True}
HEADER = f"ID (optional), Tweet and {' '.join(EMOTIONS.names)}"


@dataclass(frozen=True)
class Reject:
    """A row that was not read: its line (the header is line 1), the reason, and its content."""

    line: int
    reason: str
    row: str


@dataclass(frozen=True)
class DataFile:
    """The content of one file."""

    tweets: list[Tweet]
    rejects: list[Reject]


def read_tweets(path: Path, split: str | None = None) -> DataFile:
    """Read the tweets in `path`; the ending tells the format: .txt and .tsv, .csv, .jsonl, .parquet.

    Parameters
    ----------
    split : train, dev or test for every row; None uses a row's own `split` column, or else the file's name (see
        `split_from_name`)

    Raises
    ------
    DataFileError : if the file as a whole is not a file of tweets
    """
    if split is not None and split not in SPLITS:
        raise DataFileError(f"{split!r} is not a split; choose one of {', '.join(SPLITS)}")
    parser = _Parser(split, split_from_name(path.name))
    for row in rows.read(path, missing_columns):
        parser.add(row)
    if not parser.tweets and not parser.rejects:
        raise DataFileError(f"{path.name} has no tweets in it; expected a header with {HEADER}, then a row per tweet")
    return DataFile(parser.tweets, parser.rejects)


def split_from_name(name: str) -> str:
    """Return the split that a file's name contains, or else train.

    >>> split_from_name("2018-E-c-En-dev.txt"), split_from_name("devotion.csv")
    ('dev', 'train')
    """
    words = re.split(r"[^a-z]+", name.lower())
    return next((split for split in ("dev", "test") if split in words), "train")


class _Parser:
    """Converts rows to tweets and rejects, and remembers the line of each ID."""

    def __init__(self, split: str | None, split_of_file: str) -> None:
        self.split, self.split_of_file = split, split_of_file
        self.tweets: list[Tweet] = []
        self.rejects: list[Reject] = []
        self.lines: dict[str, int] = {}

    def add(self, row: rows.Row) -> None:
        try:
            if row.problem:
                raise ValueError(row.problem)
            tweet = self._tweet(row)
            if tweet.key in self.lines:
                raise ValueError(f"the same {row_name(row.cells)} already stands on line {self.lines[tweet.key]}")
        except ValueError as problem:
            self.rejects.append(rejected(row, problem))
        else:
            self.lines[tweet.key] = row.line
            self.tweets.append(tweet)

    def _tweet(self, row: rows.Row) -> Tweet:
        cells, text = row.cells, text_of(row.cells)
        if _one_of(ORIGINS, cells.get("origin"), "imported") == "synthetic":
            raise ValueError("it is a synthetic tweet; those are written and checked in a store, not imported")
        known = {*TEXT_COLUMNS, *ID_COLUMNS, *EMOTIONS.names, "split", "origin"}
        return Tweet(
            key=key_of(cells, text),
            text=text,
            original=frozenset(name for name in EMOTIONS.names if is_on(name, cells[name])),
            split=self.split or _one_of(SPLITS, cells.get("split"), self.split_of_file),
            metadata={name: str(value) for name, value in cells.items() if name not in known and value is not None},
            line=row.line,
        )


def rejected(row: rows.Row, problem: ValueError) -> Reject:
    """Return the reject for a row, with its content."""
    content = json.dumps(dict(row.cells), ensure_ascii=False, default=str)
    return Reject(row.line, str(problem), content[:MAX_CHARACTERS])


def missing_columns(names: Iterable[str]) -> list[str]:
    """Return the required columns of a tweet file that are not among these lower-case names."""
    present = set(names)
    missing = [] if present & set(TEXT_COLUMNS) else ["Tweet"]
    return missing + [name for name in EMOTIONS.names if name not in present]


def text_of(cells: Mapping[str, Any]) -> str:
    """Return the text of a row; raise ValueError with the reason if there is no valid one."""
    text = next((cells[name] for name in TEXT_COLUMNS if name in cells), None)
    if not isinstance(text, str) or not text.strip():
        raise ValueError("there is no text")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the text has {len(text):,} characters, more than {MAX_CHARACTERS:,}")
    _check_plain("text", text)
    return text


def _check_plain(what: str, text: str) -> None:
    if "\0" in text:
        raise ValueError(f"the {what} holds a NUL character, so it is not plain text")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"the {what} holds half of a surrogate pair, so it is not valid Unicode")


def key_of(cells: Mapping[str, Any], text: str) -> str:
    """Return a row's ID, or a key derived from its text if it has none."""
    return _id(cells) or "text-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _id(cells: Mapping[str, Any]) -> str:
    value = next((cells[name] for name in ID_COLUMNS if name in cells), None)
    found = "" if value is None else str(value).strip()
    _check_plain("ID", found)
    return found


def row_name(cells: Mapping[str, Any]) -> str:
    """Return the name of a row for messages."""
    return f"ID {_id(cells)!r}" if _id(cells) else "text"


def is_on(name: str, value: Any) -> bool:
    """Return whether the cell of a 0/1 column is 1; raise ValueError if it is neither 0 nor 1."""
    try:
        return LABEL_VALUES[str(value).strip().lower()]
    except KeyError:
        raise ValueError(f"{name} is {value!r}, expected 0 or 1") from None


def _one_of(allowed: tuple[str, ...], value: Any, default: str) -> str:
    if value is None or not str(value).strip():
        return default
    if str(value) not in allowed:
        raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
    return str(value)
