"""
Records a real Qwen's suggestions for every tweet of the sample, for machines without a language model.

Run it from the project's root: `python -m tools.record_sample_suggestions dir:/path/to/qwen`. The first line of
datasets/sample-suggestions.jsonl names the model, then each tweet has a line. The probabilities are raw, as `suggest`
gets them from the engine.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emoclf.llm.chat_model import ChatModel, Unscored
from emoclf.llm.labelling import label
from emoclf.llm.opening import open_chat_model

DATASETS = Path("datasets")
SAMPLE = ("sample-train.csv", "sample-dev.csv")
RECORDED = "sample-suggestions.jsonl"
MODEL = {
    "model": "Qwen/Qwen2.5-Coder-1.5B-Instruct",
    "licence": "Apache-2.0",
    "weights": "4-bit GGUF of the official release, unpacked",
}


def record(model: ChatModel, folder: Path = DATASETS) -> Iterator[dict[str, Any]]:
    """Yield the lines of the recording, for the sample files in `folder`; stops at a tweet that cannot be scored."""
    yield {"engine": model.name, "prompt": model.prompt_version, **MODEL}
    tweets = [tweet for name in SAMPLE for tweet in _tweets(folder / name)]
    results = label(model, [text for _, text in tweets])
    for (key, _), result in zip(tweets, results, strict=True):
        if isinstance(result, Unscored):
            raise SystemExit(f"{key}: {result.reason}")
        yield {"key": key, "probabilities": [round(float(p), 4) for p in result]}


def _tweets(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["ID"], row["Tweet"]) for row in csv.DictReader(file)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().partition("\n")[0] if __doc__ else "")
    parser.add_argument("engine", help="model URI of Qwen2.5-Coder-1.5B-Instruct, such as dir:/path/to/folder")
    model = open_chat_model(parser.parse_args().engine)
    partial = DATASETS / f"{RECORDED}.partial"
    with partial.open("w", encoding="utf-8") as file:
        for count, line in enumerate(record(model)):
            file.write(json.dumps(line) + "\n")
            print(f"\r{count} tweets", end="", file=sys.stderr)
    partial.rename(DATASETS / RECORDED)
    print(f"\nwrote {DATASETS / RECORDED}", file=sys.stderr)


if __name__ == "__main__":
    main()
