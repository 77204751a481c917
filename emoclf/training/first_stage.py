"""
The first training stage: trains one encoder on several auxiliary corpora and saves it for later trainings.

Every corpus has its own linear head on the shared encoder. Each batch contains texts of one corpus, and the batches of
all corpora come in random order. The heads are discarded after training.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from emoclf.backends import batching, checkpoints
from emoclf.backends.batching import TokenIds
from emoclf.backends.on_torch.network import EmotionNetwork, from_base, size, write_encoder
from emoclf.backends.on_torch.optimizer_loop import OptimizerLoop
from emoclf.backends.settings import EncoderSettings
from emoclf.files.corpora import Corpus
from emoclf.files.folders import atomic_folder
from emoclf.hub.uris import digest_of_weights
from emoclf.progress import Progress, Work
from emoclf.training.encoder_records import RECORD

BATCHES_PER_REPORT = 10
RECENT = 100  # the number of last batches of a corpus that its loss is averaged over
CHECKPOINT_SECONDS = 120  # time between two checkpoints, so the most that an interruption can lose


@dataclass(frozen=True)
class TrainedEncoder:
    """An encoder and its tokenizer, with the record of their training."""

    encoder: Any
    tokenizer: Any
    record: dict[str, Any]  # base, corpora, settings, texts, loss, seconds: JSON values

    def save(self, folder: Path) -> None:
        """Save a checkpoint for `dir:FOLDER` atomically, with its record next to the weights."""
        with atomic_folder(folder, size(self.encoder)) as unfinished:
            write_encoder(self.encoder, self.tokenizer, unfinished)
            (unfinished / RECORD).write_text(json.dumps(self.record, indent=2, ensure_ascii=False), encoding="utf-8")


def identity(corpora: Sequence[Corpus], settings: EncoderSettings) -> str:
    """Return a name for the encoder of this training, from the base's weights, the corpora and the settings.

    Raises
    ------
    ModelError : if the base is missing
    """
    digest = hashlib.sha256(digest_of_weights(settings.base))
    content = asdict(settings) | {"base": None, "corpora": [corpus.hash for corpus in corpora]}
    digest.update(json.dumps(content, sort_keys=True).encode())
    return digest.hexdigest()[:16]


def train_encoder(
    corpora: Sequence[Corpus], settings: EncoderSettings, checkpoint: Path | None = None
) -> Work[TrainedEncoder]:
    """Train the encoder of `settings.base` on all `corpora` at once; to stop training, stop iterating.

    Parameters
    ----------
    checkpoint : a file to resume from, if it exists, and to save the state to every few minutes

    Raises
    ------
    ModelError : if the encoder cannot be loaded
    EmoclfError : if the loss is not finite
    """
    started = time.monotonic()
    torch.manual_seed(settings.seed)
    yield Progress(0, 0, f"loading {settings.base}")
    network, tokenizer = from_base(settings.base, sum(len(corpus.emotions) for corpus in corpora))
    yield Progress(0, 0, f"reading {sum(len(corpus.texts) for corpus in corpora):,} texts")
    training = _Training(network, tokenizer, corpora, settings, checkpoint)
    losses = yield from training.run()
    record = {
        "base": settings.base,
        "corpora": [corpus_record(corpus) for corpus in corpora],
        "settings": asdict(settings),
        "texts": sum(len(corpus.texts) for corpus in corpora),
        "loss": losses,
        "seconds": round(time.monotonic() - started, 1),
    }
    return TrainedEncoder(network.encoder, tokenizer, record)


def corpus_record(corpus: Corpus) -> dict[str, Any]:
    """Return a corpus's entry for the record: name, hash, texts, emotions and licence."""
    entry = {"name": corpus.name, "hash": corpus.hash, "texts": len(corpus.texts)}
    return entry | {"emotions": len(corpus.emotions), "licence": corpus.licence}


@dataclass(frozen=True)
class _Task:
    """A corpus during training; its head is the columns `head` of the network's one linear layer."""

    name: str
    variants: list[TokenIds]
    lengths: list[int]  # of each text's longest variant
    targets: torch.Tensor  # (n, k)
    loss: torch.nn.Module
    head: slice


class _Training:
    """One training run; the network is trained in place."""

    def __init__(
        self,
        network: EmotionNetwork,
        tokenizer: Any,
        corpora: Sequence[Corpus],
        settings: EncoderSettings,
        checkpoint: Path | None,
    ) -> None:
        self.settings, self.tokenizer, self.checkpoint, self.saved_at = (
            settings,
            tokenizer,
            checkpoint,
            time.monotonic(),
        )
        total = settings.epochs * sum(-(-len(corpus.texts) // settings.batch_size) for corpus in corpora)
        self.loop = OptimizerLoop(network, tokenizer.pad_token_id, total, settings)
        ends = np.cumsum([len(corpus.emotions) for corpus in corpora])
        self.tasks = [
            self._task(corpus, slice(int(end) - len(corpus.emotions), int(end)))
            for corpus, end in zip(corpora, ends, strict=True)
        ]
        self.random = np.random.default_rng(settings.seed)

    def _task(self, corpus: Corpus, head: slice) -> _Task:
        variants = batching.tokenise_variants(
            self.tokenizer, corpus.texts, self.settings.views, self.settings.max_length
        )
        targets = torch.tensor(corpus.labels, dtype=torch.float32, device=self.loop.device)
        return _Task(
            corpus.name, variants, batching.longest_lengths(variants), targets, self.loop.loss_for(corpus.labels), head
        )

    def run(self) -> Work[dict[str, float]]:
        """Train to the end; return the mean loss of each corpus over its last batches."""
        self.loop.network.train()
        batches = [batch for _ in range(self.settings.epochs) for batch in self._batches()]
        n_done = self._restore()
        losses: dict[str, list[float]] = {task.name: [] for task in self.tasks}
        for task, rows in batches[n_done:]:
            losses[task.name].append(self._step(task, rows))
            if self.loop.done % BATCHES_PER_REPORT == 0:
                self._save_checkpoint()
                yield Progress(self.loop.done, self.loop.total, self._message(losses))
        return {name: float(np.mean(values[-RECENT:])) for name, values in losses.items() if values}

    def _restore(self) -> int:
        """Resume from the checkpoint, if there is one; return the number of finished batches."""
        if self.checkpoint is not None:
            checkpoints.resume(self.checkpoint, self.loop, self.random)
        return self.loop.done

    def _save_checkpoint(self) -> None:
        """Write a checkpoint if it is due."""
        if self.checkpoint is not None and time.monotonic() - self.saved_at >= CHECKPOINT_SECONDS:
            checkpoints.save(self.checkpoint, self.loop, self.random)
            self.saved_at = time.monotonic()

    def _batches(self) -> list[tuple[_Task, np.ndarray]]:
        """Return the batches of one epoch of all corpora, in random order."""
        batches = [
            (task, rows)
            for task in self.tasks
            for rows in batching.random_batches(task.lengths, self.settings.batch_size, self.random)
        ]
        return [batches[i] for i in self.random.permutation(len(batches))]

    def _step(self, task: _Task, rows: np.ndarray) -> float:
        """Run one step of the optimizer on texts of one corpus; return the loss."""
        logits = self.loop.logits(batching.random_variant(task.variants, rows, self.random))
        return self.loop.step(task.loss(logits[:, task.head], task.targets[rows]))

    def _message(self, losses: dict[str, list[float]]) -> str:
        recent = (f"{name} {np.mean(values[-RECENT:]):.2f}" for name, values in losses.items() if values)
        return f"batch {self.loop.done:,} of {self.loop.total:,}, loss {', '.join(recent)}"
