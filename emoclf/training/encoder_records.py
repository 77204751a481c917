"""
Encoders that a first stage has trained: the record beside their weights, read without the libraries that train.
"""

import json
from pathlib import Path
from typing import Any

RECORD = "encoder.json"


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record of the encoder in `folder`; None where there is no whole one."""
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if any(folder.glob("*.safetensors")) else None
