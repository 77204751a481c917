"""
Writes the rejected rows of a data file, with their lines and reasons, to a file named after it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import count
from pathlib import Path

from emoclf.errors import DataFileError, NothingReadError
from emoclf.files import rows
from emoclf.files.cells import Reject


@contextmanager
def rejects_written(folder: Path, path: Path) -> Iterator[None]:
    """Write the rejects of `path` to `folder` if the block raises NothingReadError, which then names the file."""
    try:
        yield
    except NothingReadError as error:
        with suppress(DataFileError):  # why no row was read is more important than that the folder is read-only
            error.rejects_file = write_rejects(folder, path, error.rejects)
        raise


def write_rejects(folder: Path, path: Path, rejects: Iterable[Reject]) -> Path:
    """Write the rejects of the data file `path` to a new file in `folder`, named after it; return its path."""
    names = (f"{path.stem}.rejects{f'-{n}' if n else ''}.csv" for n in count())
    target = next(folder / name for name in names if not (folder / name).exists())
    rows.write(target, (asdict(reject) for reject in rejects), ["line", "reason", "row"], for_spreadsheet=True)
    return target
