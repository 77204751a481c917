"""
Reads the record of an encoder trained in a first stage, without loading torch or TensorFlow.
"""

import json
from pathlib import Path
from typing import Any

RECORD = "encoder.json"


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return the record of the encoder in `folder`; None if there is no complete one."""
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if any(folder.glob("*.safetensors")) else None
