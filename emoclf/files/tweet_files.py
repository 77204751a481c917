"""
Reads tweets from separated text, JSON, Parquet and Excel files.

A file that is not a tweet file is rejected with one sentence. An invalid row becomes a `Reject` with its line number
and the reason; the other rows are kept. The text is unchanged; further columns become metadata.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from emoclf.errors import DataFileError, NothingReadError
from emoclf.files import columns as choosing
from emoclf.files import intensities, other_emotions, raters, unlabelled
from emoclf.files.cells import MAX_CHARACTERS, Reject
from emoclf.files.chosen_columns import open_as_told
from emoclf.files.columns import LABEL_COLUMNS, NO_COLUMNS, Columns
from emoclf.files.label_lists import LabelLists
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.reject_reasons import nothing_read
from emoclf.files.tables import TEXT_COLUMN, ColumnsError, Expected, ToolSuggestion
from emoclf.files.tweet_rows import TweetParser
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS, Tweet

__all__ = ["MAX_CHARACTERS", "DataFile", "Reject", "read_tweets"]

HEADER = f"ID (optional), Tweet and {' '.join(EMOTIONS.names)}, or one column labels"


@dataclass(frozen=True)
class DataFile:
    """The content of one file."""

    tweets: list[Tweet]
    rejects: list[Reject]
    split: str = ""  # the splits of the tweets and where they are from, such as "dev, from the file name"
    encoding: str = ""  # the encoding of a text file, such as "UTF-8"
    notes: tuple[str, ...] = ()  # sentences on how the file was read where that was not obvious
    lines: int = 0  # the number of lines that hold data, without the header and blank lines
    spans: Mapping[int, int] = field(default_factory=dict)  # first line of each row over several lines: its lines
    united: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # lines of each text of several, by the first
    counted: str = "lines"  # what `lines` counts: lines, records or rows
    unit: str = "line"  # what the line of a row numbers: line or record
    columns: Columns = NO_COLUMNS
    format: str = ""  # such as "tab-separated text"
    suggestions: tuple[tuple[str, ToolSuggestion], ...] = ()  # of models in an annotation tool, with the tweets' keys


def read_tweets(path: Path, split: str | None = None, reading: Reading = AS_FOUND) -> DataFile:
    """Read the tweets in `path`; the ending tells the format, see `sources.ENDINGS`.

    Parameters
    ----------
    split : train, dev or test for every row; None uses a row's own `split` column, or else the file's name (see
        `splits.splits_in_name`)

    Raises
    ------
    DataFileError : if the file as a whole is not a file of tweets
    SettingError : if something must be said about the file before it can be read; the message says what
    """
    if split is not None and split not in SPLITS:
        raise DataFileError(f"{split!r} is not a split; choose one of {', '.join(SPLITS)}")
    missing = partial(missing_columns, may_lack_labels=reading.unlabelled)
    expected = Expected(missing, unlabelled.headerless(reading.unlabelled), _is_row, EMOTIONS.names)
    try:
        table = open_as_told(path, expected, reading, EMOTIONS.names)
    except ColumnsError as error:
        raise DataFileError(f"{error}{other_emotions.advice(path, reading.encoding)}") from error
    first, rows = choosing.peek(table.rows)
    columns = choosing.choose(first, path.name, EMOTIONS.names)
    parser = TweetParser(path.name, split, columns, reading, intensities.are_used(first, EMOTIONS.names))
    parser.splits.source = table.split_source or f"the column {(reading.split_column or 'split').strip()}"
    parser.with_raters = any(raters.name_raters(row.cells) for row in first)
    for row in rows:
        parser.add(row)
    tweets, rejects = parser.finish()
    if not tweets and not rejects:
        raise DataFileError(f"{path.name} has no tweets in it; expected a header with {HEADER}, then a row per tweet")
    if not tweets and (advice := other_emotions.advice(path, reading.encoding)):
        raise NothingReadError(f"{nothing_read(path.name, rejects, table.tally.unit)}{advice}", rejects)
    without = unlabelled.note(sum(tweet.original is None for tweet in tweets))
    notes = (*table.notes, *columns.notes, *parser.notes(), *without)
    if split is None and reading.split_column is None:
        notes = (*notes, *choosing.unread_splits(first))
    return DataFile(
        tweets,
        rejects,
        parser.splits.in_words(),
        table.encoding,
        notes,
        table.tally.lines,
        parser.spans,
        parser.lines_of,
        table.tally.counted,
        table.tally.unit,
        columns,
        table.format,
        tuple(parser.suggestions),
    )


def missing_columns(names: Iterable[str], may_lack_labels: bool = False) -> list[str]:
    """Return the required columns of a tweet file that are not among these lower-case names.

    `may_lack_labels`: whether the file may have no column of labels at all.
    """
    without_text, emotions = choosing.lacking(found := list(names), EMOTIONS.names)
    if may_lack_labels and unlabelled.lacks_only_labels(found, EMOTIONS.names):
        emotions = []
    if emotions:
        emotions[-1] += " (or one column labels with their names; --unlabelled imports texts without labels)"
    return [TEXT_COLUMN] * without_text + emotions


def _is_row(cells: Mapping[str, Any]) -> bool:
    """Whether these cells, taken from a line that is perhaps within a quoted cell, are a complete row."""
    try:
        if EMOTIONS.names[0] in cells:
            if unlabelled.is_unlabelled(cells, EMOTIONS.names, None, wanted=False):
                return True
            return all(intensities.is_level(cells[name]) for name in EMOTIONS.names)
        column = next(name for name in LABEL_COLUMNS if name in cells)
        LabelLists(EMOTIONS.names, AS_FOUND).parse(cells[column])
    except (ValueError, KeyError, StopIteration):
        return False
    return True
