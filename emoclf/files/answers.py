"""
Says how a file was read, for the answers of commands and pages.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from emoclf.files.cells import Reject
from emoclf.files.corpora import CorpusFile
from emoclf.files.tweet_files import DataFile

NUMBERED = "Records have no lines of their own here: line 3 means the third record."


def how_read(file: DataFile | CorpusFile, conflicts: Sequence[Reject] = ()) -> dict[str, Any]:
    """Return how a file was read: its encoding unless that is UTF-8, all its lines, and sentences on further choices.

    Parameters
    ----------
    conflicts : rejects of the store, of rows that were read
    """
    read, rejected = _read_and_rejected(file, conflicts)
    encoding = None if file.encoding in ("", "UTF-8") else file.encoding
    words = [*([f"The encoding is {encoding}."] if encoding else []), *notes(file, conflicts)]
    lines = {"in_file": file.lines, "read": _count(file, read), "rejected": _count(file, rejected - read)}
    counted = {"counted": file.counted} if file.counted != "lines" else {}
    return {"encoding": encoding, "lines": lines | counted, "words": words}


def notes(file: DataFile | CorpusFile, conflicts: Sequence[Reject] = ()) -> list[str]:
    """Return sentences on how a file was read, and on what its lines mean where rows were rejected."""
    found = list(file.notes)
    read, rejected = _read_and_rejected(file, conflicts)
    if both := len(rejected & read):
        where = f"1 {file.unit}" if both == 1 else f"{both:,} {file.unit}s"
        found.append(f"Some labels on {where} were rejected and others were read; counted as read.")
    return [*found, NUMBERED] if rejected and file.unit == "record" else found


def _read_and_rejected(file: DataFile | CorpusFile, conflicts: Sequence[Reject]) -> tuple[set[int], set[int]]:
    """Return the first lines of the rows that were read, and of those of which something was rejected."""
    refused = _lines(file, (one.line for one in conflicts))
    rows = file.tweets if isinstance(file, DataFile) else file.texts
    return _lines(file, (one.line for one in rows)) - refused, {one.line for one in file.rejects} | refused


def _lines(file: DataFile | CorpusFile, first: Iterable[int]) -> set[int]:
    """Return the first lines of all rows of which these tweets were made."""
    return {line for one in first for line in file.united.get(one, (one,))}


def _count(file: DataFile | CorpusFile, first: set[int]) -> int:
    """Return the number of lines that these rows take up; `spans` has those of a united tweet for all its rows."""
    spans, united = file.spans, file.united
    further = sum(spans.get(line, 1) for one in first if one in united for line in united[one][1:])
    return sum(spans.get(line, 1) for line in first) - further
