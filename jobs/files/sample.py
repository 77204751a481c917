"""
Loads the invented sample tweets of `datasets/` with recorded suggestions, for trying out the app offline.
"""

import json
from pathlib import Path
from typing import Any

from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import ids_by_key
from emoclf.errors import DataFileError
from jobs.doubts import ranking
from jobs.files.imports import import_file

FOLDER = Path(__file__).resolve().parents[2] / "datasets"
FILES = {"train": "sample-train.csv", "dev": "sample-dev.csv"}
SUGGESTIONS = "sample-suggestions.jsonl"


def load_sample(store: Store, folder: Path = FOLDER) -> dict[str, Any]:
    """Import the sample and its recorded suggestions; a second import changes nothing."""
    counts = [import_file(store, folder / name, split) for split, name in FILES.items()]
    suggested = load_suggestions(store, folder / SUGGESTIONS)
    ranking.refresh(store)
    return {"imported": sum(count["imported"] for count in counts), "suggested": suggested}


def load_suggestions(store: Store, path: Path) -> int:
    """Store recorded suggestions; the first line names engine and prompt, then each line is a tweet."""
    try:
        head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise DataFileError(f"{path.name} cannot be read as recorded suggestions: {error}") from error
    with store.writing() as session:
        ids = ids_by_key(session, [line["key"] for line in lines])
        scored = [(ids[line["key"]], line["probabilities"]) for line in lines if line["key"] in ids]
        add_suggestions(session, head["engine"], head["prompt"], scored)
    return len(scored)
