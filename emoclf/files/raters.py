"""
Recognises files with a row for each rater of a tweet, and makes one tweet of them by the majority of its raters.

A label is in the majority if more than half of the raters gave it; one that exactly half of them gave is not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emoclf.errors import SettingError
from emoclf.files.cells import row_name

# Columns that name the rater: only with one of them are rows of the same text but other IDs those of one tweet.
COLUMNS = frozenset(
    f"{person}{ending}"
    for person in ("annotator", "rater", "worker", "coder", "labeler", "labeller", "judge", "user")
    for ending in ("", "_id", "id", " id")
)

Labels = frozenset[str]


class Rating(NamedTuple):
    """One row as one rater's labels of a text."""

    key: str
    text: str
    line: int
    labels: Labels | None  # None: without labels
    has_id: bool = True
    split: str = ""  # empty where texts have no splits

    @property
    def name(self) -> str:
        """The name of the row for messages, such as "ID 'a1'"."""
        return row_name(self.key if self.has_id else "")


@dataclass(frozen=True)
class United:
    """Which rows are of the same tweet, by position; all other rows are tweets of their own."""

    groups: Mapping[int, list[int]] = field(default_factory=dict)  # the rows of a tweet, by the first of them
    repeated: Mapping[int, int] = field(default_factory=dict)  # rows that are left out, with the row that they repeat
    notes: tuple[str, ...] = ()
    apart: Mapping[int, str] = field(default_factory=dict)  # rows that cannot be one tweet, with the reason

    def tweets(self, n: int) -> Iterator[list[int]]:
        """Yield the rows of each tweet of a file with n rows, in the order of their first rows."""
        later = {row for rows in self.groups.values() for row in rows[1:]} | self.repeated.keys() | self.apart.keys()
        for row in range(n):
            if row not in later:
                yield self.groups.get(row, [row])


def unite(file: str, ratings: Sequence[Rating], choice: str | None, with_raters: bool) -> United:
    """Group the rows of a file by tweet.

    Parameters
    ----------
    choice : "majority", "first", or None if nothing was chosen
    with_raters : whether the file has a column that names the rater of a row

    Raises
    ------
    SettingError : if rows of one tweet have different labels and nothing was chosen
    """
    by_text = with_raters and _share_texts(ratings)
    groups = _groups([one.text if by_text else one.key for one in ratings])
    rated = [rows for rows in groups if len({ratings[row].labels for row in rows}) > 1]
    if rated and choice is None:
        raise SettingError(_question(file, ratings, rated))
    if choice == "majority":
        apart = {row: problem for rows in groups if (problem := _apart([ratings[row] for row in rows])) for row in rows}
        groups = [rows for rows in groups if rows[0] not in apart]
        return United({rows[0]: rows for rows in groups}, notes=_notes(ratings, groups), apart=apart)
    return United(repeated={row: rows[0] for rows in groups for row in rows[1:]})


def _apart(rows: Sequence[Rating]) -> str:
    """Return why the rows of one text cannot be one tweet: they are in several splits. Empty if they are in one."""
    first = {one.split: one.line for one in reversed(rows)}
    if len(first) == 1:
        return ""
    where = " and ".join(f"in {split} (line {line})" for split, line in sorted(first.items(), key=lambda item: item[1]))
    return (
        f"the rows of the {rows[0].name} are {where}, and a tweet has one split; correct their splits, or pass --split"
    )


def _groups(keys: Sequence[str]) -> list[list[int]]:
    """Return the positions of each key that is there more than once."""
    counts = Counter(keys)
    found: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        if counts[key] > 1:
            found.setdefault(key, []).append(row)
    return list(found.values())


def _share_texts(ratings: Sequence[Rating]) -> bool:
    """Return whether at least half of the rows have the text of another row."""
    return 2 * sum(map(len, _groups([one.text for one in ratings]))) >= len(ratings)


def _question(file: str, ratings: Sequence[Rating], rated: Sequence[Sequence[int]]) -> str:
    first = ratings[rated[0][0]]
    other = next(ratings[row] for row in rated[0] if ratings[row].labels != first.labels)
    lines = f"line {first.line}" if first.line == other.line else f"lines {first.line} and {other.line}"
    many = f"{len(rated):,} texts of {file} have" if len(rated) > 1 else f"1 text of {file} has"
    labels = " and ".join(_in_words(one.labels) for one in (first, other))
    return (
        f"{many} several rows with different labels, such as the {first.name} on {lines} ({labels}), as if several "
        "raters had labelled it; pass --raters majority to make one text of these rows, with the labels that more than "
        "half of the raters gave, or --raters first to read the first row and reject the others"
    )


def _in_words(labels: Labels | None) -> str:
    return "no labels" if labels is None else " ".join(sorted(labels)) or "no emotion"


def _notes(ratings: Sequence[Rating], groups: Sequence[Sequence[int]]) -> tuple[str, ...]:
    if not groups:
        return ()
    several = [[labels for row in rows if (labels := ratings[row].labels) is not None] for rows in groups]
    rows = sum(map(len, groups))
    made = "1 text was" if len(several) == 1 else f"{len(several):,} texts were"
    notes = [f"{made} made of {rows:,} rows, with the labels of the majority of raters."]
    if tied := sum(bool(ties(labels)) for labels in several):
        notes.append(f"In {tied:,} of them exactly half of the raters gave a label; it is not in the majority.")
    if empty := sum(not majority(labels) and any(labels) for labels in several):
        notes.append(f"In {empty:,} of them no label has a majority, so that they have no emotion.")
    return tuple(notes)


def _counts(votes: Sequence[Labels]) -> dict[str, int]:
    counts = Counter(label for vote in votes for label in vote)
    return {label: counts[label] for label in sorted(counts)}


def majority(votes: Sequence[Labels]) -> Labels:
    """Return the labels that more than half of the raters gave.

    >>> sorted(majority([frozenset({"joy"}), frozenset({"joy", "love"}), frozenset({"fear"})]))
    ['joy']
    >>> sorted(majority([frozenset({"joy"}), frozenset({"fear"})]))  # half is no majority
    []
    """
    return frozenset(label for label, count in _counts(votes).items() if 2 * count > len(votes))


def ties(votes: Sequence[Labels]) -> Labels:
    """Return the labels that exactly half of the raters gave.

    >>> sorted(ties([frozenset({"joy"}), frozenset({"fear", "joy"})]))
    ['fear']
    """
    return frozenset(label for label, count in _counts(votes).items() if 2 * count == len(votes))


def shares(votes: Sequence[Labels]) -> dict[str, float]:
    """Return the share of raters that gave each label, in the order of the labels; those that nobody gave are left out.

    >>> shares([frozenset({"joy"}), frozenset({"joy", "love"}), frozenset({"joy"})])
    {'joy': 1.0, 'love': 0.333}
    """
    return {label: round(count / len(votes), 3) for label, count in _counts(votes).items()}


def joined(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the metadata of several rows as one: a value that all share once, others with commas between.

    >>> joined([{"lang": "en", "annotator": "u1"}, {"lang": "en", "annotator": "u2"}])
    {'lang': 'en', 'annotator': 'u1, u2'}
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row[name] for row in rows if name in row]
        found[name] = values[0] if len(set(values)) == 1 else ", ".join(values)
    return found


def name_raters(names: Iterable[str]) -> bool:
    """Return whether one of these lower-case columns names the rater of a row."""
    return not COLUMNS.isdisjoint(names)
