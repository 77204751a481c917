"""
Says how a file was read, for the answers of commands and pages.
"""

from collections.abc import Iterable
from typing import Any

from emoclf.files.cells import Reject
from emoclf.files.corpora import CorpusFile, CorpusText
from emoclf.files.tweet_files import DataFile
from emoclf.tweets import Tweet


def how_read(
    file: DataFile | CorpusFile, found: Iterable[Tweet | CorpusText], rejects: Iterable[Reject]
) -> dict[str, Any]:
    """Return how a file was read: its encoding unless that is UTF-8, all its lines, and sentences on further choices.

    Parameters
    ----------
    found : the rows that were read, with those that the store refused
    rejects : all rejects, with those of the store
    """

    def count(rows: Iterable[Tweet | CorpusText | Reject]) -> int:
        return sum(file.spans.get(row.line, 1) for row in rows)

    rejected = count(rejects)
    read = count(found) + count(file.rejects) - rejected
    encoding = None if file.encoding in ("", "UTF-8") else file.encoding
    notes = [*([f"The encoding is {encoding}."] if encoding else []), *file.notes]
    lines = {"in_file": file.lines, "read": read, "rejected": rejected}
    return {"encoding": encoding, "lines": lines, "words": notes}
