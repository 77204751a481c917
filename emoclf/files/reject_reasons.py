"""
Counts the reasons of rejected rows, and makes an error of them where every row of a file was rejected.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emoclf.errors import NothingReadError
from emoclf.files.cells import Reject

NAMED = 3  # reasons that a message names
# Parts of a reason that differ from row to row.
_VALUE = re.compile(r"'[^']*'|\"[^\"]*\"|\d[\d,.]*|(?<=ID )\S+(?=;)|(?<=holds it with )[^;,]+|(?<=the file says )[^;]+")


@dataclass(frozen=True)
class RejectReason:
    """A reason for which rows are rejected."""

    count: int
    reason: str  # of the first row
    line: int  # the first line


def reasons(rejects: Iterable[Reject]) -> list[RejectReason]:
    """Return the reasons of rejects, most frequent first; reasons that differ in a value only count as one.

    >>> one, other = Reject(2, "joy is '7', expected 0 or 1", ""), Reject(3, "joy is 'x', expected 0 or 1", "")
    >>> reasons([one, other])
    [RejectReason(count=2, reason="joy is '7', expected 0 or 1", line=2)]
    """
    counts: Counter[str] = Counter()
    first: dict[str, Reject] = {}
    for reject in rejects:
        kind = _VALUE.sub("…", reject.reason)
        counts[kind] += 1
        first.setdefault(kind, reject)
    return [RejectReason(n, first[kind].reason, first[kind].line) for kind, n in counts.most_common()]


def nothing_read(name: str, rejects: Sequence[Reject], unit: str = "line", verb: str = "read") -> NothingReadError:
    """Return the error for a file of which every row was rejected, with the most frequent reasons first.

    Parameters
    ----------
    unit : what the lines of the rejects number: line or record
    verb : what cannot be done with the rows: "read", or "stored" if the store refused some of them
    """
    found = reasons(rejects)
    named = [
        f"{one.reason} ({unit} {one.line:,}{f' and {one.count - 1:,} more' if one.count > 1 else ''})"
        for one in found[:NAMED]
    ]
    more = f"; and {len(found) - NAMED:,} other reasons" if len(found) > NAMED else ""
    return NothingReadError(f"no row of {name} can be {verb}: {'; '.join(named)}{more}", rejects)
