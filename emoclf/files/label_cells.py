"""
Splits one cell of labels into names and numbers: a list, an object with 0 or 1, one value, or values with separators.
"""

import ast
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from emoclf.files.cells import is_blank

Atom = int | float | str
SEPARATORS = "a comma, semicolon, bar, # or line break, or a space if all words are labels"
NO_EMOTION = "no emotion"  # stands for none of the emotions, where a tool takes no empty list
SHOWN = 60  # characters of a cell that a message shows
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_SEPARATOR = re.compile(r"[,;|#\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def choices(cell: Any, names: Sequence[str] = ()) -> list[Atom]:
    """Return the numbers and lower-case names in a cell: a list, one value, or values with separators between.

    Parameters
    ----------
    names : the emotions; a cell that is one of them is not split

    >>> choices("1, 4"), choices("[27]"), choices(["Joy"]), choices(""), choices(3)
    ([1, 4], [27], ['joy'], [], [3])
    >>> choices("joy|love"), choices("['joy' 'love']"), choices('["joy"]'), choices("[0 1.0]")
    (['joy', 'love'], ['joy', 'love'], ['joy'], [0, 1])
    >>> choices("joy love", ["joy", "love"]), choices("joy love", ["joy"])
    (['joy', 'love'], ['joy love'])
    >>> choices("no emotion"), choices("{'joy': 1, 'fear': 0}"), choices("{joy,love}")
    ([], ['joy'], ['joy', 'love'])
    """
    if cell is None or cell != cell:
        return []
    if isinstance(cell, Mapping):
        cell = _names_on(cell)
    parts = list(cell) if isinstance(cell, list | tuple) else _parts(cell, names)
    if any(isinstance(part, list | tuple | Mapping) for part in parts):
        raise ValueError(f"{shown(parts)} holds labels of parts of a text (spans); expected labels of the whole text")
    atoms = [_atom(part) for part in parts if part is not None]
    if parts and not is_blank(cell) and all(atom == "" for atom in atoms):
        raise ValueError(f"{shown(cell)} holds nothing but empty values; expected labels, or an empty list for none")
    return [atom for atom in atoms if atom not in ("", NO_EMOTION)]


def _parts(cell: Any, names: Sequence[str]) -> list[Any]:
    if not isinstance(cell, str):
        return [cell]
    text = cell.strip()
    if text.lower() in names:
        return [text]
    if text[:1] in ("[", "{"):
        try:
            value = json.loads(text) if text[0] == "[" or '"' in text else ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            if text[0] == "{" and ":" in text:  # an object, whose names may stand with 0
                raise ValueError(f"{shown(text)} cannot be read as an object of labels") from None
        else:
            value = sorted(map(str, value)) if isinstance(value, set) else value
            value = _names_on(value) if isinstance(value, dict) else value
            return value if isinstance(value, list) else [value]
    inner = text.strip("[](){}").strip()
    if quoted := _QUOTED.findall(inner):
        return [one or other for one, other in quoted]
    words = inner.split()
    are_labels = all(map(_NUMBER.fullmatch, words)) or all(word.lower() in names for word in words)
    return words if len(words) > 1 and are_labels else _SEPARATOR.split(inner)


def names_only_some(cell: Any, n_emotions: int) -> bool:
    """Return whether a cell is an object with 0 or 1 for some of the emotions only."""
    if isinstance(cell, str) and cell.lstrip()[:1] == "{" and ":" in cell:
        return "choices" not in cell and cell.count(":") < n_emotions
    return isinstance(cell, Mapping) and "choices" not in cell and len(cell) < n_emotions


def _names_on(cell: Mapping[str, Any]) -> list[Any]:
    """Return the names in an object: those of its `choices`, as Label Studio writes them, or those with 1."""
    if "choices" in cell:
        chosen = cell["choices"]
        return chosen if isinstance(chosen, list) else [chosen]
    if not cell:
        raise ValueError("{} names no labels; expected names, numbers, or 0 or 1 for each name")
    if any(value not in (0, 1) for value in cell.values()):
        raise ValueError(f"{dict(cell)} is no list of labels; expected names, numbers, or 0 or 1 for each name")
    return [name for name, value in cell.items() if value]


def _atom(part: Any) -> Atom:
    """Return a whole number as int, another number as float, and everything else in lower case."""
    if isinstance(part, bool):
        return int(part)
    if isinstance(part, int):
        return part
    word = unicodedata.normalize("NFC", str(part)).strip().strip("'\"").lower()
    if not _NUMBER.fullmatch(word) or not word.isascii():
        return word
    number = float(word)
    return int(word) if "." not in word else int(number) if number.is_integer() else number


def shown(atoms: Sequence[Any]) -> str:
    written = str(list(atoms))
    return written if len(written) <= SHOWN else f"{written[:SHOWN]}…"
