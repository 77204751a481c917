"""
Finds out which emotions a file has that is not labelled with those of the review, and says what can be done with it.
"""

import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from emoclf.errors import EmoclfError
from emoclf.files import intensities, raters
from emoclf.files.cells import is_blank
from emoclf.files.columns import ID_COLUMNS, LABEL_COLUMNS, TEXT_COLUMNS
from emoclf.files.label_cells import choices
from emoclf.files.rows import open_table
from emoclf.files.splits import splits_in_name
from emoclf.files.tables import Expected
from emoclf.labels import EMOTIONS

SAMPLE = 2000  # rows by which the emotions are found
MOST, LONGEST = 60, 40  # emotions, and characters of a name; more are no label set
LABEL_FILES = ("emotions.txt", "labels.txt")  # one name a line, beside the data, as GoEmotions has it
HEADERLESS = ("text", "labels", "id")
_NAME = re.compile(r"[^\W_][\w /'&()-]*")
_NUMBERS = re.compile(r"\d{1,4}(?:\s*,\s*\d{1,4})*")
_WORDS = ("true", "false", "yes", "no")


def advice(path: Path, encoding: str | None = None) -> str:
    """Return what can be done with a file that is not labelled with the emotions of the review; empty if unknown.

    The sentence follows a message, and begins with the sign that separates it from the message.
    """
    expected = Expected(lambda names: [], lambda first: HEADERLESS[: len(first)] if _is_row(first) else ())
    try:
        rows = list(islice(open_table(path, expected, encoding).rows, SAMPLE))
    except (EmoclfError, ValueError):
        return ""
    cells = [row.cells for row in rows if not row.problem]
    names_seen = {name for one in cells for name in one}
    if names_seen.isdisjoint(TEXT_COLUMNS) or names_seen.issuperset(EMOTIONS.names):
        return ""
    if names := _flags(cells) or _names(cells):
        return _other_names(path, names)
    return _numbers(path) if any(_is_number(one.get("labels")) for one in cells) else ""


def _is_row(first_line: Sequence[str]) -> bool:
    """Return whether a first line is no header, but a text with label numbers, as in GoEmotions."""
    return len(first_line) in (2, 3) and bool(_NUMBERS.fullmatch(first_line[1].strip()))


def _is_number(cell: Any) -> bool:
    return bool(_NUMBERS.fullmatch(str(cell).strip()))


def _flags(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns that hold only 0 and 1, or intensities, if they can be names of emotions."""
    others = {*TEXT_COLUMNS, *ID_COLUMNS, *LABEL_COLUMNS, *raters.COLUMNS, "split", "origin", "", "index", "unnamed: 0"}
    names = list(dict.fromkeys(name for one in cells for name in one if name not in others))
    values = {name: [one[name] for one in cells if name in one and not is_blank(one[name])] for name in names}
    flags = [name for name in names if values[name] and all(map(intensities.is_level, values[name]))]
    flags = [name for name in flags if not name.endswith(("_id", " id")) and _NAME.fullmatch(name)]
    # Of words and numbers, the numbers are the labels: GoEmotions has a column of words on how clear the text is.
    digits = [name for name in flags if not any(str(value).strip().lower() in _WORDS for value in values[name])]
    found = digits or flags
    return found if 1 < len(found) <= MOST else []


def _names(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names in the column of labels, sorted."""
    column = next((name for name in LABEL_COLUMNS if any(name in one for one in cells)), None)
    if column is None:
        return []
    found: set[Any] = set()
    for one in cells:
        try:
            found.update(choices(one.get(column)))
        except ValueError:
            continue
    names = sorted(atom for atom in found if isinstance(atom, str) and _NAME.fullmatch(atom))
    usable = names and len(names) <= MOST and all(len(name) <= LONGEST for name in names)
    return names if usable and set(names) - set(EMOTIONS.names) else []


def _other_names(path: Path, names: Sequence[str]) -> str:
    lacking = [name for name in EMOTIONS.names if name not in names]
    others = [name for name in names if name not in EMOTIONS.names]
    shared = len(EMOTIONS) - len(lacking)
    about = f"the labels of {path.name} are {', '.join(names)}"
    known = (
        f"{shared} of the {len(EMOTIONS)} emotions of the review" if shared else "none of the emotions of the review"
    )
    what = f"{known}{f' and {len(others)} others' if others else ''}"
    command = _command(path, ",".join(names) if not any("," in name for name in names) else "EMOTIONS.txt")
    review = f"To review it, add what raters said about {', '.join(lacking)}. " if not others and lacking else ""
    return f". {about[0].upper()}{about[1:]}: {what}. {review}To train a first stage with it, run: {command}"


def _numbers(path: Path) -> str:
    beside = next((path.with_name(name) for name in LABEL_FILES if path.with_name(name).is_file()), None)
    where = "" if beside else ", with a file EMOTIONS.txt that names them in the order of their numbers, one a line"
    command = _command(path, str(beside) if beside else "EMOTIONS.txt")
    return f". {path.name} has numbers as labels. To train a first stage with it, run: {command}{where}"


def _command(path: Path, emotions: str) -> str:
    folder = "" if _is_upload(path) else path.resolve().parent.name
    stem = path.name.split(".")[0]
    stem = folder if splits_in_name(stem) else stem  # a corpus called train would say little
    name = re.sub(r"\W+", "-", stem.lower()).strip("-") or "corpus"
    file = str(path) if folder else path.name
    return shlex.join(["python", "cli.py", "import", file, "--auxiliary", name, "--emotions", emotions])


def _is_upload(path: Path) -> bool:
    """Return whether a file lies in a temporary folder, as one that was uploaded in the browser does."""
    return path.parent.name.startswith("tmp") and path.parent.parent == Path(tempfile.gettempdir())
