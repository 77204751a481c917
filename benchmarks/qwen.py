"""
Runs Qwen for the benchmarks: raw answers for the E-c tweets, cached in a file so that a run can be resumed.

The model is in the folder EMOCLF_QWEN, or else the 1.5B model in the developers' default folder.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ec
from benchmarks.claims import missing
from emoclf.labels import EMOTIONS
from emoclf.llm import checkpoint
from emoclf.llm.one_pass import OnePassScorer
from emoclf.llm.prompts import LABELLING, LabelPrompt
from emoclf.metrics.calibration import sigmoid

DEFAULT_FOLDER = Path.home() / ".cache" / "emoclf-dev-models" / "qwen2.5-coder-1.5b-instruct"
AT_ONCE = 100  # tweets between two writes to the file


@dataclass(frozen=True)
class Answers:
    """The model's answers for some tweets, and the time they took."""

    probabilities: np.ndarray  # raw, shape (n, 11)
    seconds: float


def folder() -> Path:
    """Return the folder of the model; exit with a message if it is missing."""
    found = Path(os.environ.get("EMOCLF_QWEN", DEFAULT_FOLDER))
    if not found.is_dir():
        missing(f"no Qwen in {found}; set EMOCLF_QWEN to a folder with a Qwen chat model")
    return found


@cache
def model() -> tuple[Any, Any]:
    """Return the model and its tokenizer."""
    checkpoint.limit_threads()
    return checkpoint.load(folder(), f"dir:{folder()}")


def scorer(prompt: LabelPrompt = LABELLING) -> OnePassScorer:
    """Return one-pass scoring with this prompt."""
    return OnePassScorer(*model(), prompt)


def answers(texts: Sequence[str], prompt: LabelPrompt = LABELLING) -> Answers:
    """Return the model's answers for these texts; those cached for this model and prompt are not computed again."""
    known = _read(prompt)
    if missing := [text for text in dict.fromkeys(texts) if _name(text) not in known]:
        _ask(missing, prompt)
        known = _read(prompt)
    lines = [known[_name(text)] for text in texts]
    odds = np.array([line["odds"] for line in lines]).reshape(-1, len(EMOTIONS))
    return Answers(sigmoid(odds), sum(line["seconds"] for line in lines))


def _ask(texts: Sequence[str], prompt: LabelPrompt) -> None:
    """Compute and save the model's answers for these texts, in parts."""
    one_pass, file = scorer(prompt), _file(prompt)
    file.parent.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(texts), AT_ONCE):
        part, began = texts[start : start + AT_ONCE], time.perf_counter()
        odds = one_pass.log_odds(part)
        each = (time.perf_counter() - began) / len(part)
        with file.open("a", encoding="utf-8") as lines:
            for text, row in zip(part, odds.tolist(), strict=True):
                lines.write(json.dumps({"text": _name(text), "odds": row, "seconds": each}) + "\n")
        print(f"{prompt.version}: {start + len(part)} of {len(texts)} tweets", file=sys.stderr, flush=True)


def _read(prompt: LabelPrompt) -> dict[str, dict[str, Any]]:
    """Return log-odds and seconds by a hash of the text; the tweets themselves are not stored."""
    if not _file(prompt).is_file():
        return {}
    lines = map(json.loads, _file(prompt).read_text(encoding="utf-8").splitlines())
    return {line["text"]: line for line in lines}


def _file(prompt: LabelPrompt) -> Path:
    return ec.CACHE / f"{folder().name}-{_name(repr(prompt))}.jsonl"


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
