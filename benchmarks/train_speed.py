"""
Training speed: an epoch of the classifier, compared with transformers.Trainer in fp32 with padding to 128.

Encoder, tweets (E-c train), batch size and machine are the same. Both train alternately for some steps at a time, so
that disturbances affect both. The time per epoch is the time per step multiplied by the steps of an epoch. The first
steps of each turn are not counted. The peak is that of the data type used for training: bf16 if the processor supports
it, or else fp32.
"""

import os
import tempfile
import time
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch

from benchmarks import ec, matmul
from benchmarks.claims import Claim, run
from emoclf.backends import batching
from emoclf.backends.settings import TrainingSettings
from emoclf.hub.uris import DEFAULT_ENCODER, locate
from emoclf.labels import EMOTIONS
from emoclf.training.cross_validation import NO_TWEETS
from emoclf.training.fitting import Fitting, untrained
from emoclf.tweets import LabelledTexts

TIMES, SHARE = 5, 35
PADDED_TO = 128
WARM_UP, QUICK_WARM_UP = 3, 1  # steps that are not counted
ROUNDS, QUICK_ROUNDS = 4, 1
QUICK_TWEETS = 96  # the subset of an epoch's tweets that steps draw from


def measure(quick: bool) -> list[Claim]:
    """Return two claims: the speed-up, and the share of the peak."""
    own_steps, trainer_steps, rounds, warm_up = (
        (2, 1, QUICK_ROUNDS, QUICK_WARM_UP) if quick else (40, 5, ROUNDS, WARM_UP)
    )  # steps
    data = ec.tweets("train")
    read = data.take(np.arange(QUICK_TWEETS)) if quick else data
    peaks = [matmul.peak(1)]
    own, trainer = OwnSteps(read), TrainerSteps(read)
    own.steps(warm_up)
    seconds, trainer_seconds, before = [], [], own.operations
    for _ in range(rounds):
        seconds.append(own.steps(own_steps) / own_steps)
        trainer_seconds.append(trainer.steps(trainer_steps) / trainer_steps)
        peaks.append(matmul.peak(1))
    best, number_type = max(peaks)
    per_epoch = -(-len(data) // TrainingSettings().batch_size)
    reached = (own.operations - before) / (sum(seconds) * own_steps)
    detail = {
        "epoch_s": round(float(np.mean(seconds)) * per_epoch, 1),
        "trainer_epoch_s": round(float(np.mean(trainer_seconds)) * per_epoch, 1),
        "extrapolated_from_steps": f"{rounds} x {own_steps} and {rounds} x {trainer_steps} of {per_epoch}",
        "threads": torch.get_num_threads(),
    }
    peak_detail = {
        "gflops": round(reached / 1e9),
        f"{number_type}_peak_gflops": round(best / 1e9),
        "counted": "no padding",
    }
    times = sum(trainer_seconds) / sum(seconds)
    return [
        Claim("training against transformers.Trainer", times, TIMES, "times", detail=detail),
        Claim(f"training's share of the {number_type} peak", 100 * reached / best, SHARE, "%", detail=peak_detail),
    ]


class OwnSteps:
    """The classifier's training, some steps at a time."""

    def __init__(self, data: LabelledTexts) -> None:
        settings = TrainingSettings(epochs=1)
        self.fitting = Counted(untrained(settings), data, NO_TWEETS, settings)
        self.fitting.classifier.network.train()
        self.batches = iter(batching.random_batches(self.fitting.lengths, settings.batch_size, self.fitting.random))

    def steps(self, n: int) -> float:
        """Train for n steps; return the seconds."""
        began = time.perf_counter()
        for _ in range(n):
            self.fitting.step(next(self.batches))
        return time.perf_counter() - began

    @property
    def operations(self) -> float:
        """Return the operations of all steps so far."""
        return matmul.operations(self.fitting.classifier.network.encoder, self.fitting.read, matmul.TRAINING)


class Counted(Fitting):
    """The training, which also records the number of word pieces per text."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.read: list[int] = []

    def batch(self, rows: np.ndarray) -> batching.TokenIds:
        ids = super().batch(rows)
        self.read += map(len, ids)
        return ids


class TrainerSteps:
    """transformers.Trainer with its defaults, restarted for every turn."""

    def __init__(self, data: LabelledTexts) -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer, logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        folder = locate(DEFAULT_ENCODER)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.model = AutoModelForSequenceClassification.from_pretrained(
            folder, num_labels=len(EMOTIONS), problem_type="multi_label_classification", local_files_only=True
        )
        read = tokenizer(data.texts, padding="max_length", truncation=True, max_length=PADDED_TO)
        targets = data.labels.astype(np.float32)
        self.rows = [{**{name: read[name][i] for name in read}, "labels": targets[i]} for i in range(len(data))]

    def steps(self, n: int) -> float:
        """Train for one uncounted step, then n; return the seconds of the n steps, without Trainer's setup."""
        from transformers import Trainer, TrainerCallback, TrainingArguments, trainer

        trainer.is_datasets_available = lambda: False  # it mistakes this project's folder `datasets` for the library
        ends: list[float] = []

        class Clock(TrainerCallback):
            def on_step_end(self, *_: Any, **__: Any) -> None:
                ends.append(time.perf_counter())

        arguments = TrainingArguments(
            output_dir=tempfile.gettempdir(),
            per_device_train_batch_size=TrainingSettings().batch_size,
            max_steps=n + 1,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
        )
        Trainer(model=self.model, args=arguments, train_dataset=self.rows, callbacks=[Clock()]).train()
        return ends[-1] - ends[0]


if __name__ == "__main__":
    run(measure)
