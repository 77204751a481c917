"""
Backends: the same encoder trained in torch and in TensorFlow, with the same seeds and batches.

Each training runs in its own process, so that its memory is measured separately. The time per epoch includes scoring
dev. A BERT with 12 layers, width 768 and random weights shows the cost of a step at the usual size; `--quick` gives it
2 layers.
"""

import importlib.util
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np

from benchmarks import ec
from benchmarks.claims import Claim, missing, run
from emoclf.backends import batching
from emoclf.backends.settings import TrainingSettings
from emoclf.hub.uris import DEFAULT_ENCODER, locate
from emoclf.progress import drain
from emoclf.training.cross_validation import NO_TWEETS
from emoclf.training.fitting import Fitting, fit, untrained

LIBRARIES = ("torch", "tensorflow")
MAX_DIFFERENCE, MINUTES = 2.0, 15.0
LAYERS, STEPS = 12, 10  # of the BERT of the usual size, and its steps that are timed
QUICK_TWEETS, QUICK_LAYERS, QUICK_STEPS = 64, 2, 1  # two batches


def measure(quick: bool) -> list[Claim]:
    """Return two claims: the difference of the scores, and the time of a whole training in TensorFlow."""
    if importlib.util.find_spec("tensorflow") is None:
        missing("no TensorFlow on this machine; run: pip install -r requirements.txt")
    ec.data_folder()  # checked before anything is computed
    seeds, tweets = ((13,), QUICK_TWEETS) if quick else ((13, 14, 15), len(ec.tweets("train")))
    layers, steps = (QUICK_LAYERS, QUICK_STEPS) if quick else (LAYERS, STEPS)
    with tempfile.TemporaryDirectory() as folder:
        bases = _in_own_process(_bases, Path(folder), layers)
        runs = {name: [_in_own_process(_train, bases[name], seed, tweets) for seed in seeds] for name in LIBRARIES}
        steps_of = {
            name: _in_own_process(_seconds_per_step, bases[f"large {name}"], steps, tweets) for name in LIBRARIES
        }
    step_name = "bert_base_step_s" if layers == LAYERS else f"bert_of_{layers}_layers_step_s"
    detail = {name: {**_mean(runs[name]), step_name: round(steps_of[name], 2)} for name in LIBRARIES}
    difference = 100 * abs(detail["torch"]["dev_macro_f1"] - detail["tensorflow"]["dev_macro_f1"])
    comparison: dict[str, Any] = {**detail, "seeds": list(seeds), "tweets": tweets, "processors": os.cpu_count()}
    minutes = _epochs() * detail["tensorflow"]["epoch_s"] * len(ec.tweets("train")) / tweets / 60
    return [
        Claim(
            "difference of dev macro-F1, torch and TensorFlow",
            difference,
            MAX_DIFFERENCE,
            "points",
            at_most=True,
            detail=comparison,
        ),
        Claim("a training through TensorFlow, its folds included", minutes, MINUTES, "minutes", at_most=True),
    ]


def _in_own_process(action: Callable[..., Any], *arguments: Any) -> Any:
    """Run a function in a process of its own and return its result."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(action, *arguments).result()


def _bases(folder: Path, layers: int) -> dict[str, str]:
    """Return URIs of the packaged encoder and of an untrained BERT of width 768, for both libraries."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    from emoclf.export.tfhub_encoder import export_base

    tokenizer = AutoTokenizer.from_pretrained(locate(DEFAULT_ENCODER), local_files_only=True)
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(tokenizer), num_hidden_layers=layers)).save_pretrained(folder / "large")
    tokenizer.save_pretrained(folder / "large")
    bases = {"torch": DEFAULT_ENCODER, "large torch": f"dir:{folder / 'large'}"}
    for name, hub in (("torch", "tensorflow"), ("large torch", "large tensorflow")):
        export_base(bases[name], folder / hub)
        bases[hub] = f"dir:{folder / hub}"
    return bases


def _train(base: str, seed: int, tweets: int) -> dict[str, float]:
    """Train on E-c train, or its first tweets, and score on dev."""
    train = ec.train_without_twins_of_dev()
    dev, is_quick = ec.tweets("dev"), tweets == QUICK_TWEETS
    train, dev = (part.take(np.arange(min(tweets, len(part)))) for part in (train, dev))
    settings = replace(TrainingSettings(base=base, seed=seed), epochs=1 if is_quick else None)
    history = drain(fit(train, dev, settings)).history
    return {
        "dev_macro_f1": history[-1]["macro_f1"],
        "epoch_s": float(np.mean([epoch["seconds"] for epoch in history])),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _seconds_per_step(base: str, steps: int, tweets: int) -> float:
    """Return the time per training step on batches of so many tweets of E-c train, without the first step."""
    settings = TrainingSettings(base=base, epochs=1)
    data = ec.tweets("train").take(np.arange(tweets))
    fitting = Fitting(untrained(settings), data, NO_TWEETS, settings)
    batches = batching.random_batches(fitting.lengths, settings.batch_size, fitting.random)
    fitting.step(batches[0])
    began = time.perf_counter()
    for rows in batches[1 : steps + 1]:
        fitting.step(rows)
    return (time.perf_counter() - began) / steps


def _mean(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([one[name] for one in runs])), 4) for name in runs[0]}


def _epochs() -> float:
    """Return the cost of a training with its folds, in epochs over the train tweets."""
    settings, n = TrainingSettings(), len(ec.tweets("train"))
    return settings.steps(n) / -(-n // settings.batch_size)


if __name__ == "__main__":
    run(measure)
