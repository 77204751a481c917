"""
Reads tweets from separated text, JSON, Parquet and Excel files.

A file that is not a tweet file is rejected with one sentence. An invalid row becomes a `Reject` with its line number
and the reason; the other rows are kept. The text is unchanged; further columns become metadata.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files import columns as choosing
from emoclf.files import intensities, metadata, other_emotions, raters, unlabelled
from emoclf.files.cells import (
    MAX_CHARACTERS,
    TEXT_KEY,
    Reject,
    is_blank,
    key_of,
    nothing_read,
    rejected,
    row_name,
    text_of,
)
from emoclf.files.chosen_columns import open_as_told
from emoclf.files.columns import LABEL_COLUMNS, NO_COLUMNS, Columns
from emoclf.files.ids import IdCheck
from emoclf.files.label_lists import Atom, LabelLists
from emoclf.files.own_exports import metadata_of
from emoclf.files.raters import Rating
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.splits import SplitChoice
from emoclf.files.tables import ColumnsError, Expected, Row, ToolSuggestion
from emoclf.labels import EMOTIONS
from emoclf.tweets import ORIGINS, SPLITS, Tweet

__all__ = ["MAX_CHARACTERS", "DataFile", "Reject", "nothing_read", "read_tweets"]

HEADER = f"ID (optional), Tweet and {' '.join(EMOTIONS.names)}, or one column labels"
ALL_EMOTIONS = frozenset(EMOTIONS.names)


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
    parser = _Parser(path.name, split, columns, reading, intensities.are_used(first, EMOTIONS.names))
    parser.with_raters = any(raters.name_raters(row.cells) for row in first)
    for row in rows:
        parser.add(row)
    tweets, rejects = parser.finish()
    if not tweets and not rejects:
        raise DataFileError(f"{path.name} has no tweets in it; expected a header with {HEADER}, then a row per tweet")
    if not tweets and (advice := other_emotions.advice(path, reading.encoding)):
        raise DataFileError(f"{nothing_read(path.name, rejects)}{advice}")
    without = unlabelled.note(sum(tweet.original is None for tweet in tweets))
    notes = (*table.notes, *columns.notes, *parser.notes(), *without)
    return DataFile(
        tweets,
        rejects,
        parser.splits.in_words(),
        table.encoding,
        notes,
        table.tally.lines,
        parser.spans,
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
    return ["Tweet"] * without_text + emotions


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


@dataclass(frozen=True)
class _Found:
    """A row that was read: the tweet, still without labels if they are in one cell."""

    tweet: Tweet
    split: Any  # the cell of its column split
    atoms: list[Atom]
    repeated: Row | None  # if an earlier row has the same ID


class _Parser:
    """Converts rows to tweets and rejects; rows of one tweet are united at the end, when the whole file is known."""

    def __init__(
        self, name: str, split: str | None, columns: Columns, reading: Reading, with_intensities: bool
    ) -> None:
        self.name, self.columns, self.reading = name, columns, reading
        self.splits, self.ids = SplitChoice(split, name), IdCheck(name)
        self.label_names = reading.label_names or EMOTIONS.names
        self.label_lists = LabelLists(self.label_names, reading)
        self.is_on = intensities.Levels(with_intensities, reading.blank_is_0)
        self.found: list[_Found] = []
        self.rejects: list[Reject] = []
        self.suggestions: list[tuple[str, ToolSuggestion]] = []
        self.texts: dict[str, tuple[str, int]] = {}  # the text of each ID, and its line
        self.spans: dict[int, int] = {}
        self.united = raters.United()
        self.with_raters = False
        self.read_columns = {*columns.texts, *columns.ids, *EMOTIONS.names, columns.labels, "split", "origin"}

    def add(self, row: Row) -> None:
        if row.lines > 1:
            self.spans[row.line] = row.lines
        try:
            if row.problem:
                raise ValueError(row.problem)
            self.ids.add(row.line, next((row.cells[one] for one in self.columns.ids if one in row.cells), None))
            tweet = self._tweet(row)
            text, line = self.texts.get(tweet.key, (tweet.text, 0))
            if text != tweet.text:
                raise ValueError(f"the same {row_name(tweet.key)} already stands on line {line}")
            atoms = [] if row.is_unlabelled else self._atoms(row.cells)
        except ValueError as problem:
            self.rejects.append(rejected(row, problem))
        else:
            self.found.append(_Found(tweet, row.cells.get("split"), atoms, row if tweet.key in self.texts else None))
            self.texts.setdefault(tweet.key, (tweet.text, row.line))
            self.suggestions += [(tweet.key, one) for one in row.suggestions]

    def _tweet(self, row: Row) -> Tweet:
        cells, text = row.cells, text_of(row.cells, self.columns.texts)
        if _one_of(ORIGINS, cells.get("origin"), "imported") == "synthetic":
            raise ValueError("it is a synthetic tweet; those are written and checked in a store, not imported")
        return Tweet(
            key=key_of(cells, text, self.columns.ids),
            text=text,
            original=None if row.is_unlabelled else self._original(cells),
            split=self.splits.of(cells.get("split")),
            metadata=metadata_of(cells, self.read_columns),
            line=row.line,
        )

    def _original(self, cells: Mapping[str, Any]) -> frozenset[str] | None:
        """Return the labels of the 0/1 columns; none yet if one cell holds them, None for a tweet without labels."""
        column = _label_cell(cells, self.columns.labels)
        if unlabelled.is_unlabelled(cells, EMOTIONS.names, column, self.reading.unlabelled):
            return None
        if column:
            return frozenset()
        return frozenset(name for name in EMOTIONS.names if self.is_on(name, cells[name]))

    def _atoms(self, cells: Mapping[str, Any]) -> list[Atom]:
        """Return the labels as written in a row's cell of labels; none if it has a 0/1 column per emotion."""
        if not (column := _label_cell(cells, self.columns.labels)):
            return []
        if is_blank(cells[column]):
            if self.reading.blank_is_0 or self._original(cells) is None:
                return []
            raise ValueError(
                f"{column} is blank, expected names of emotions; --blank-is-0 reads blanks as no emotion, and "
                "--unlabelled as a tweet without labels"
            )
        return self.label_lists.parse(cells[column])

    def finish(self) -> tuple[list[Tweet], list[Reject]]:
        """Return the tweets and the rejects, once the whole file is known."""
        self.ids.finish()
        self.label_lists.settle(self.name, [one.atoms for one in self.found])
        labelled = [self._labelled(one) for one in self.found]
        united = raters.unite(self.name, [_rating(one) for one in labelled], self.reading.raters, self.with_raters)
        self.united = united
        for row, earlier in united.repeated.items():
            problem = f"the same {_rating(labelled[row]).name} already stands on line {labelled[earlier].line}"
            whole = self.found[row].repeated or Row(labelled[row].line, {"text": labelled[row].text})
            self.rejects.append(rejected(whole, ValueError(problem)))
        tweets = []
        for rows in united.tweets(len(labelled)):
            tweets.append(self._one([labelled[row] for row in rows]))
            self.splits.count(self.found[rows[0]].split, tweets[-1].split)
        return tweets, sorted(self.rejects, key=lambda reject: reject.line)

    def _labelled(self, found: _Found) -> Tweet:
        if not found.atoms:
            return found.tweet
        try:
            positions = self.label_lists.positions(found.atoms)
        except ValueError as problem:
            raise DataFileError(
                f"{self.name} numbers other emotions than the {len(self.label_names)} of the review: on line "
                f"{found.tweet.line}, {problem}; write names, or import it with --auxiliary and --emotions"
            ) from problem
        labels = frozenset(self.label_names[j] for j in positions)
        if others := labels - ALL_EMOTIONS:
            raise DataFileError(
                f"{self.name} has labels that are not among the emotions of the review, such as {min(others)} on line "
                f"{found.tweet.line}; import it with --auxiliary and --emotions"
            )
        return replace(found.tweet, original=labels)

    def _one(self, tweets: list[Tweet]) -> Tweet:
        """Return the tweet of one row, or that of the rows of several raters."""
        if len(tweets) == 1:
            return tweets[0]
        lines = {tweet.line for tweet in tweets}
        self.spans[tweets[0].line] = sum(self.spans.get(line, 1) for line in lines)
        joined = raters.joined([tweet.metadata for tweet in tweets])
        votes = [tweet.original for tweet in tweets if tweet.original is not None]
        if not votes:
            return replace(tweets[0], metadata=joined)
        about = {"raters": str(len(votes)), "rater_shares": metadata.written(raters.shares(votes))}
        return replace(tweets[0], original=raters.majority(votes), metadata={**joined, **about})

    def notes(self) -> list[str]:
        """Return sentences on how the rows were read."""
        return [*self.label_lists.notes(), *self.is_on.notes(), *self.united.notes]


def _rating(tweet: Tweet) -> Rating:
    return Rating(tweet.key, tweet.text, tweet.line, tweet.original, not tweet.key.startswith(TEXT_KEY))


def _label_cell(cells: Mapping[str, Any], preferred: str | None = None) -> str | None:
    """Return the column of a row that holds all its labels; None if it has a 0/1 column for each emotion."""
    if cells.keys() >= ALL_EMOTIONS:
        return None
    if preferred in cells:
        return preferred
    return next((name for name in LABEL_COLUMNS if name in cells), None)


def _one_of(allowed: tuple[str, ...], value: Any, default: str) -> str:
    if value is None or not str(value).strip():
        return default
    if str(value) not in allowed:
        raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
    return str(value)
