"""
Formats results of commands as text and tables, and parses their numbers.

Results contain text of other people, such as tweets and names of files, so invisible characters in them are escaped.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from db.store import Store
from emoclf.text.visible import visible, visible_json

Answer = dict[str, Any]
Action = Callable[[Store, argparse.Namespace], Answer]
UrlAction = Callable[[str, argparse.Namespace], Answer]  # of a command that opens the store at the URL itself
Adder = Callable[
    [str, Action | UrlAction, str], argparse.ArgumentParser
]  # takes a command's name, action and help line


def given(chosen: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """The options with these names that were given."""
    return {name: value for name, value in vars(chosen).items() if name in names and value is not None}


def positive(text: str) -> int:
    """Parse a whole number of at least 1, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def in_words(answer: Answer) -> str:
    """Format a result as text; `words` are complete sentences."""
    lines = []
    for name, value in answer.items():
        if name == "words":
            lines += value
        elif isinstance(value, list) and all(isinstance(row, dict) for row in value):
            lines += ["  ".join(_cell(cell) for cell in row.values()) for row in value] or [f"no {name}"]
        elif name in ROWS and value:
            lines += [ROWS[name](emotion, one) for emotion, one in value.items()]
        elif value is not None:
            lines.append(f"{name.replace('_', ' ')}: {_cell(value)}")
    return "\n".join(map(visible, lines))


def in_json(answer: Answer) -> str:
    """Format a result as one JSON object on one line."""
    return visible_json(json.dumps(answer, ensure_ascii=False))


class Parser(argparse.ArgumentParser):
    """A parser whose errors show invisible characters of arguments, such as names of files, as escapes."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and exit."""
        super().error(visible(message))


def _cell(value: Any) -> str:
    """Format a value."""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_cell(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ",".join(map(_cell, value))
    return "" if value is None else str(value)


def _score_row(emotion: str, one: Answer) -> str:
    interval = f"F1 {one['f1']:.3f} ({one['f1_low']:.3f} to {one['f1_high']:.3f})" if one["support"] else "no F1"
    return f"  {emotion:<13} support {one['support']:>5}  accuracy {one['accuracy']:.3f}  {interval}"


def _error_row(emotion: str, one: Answer) -> str:
    """A table row with an expected calibration error."""
    return f"  {emotion:<13} {one['ece_before']:.3f} before  {one['ece_after']:.3f}"


def _change_row(name: str, one: Answer) -> str:
    """A table row of a comparison, with F1 in percent."""
    before, after, difference, low, high = (100 * one[key] for key in ("before", "after", "difference", "low", "high"))
    figures = f"F1 {before:5.1f} to {after:5.1f}  {difference:+5.1f} ({low:+.1f} to {high:+.1f})"
    return f"  {name:<13} support {one['support']:>5}  {figures}  {one['verdict']}"


ROWS = {"per_emotion": _score_row, "calibration": _error_row, "changes": _change_row}
