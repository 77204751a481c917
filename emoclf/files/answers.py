"""
Says how a file was read, for the answers of commands and pages.
"""

from collections.abc import Iterable
from typing import Any

from emoclf.files.cells import Reject
from emoclf.files.corpora import CorpusFile
from emoclf.files.tweet_files import DataFile


def how_read(file: DataFile | CorpusFile, conflicts: Iterable[Reject] = ()) -> dict[str, Any]:
    """Return how a file was read: its encoding unless that is UTF-8, all its lines, and sentences on further choices.

    Parameters
    ----------
    conflicts : rejects of the store, of rows that were read
    """
    refused = _lines(file, (one.line for one in conflicts))
    found = file.tweets if isinstance(file, DataFile) else file.texts
    read = _lines(file, (one.line for one in found)) - refused
    rejected = {one.line for one in file.rejects} | refused
    encoding = None if file.encoding in ("", "UTF-8") else file.encoding
    notes = [*([f"The encoding is {encoding}."] if encoding else []), *file.notes]
    if both := len(rejected & read):
        where = f"1 {file.unit}" if both == 1 else f"{both:,} {file.unit}s"
        notes.append(f"Some labels on {where} were rejected and others were read; counted as read.")
    lines = {"in_file": file.lines, "read": _count(file, read), "rejected": _count(file, rejected - read)}
    if file.counted != "lines":
        lines |= {"counted": file.counted}
    return {"encoding": encoding, "lines": lines, "words": notes}


def _lines(file: DataFile | CorpusFile, first: Iterable[int]) -> set[int]:
    """Return the first lines of all rows of which these tweets were made."""
    return {line for one in first for line in file.united.get(one, (one,))}


def _count(file: DataFile | CorpusFile, first: set[int]) -> int:
    """Return the number of lines that these rows take up; `spans` has those of a united tweet for all its rows."""
    spans, united = file.spans, file.united
    further = sum(spans.get(line, 1) for one in first if one in united for line in united[one][1:])
    return sum(spans.get(line, 1) for line in first) - further
