"""
Writes long JSON arrays item by item.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_array(path: Path, items: Iterable[Any]) -> int:
    """Write the items as one JSON array in ASCII, an item on each line; return their number.

    ASCII, since programs open JSON files in the encoding of their system.
    """
    count = 0
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("[")
        for count, item in enumerate(items, start=1):
            file.write(("\n" if count == 1 else ",\n") + json.dumps(item))
        file.write("\n]\n")
    return count
