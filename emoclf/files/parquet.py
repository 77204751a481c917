"""
Reads Parquet files, with the names of label numbers that the `datasets` library of Hugging Face stores beside them.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files.cells import plain
from emoclf.files.sources import MAX_BYTES, MAX_ROWS, too_large
from emoclf.files.tables import Expected, Row, Table, Tally, check_header, column_key, header_names

BATCH = 10_000  # rows that are converted at a time


def read_parquet(data: bytes, name: str, expected: Expected) -> Table:
    """Return the rows of a Parquet file; row n counts as line n + 1, as if a header were line 1.

    Raises
    ------
    DataFileError : if it is not Parquet, or lacks a column
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        _check_size(file.metadata, name)
        table = file.read()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        first = (str(error).splitlines() or ["no reason given"])[0]
        raise DataFileError(f"{name} cannot be read as Parquet ({plain(first)})") from error
    header = header_names(table.column_names)
    check_header(header, name, expected.missing)
    classes = class_names(table.schema.metadata or {})
    tally = Tally(table.num_rows, counted="rows")
    return Table(_rows(table.rename_columns(header), classes), tally)


def _check_size(metadata: Any, name: str) -> None:
    """Raise DataFileError if the content of a file takes too much memory: it is compressed."""
    size = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    if size > MAX_BYTES:
        raise too_large(name, "is larger when it is decompressed")
    if metadata.num_rows > MAX_ROWS:
        raise too_large(name, f"has {metadata.num_rows:,} rows")


def _rows(table: Any, classes: Mapping[str, list[str]]) -> Iterator[Row]:
    line = 1
    for batch in table.to_batches(BATCH):
        for cells in batch.to_pylist():
            line += 1
            for column, names in classes.items():
                cells[column] = _named(cells[column], names)
            yield Row(line, cells)


def _named(cell: Any, names: list[str]) -> Any:
    """Replace label numbers by their names; -1 stands for no label."""
    if isinstance(cell, list):
        return [_named(one, names) for one in cell]
    if isinstance(cell, int) and cell == -1:
        return None
    return names[cell] if isinstance(cell, int) and 0 <= cell < len(names) else cell


def class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Return the names of the label numbers by lower-case column, from the metadata of a Parquet file.

    >>> label = {"_type": "ClassLabel", "names": ["calm", "cross"]}
    >>> features = {"text": {"_type": "Value"}, "Labels": {"_type": "List", "feature": label}}
    >>> class_names({b"huggingface": json.dumps({"info": {"features": features}}).encode()})
    {'labels': ['calm', 'cross']}
    """
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        found = {column_key(name): one.get("feature", one) for name, one in features.items()}
        return {
            name: [str(label) for label in one["names"]]
            for name, one in found.items()
            if isinstance(one, dict) and isinstance(one.get("names"), list)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # metadata of another kind
