"""
Converts the rows of a file to tweets, and to rejects where they cannot be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files import intensities, metadata, raters, unlabelled
from emoclf.files.cells import TEXT_KEY, Reject, is_blank, key_of, rejected, row_name, text_of
from emoclf.files.checks import check_numbers
from emoclf.files.columns import LABEL_COLUMNS, Columns
from emoclf.files.ids import IdCheck
from emoclf.files.label_lists import Atom, LabelLists
from emoclf.files.own_exports import metadata_of
from emoclf.files.provenance import is_synthetic
from emoclf.files.raters import Rating
from emoclf.files.reading import Reading
from emoclf.files.splits import SplitChoice
from emoclf.files.tables import Row, ToolSuggestion
from emoclf.labels import EMOTIONS
from emoclf.tweets import Tweet

ALL_EMOTIONS = frozenset(EMOTIONS.names)


@dataclass(frozen=True)
class _Found:
    """A row that was read: the tweet, still without labels if they are in one cell."""

    tweet: Tweet
    split: Any  # the cell of its column split
    atoms: list[Atom]
    repeated: Row | None  # if an earlier row has the same ID


class TweetParser:
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
        self.lines_of: dict[int, tuple[int, ...]] = {}  # of each tweet that was made of several lines, by the first
        self.with_raters = False
        self.read_columns = {*columns.texts, *columns.ids, *EMOTIONS.names, columns.labels, "split"}

    def add(self, row: Row) -> None:
        """Read a row of the file; a row that cannot be read becomes a reject."""
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
        if is_synthetic(cells):
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
        if not (self.reading.label_names or self.reading.confirm):
            check_numbers(self.name, self.label_lists.numbers, self.label_lists.first or 0, len(self.found))
        labelled = [self._labelled(one) for one in self.found]
        united = raters.unite(self.name, [_rating(one) for one in labelled], self.reading.raters, self.with_raters)
        self.united = united
        for row, problem in united.apart.items():
            whole = self.found[row].repeated or Row(labelled[row].line, {"text": labelled[row].text})
            self.rejects.append(rejected(whole, ValueError(problem)))
        for row, earlier in united.repeated.items():
            where, splits = f"line {labelled[earlier].line}", (labelled[earlier].split, labelled[row].split)
            where += f" in {splits[0]}, and here in {splits[1]}" if len(set(splits)) > 1 else ""
            problem = f"the same {_rating(labelled[row]).name} already stands on {where}"
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
        lines = tuple(dict.fromkeys(tweet.line for tweet in tweets))
        self.lines_of[tweets[0].line] = lines
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
    has_id = not tweet.key.startswith(TEXT_KEY)
    return Rating(tweet.key, tweet.text, tweet.line, tweet.original, has_id, tweet.split)


def _label_cell(cells: Mapping[str, Any], preferred: str | None = None) -> str | None:
    """Return the column of a row that holds all its labels; None if it has a 0/1 column for each emotion."""
    if cells.keys() >= ALL_EMOTIONS:
        return None
    if preferred in cells:
        return preferred
    return next((name for name in LABEL_COLUMNS if name in cells), None)
