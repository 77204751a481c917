"""
What the readers of annotation tools share: records with raters' labels and models' suggestions, and the choice of the
text and of the question about emotions.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emoclf.files.provenance import is_own
from emoclf.files.tables import ToolSuggestion

TEXT_NAMES = ("tweet", "text")
# Columns that the rows of a record get; what the tool itself stores under these names is left out.
OURS = frozenset(["text", "tweet", "id", "key", "labels", "label", "emotions", "emotion", "annotator"])


@dataclass(frozen=True)
class Record:
    """One text of a tool: the labels that each rater gave, in order, and what models suggested."""

    text: Any
    key: Any
    answers: Sequence[tuple[str, Any]]  # the rater, and the labels
    suggestions: tuple[ToolSuggestion, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def cells(self, emotions: Collection[str]) -> list[dict[str, Any]]:
        """Return the cells of a row for each rater; one row without labels if there is none."""
        left_out = OURS | set(emotions)
        kept = {name: value for name, value in self.metadata.items() if name.strip().lower() not in left_out}
        metadata = {name.strip().lower(): value for name, value in kept.items() if value not in (None, "", [], {})}
        same = {"id": self.key, "text": self.text, **metadata}
        rows = [{**same, "labels": labels, "annotator": rater or None} for rater, labels in self.answers]
        if len(rows) == 1 and is_own(rows[0]):  # whose reviewer is no rater of the tool
            del rows[0]["annotator"]
        return rows or [{**same, "labels": None}]


@dataclass(frozen=True)
class Plan:
    """How the records of one file are read."""

    # Returns the record in the cells of a row, or raises ValueError if it cannot be read.
    read: Callable[[Mapping[str, Any]], Record]
    notes: tuple[str, ...] = ()


def text_name(samples: Sequence[Mapping[str, Any]]) -> str:
    """Return the name under which some records have their texts: Tweet or text, or else that of the longest texts.

    >>> text_name([{"Text": "hi", "url": "http://t.co/abcdef"}]), text_name([{"post": "so happy today", "lang": "en"}])
    ('Text', 'post')
    """
    names = list(dict.fromkeys(name for one in samples for name in one))
    for known in TEXT_NAMES:
        if found := next((name for name in names if name.strip().lower() == known), None):
            return found
    lengths = {name: sum(_length(one.get(name)) for one in samples) for name in names}
    return max(lengths, key=lambda name: lengths[name], default="text")


def _length(value: Any) -> int:
    """Count the characters of a text; what has no space in it, such as a URL, is none, nor is JSON."""
    is_text = isinstance(value, str) and " " in value.strip() and value.lstrip()[:1] not in ("{", "[")
    return len(value) if is_text else 0


def question_about(emotions: Collection[str], answers: Mapping[str, Iterable[Any]]) -> str | None:
    """Return the question whose answers hold the most emotions, or else the first one; None if there is no question.

    >>> question_about({"joy", "fear"}, {"topic": [["news"], ["joy"]], "feeling": [["joy"], ["fear", "joy"]]})
    'feeling'
    """
    found = {
        name: sum(_is_emotion(one, emotions) for value in values for one in listed(value))
        for name, values in answers.items()
    }
    return max(found, key=lambda name: found[name], default=None)


def _is_emotion(value: Any, emotions: Collection[str]) -> bool:
    return isinstance(value, str) and value.strip().lower() in emotions


def listed(value: Any) -> list[Any]:
    """Return the labels of one answer as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def suggestion(agent: Any, tool: str, labels: Any, scores: Any) -> ToolSuggestion:
    """Return a model's suggestion; scores that are no probabilities are left out.

    >>> suggestion("m1", "Argilla", ["Joy", "fear"], [0.9, 0.6])
    ToolSuggestion(agent='m1 in Argilla', scores={'joy': 0.9, 'fear': 0.6})
    """
    names = [str(label).strip().lower() for label in listed(labels)]
    given = listed(scores)
    if len(given) != len(names) or not all(_is_probability(score) for score in given):
        given = [1.0] * len(names)
    named = f"{str(agent).strip()} in {tool}" if agent else f"a model in {tool}"
    return ToolSuggestion(named, dict(zip(names, map(float, given), strict=True)))


def _is_probability(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
