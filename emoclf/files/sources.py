"""
Finds out what kind of file a file is: from its name's ending, and from its first bytes where they say otherwise.
"""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from emoclf.errors import DataFileError

TEXT_ENDINGS = (".txt", ".tsv", ".csv", ".jsonl", ".ndjson", ".json")
ENDINGS = (*TEXT_ENDINGS, ".parquet", ".xlsx")
GZIP = ".gz"
MAX_ROWS = 2_000_000
MAX_LINE = 10_000_000  # characters
MEGABYTE = 10**6
MAX_BYTES = 500 * MEGABYTE  # a million tweets with all their columns; more would not fit into memory
MAGIC = {b"PK\x03\x04": ".xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ".xlsx", b"PAR1": ".parquet"}  # first bytes


@dataclass(frozen=True)
class Source:
    """The content of a file, and the ending that tells its format."""

    name: str
    ending: str
    data: bytes
    notes: tuple[str, ...] = ()


def load(path: Path) -> Source:
    """Read a file, and decompress it if it is compressed with gzip.

    Raises
    ------
    DataFileError : if the file is missing, empty or damaged, or its name has another ending
    """
    endings = [one.lower() for one in path.suffixes[-2:]]
    compressed = endings[-1:] == [GZIP]
    ending = (endings[:-1] or [""])[-1] if compressed else (endings or [""])[-1]
    if ending not in (TEXT_ENDINGS if compressed else ENDINGS):
        allowed = f"{' '.join(ENDINGS)}, or {GZIP} after one of {' '.join(TEXT_ENDINGS)}"
        raise DataFileError(f"{path.name}: the name must end in one of {allowed} to tell the format")
    if not path.is_file():
        raise DataFileError(f"{path}: there is no such file")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise too_large(path.name, f"has {size // MEGABYTE:,} MB")
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = _decompressed(data, path.name)
    elif compressed:
        raise DataFileError(f"{path.name} is not compressed with gzip, as its ending says")
    if not data:
        raise DataFileError(f"{path.name} is empty")
    actual = next((kind for first, kind in MAGIC.items() if data.startswith(first)), ending)
    notes = () if actual == ending else (f"It was read as {KINDS[actual]}, which is what its content shows.",)
    return Source(path.name, actual, data, notes)


KINDS = {".xlsx": "an Excel workbook", ".parquet": "Parquet"}


def too_large(name: str, what: str) -> DataFileError:
    """Return the error for a file that is too large to be read as a whole; `what` says what is too large."""
    limits = f"{MAX_BYTES // MEGABYTE:,} MB and {MAX_ROWS:,} rows can be read"
    return DataFileError(f"{name} {what}, and {limits}; split it into several files")


def check_lines(text: str, name: str) -> None:
    """Raise DataFileError if a line of a text file is far too long for a row."""
    for line, content in enumerate(io.StringIO(text), start=1):
        if len(content) > MAX_LINE:
            raise DataFileError(
                f"line {line:,} of {name} has {len(content):,} characters, and {MAX_LINE:,} can be read; the file is "
                "damaged, or it is no file of tweets"
            )


def _decompressed(data: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise too_large(name, f"has more than {MAX_BYTES // MEGABYTE:,} MB when it is decompressed")
        return content
    except (OSError, EOFError, zlib.error) as error:
        raise DataFileError(f"{name} cannot be decompressed ({error}); compress it again") from error
