"""
Prediction speed: from raw text to probabilities, compared with transformers' own text-classification pipeline.

The pipeline runs the exported classifier, a plain BertForSequenceClassification with the same probabilities (and one
more layer, see `emoclf.export.plain_bert`), on the same tweets. Both run alternately on the same parts of the tweets.
The head is untrained, which does not change the time. The peak is that of the data type used for predictions: bf16 if
the processor supports it, or else fp32.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch

from benchmarks import ec, matmul
from benchmarks.claims import Claim, run
from emoclf.backends.settings import TrainingSettings
from emoclf.export import plain_bert
from emoclf.progress import drain
from emoclf.training.classifier import Classifier
from emoclf.training.fitting import untrained

TIMES, SHARE = 4, 35  # the share has no target of its own: it is compared with that of training
PARTS = 4


def measure(quick: bool) -> list[Claim]:
    """Return two claims: the speed-up, and the share of the peak."""
    texts = ec.tweets("train").texts[: 100 if quick else 3200]
    settings = TrainingSettings()
    classifier = untrained(settings)
    peaks, pipeline_call = [matmul.peak(1)], pipeline(classifier)
    drain(classifier.probabilities(texts[:64]))
    pipeline_call(texts[:64])
    seconds = pipeline_seconds = 0.0
    for part in np.array_split(np.array(texts, dtype=object), PARTS):
        seconds += timed(lambda: drain(classifier.probabilities(list(part))))  # noqa: B023 - called at once
        pipeline_seconds += timed(lambda: pipeline_call(list(part)))  # noqa: B023
        peaks.append(matmul.peak(1))
    best, number_type = max(peaks)
    lengths = [len(ids) for ids in classifier.tokenise(texts)]
    reached = matmul.operations(classifier.network.encoder, lengths, matmul.FORWARD) / seconds
    rates = {"tweets_per_s": round(len(texts) / seconds), "pipeline_tweets_per_s": round(len(texts) / pipeline_seconds)}
    detail = {**rates, "tweets": len(texts), "threads": torch.get_num_threads()}
    peak_detail = {
        "gflops": round(reached / 1e9),
        f"{number_type}_peak_gflops": round(best / 1e9),
        "counted": "no padding",
    }
    return [
        Claim("prediction against a pipeline", pipeline_seconds / seconds, TIMES, "times", detail=detail),
        Claim(f"prediction's share of the {number_type} peak", 100 * reached / best, SHARE, "%", detail=peak_detail),
    ]


def pipeline(classifier: Classifier) -> Any:
    """Return the usual pipeline for the exported classifier."""
    from transformers import logging
    from transformers import pipeline as transformers_pipeline

    logging.set_verbosity_error()
    with tempfile.TemporaryDirectory() as folder:
        plain_bert.save(classifier, None, Path(folder))
        return transformers_pipeline("text-classification", folder, top_k=None, batch_size=32)


def timed(work: Any) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    run(measure)
