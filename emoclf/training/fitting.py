"""
Fits one network on some tweets and predicts others, with progress reports every few batches.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.backends import batching, checkpoints, choice
from emoclf.backends.settings import FitSettings, TrainingSettings
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, Work
from emoclf.training.classifier import Classifier
from emoclf.tweets import LabelledTexts

BATCHES_PER_REPORT = 10


def never() -> bool:
    """Never stop early."""
    return False


@dataclass(frozen=True)
class Fitted:
    """A trained network, and its predictions for the held-out tweets."""

    classifier: Classifier
    history: list[dict[str, Any]]  # per epoch: epoch, loss, seconds; macro_f1 (at 0.5) and precision if held out
    held_out: np.ndarray  # probabilities, shape (m, n_labels); m is 0 if nothing was held out
    earlier_seconds: float  # seconds of epochs before the training was interrupted and resumed


def fit(
    train: LabelledTexts,
    held_out: LabelledTexts,
    settings: TrainingSettings,
    stop_early: Callable[[], bool] = never,
    checkpoint: Path | None = None,
    recipe: "type[Fitting] | None" = None,
) -> Work[Fitted]:
    """Train one network on `train`; to stop training, stop iterating.

    Parameters
    ----------
    held_out : tweets to predict after every epoch; may be empty
    stop_early : called after every epoch; True stops early and keeps the model
    checkpoint : a file that is written after every epoch except the last, and resumed from if it exists; it must belong
        to the same training
    recipe : another training method, for comparison; None: `Fitting`

    Raises
    ------
    ModelError : if the encoder cannot be loaded
    EmoclfError : if the loss is not finite
    """
    settings = settings.complete(len(train))
    yield Progress(0, 1, f"loading {settings.base}")
    classifier = untrained(settings)
    fitting = (recipe or Fitting)(classifier, train, held_out, settings)
    earlier_seconds = fitting.use_checkpoint(checkpoint) if checkpoint else 0.0
    probabilities = yield from fitting.run(stop_early)
    classifier.settings = asdict(replace(settings, learning_rate=fitting.loop.rate))
    return Fitted(classifier, fitting.history, probabilities, earlier_seconds)


def untrained(settings: FitSettings) -> Classifier:
    """Return an untrained classifier with thresholds of 0.5; it reads the first of the text variants."""
    backend = choice.backend_of_base(settings.base)
    backend.prepare(settings)
    network, tokenizer = backend.from_base(settings.base, len(EMOTIONS))
    initial_thresholds, text_variant = np.full(len(EMOTIONS), 0.5), settings.views[0]
    return Classifier(
        network,
        tokenizer,
        settings.base,
        initial_thresholds,
        settings.max_length,
        text_variant=text_variant,
        backend=backend,
    )


class Fitting:
    """One fit in progress; the classifier's network is trained in place."""

    def __init__(
        self, classifier: Classifier, train: LabelledTexts, held_out: LabelledTexts, settings: TrainingSettings
    ) -> None:
        self.classifier, self.settings, self.epochs = classifier, settings, settings.epochs or 1
        self.variants = batching.tokenise_variants(
            classifier.tokenizer, train.texts, settings.views, settings.max_length
        )
        self.held_out = classifier.tokenise(held_out.texts)
        self.lengths = batching.longest_lengths(self.variants)
        total = self.epochs * -(-len(train) // settings.batch_size)
        padding = classifier.tokenizer.pad_token_id
        self.loop: Any = classifier.backend.optimizer_loop(classifier.network, padding, train.labels, total, settings)
        self.targets = train.labels.astype(np.float32)
        self.held_out_targets = held_out.labels
        self.random = np.random.default_rng(settings.seed)
        self.history: list[dict[str, Any]] = []
        self.checkpoint: Path | None = None

    def use_checkpoint(self, checkpoint: Path) -> float:
        """Save finished epochs to a file, and resume after those that it contains; return the seconds they took."""
        self.checkpoint = checkpoint
        self.history = checkpoints.resume(checkpoint, self.loop, self.random).get("history", [])
        return float(sum(entry["seconds"] for entry in self.history))

    def run(self, stop_early: Callable[[], bool]) -> Work[np.ndarray]:
        """Train to the end; return the predictions for the held-out tweets."""
        probabilities = np.zeros((0, len(EMOTIONS)), dtype=np.float32)
        if self.history:  # from before an interruption
            yield self._epoch_progress(len(self.history) + 1, self.history[-1]["loss"])
        for epoch in range(len(self.history) + 1, self.epochs + 1):
            started = time.monotonic()
            loss = yield from self._epoch(epoch)
            entry = {"epoch": epoch, "loss": loss}
            if len(self.held_out_targets):
                probabilities = yield from self._predict(epoch, loss)
                entry |= scores(self.held_out_targets, probabilities)
            self.history.append(entry | {"seconds": time.monotonic() - started})
            if self.checkpoint and epoch < self.epochs:
                checkpoints.save(self.checkpoint, self.loop, self.random, history=self.history)
            yield self._epoch_progress(epoch, loss)
            if stop_early():
                break
        return probabilities

    def _epoch(self, epoch: int) -> Work[float]:
        """Train on every tweet once; return the mean loss."""
        losses = []
        for rows in batching.random_batches(self.lengths, self.settings.batch_size, self.random):
            losses.append(self.step(rows))
            if self.loop.done % BATCHES_PER_REPORT == 0:
                yield self._progress(epoch, float(np.mean(losses)))
        return float(np.mean(losses))

    def batch(self, rows: np.ndarray) -> batching.TokenIds:
        """Return the token ids of one step, for the tweets at these row numbers.

        They contain all text variants, variant after variant, or one random variant of each text, as the backend needs.
        """
        if not self.classifier.backend.EVERY_VARIANT:
            return batching.random_variant(self.variants, rows, self.random)
        return [variant[row] for variant in self.variants for row in rows]

    def step(self, rows: np.ndarray) -> float:
        """Run one step on the tweets at these row numbers; return the loss."""
        return float(self.loop.train_batch(self.batch(rows), self.targets[rows]))

    def _predict(self, epoch: int, loss: float) -> Work[np.ndarray]:
        """Predict the held-out tweets and report the progress."""
        work = self.classifier.probabilities_of(self.held_out)
        while True:
            try:
                next(work)
            except StopIteration as end:
                return np.asarray(end.value)
            yield self._progress(epoch, loss)

    def _epoch_progress(self, epoch: int, loss: float) -> Progress:
        return replace(self._progress(epoch, loss), detail={"history": list(self.history)})

    def _progress(self, epoch: int, loss: float) -> Progress:
        message = f"epoch {epoch} of {self.epochs}, loss {loss:.2f}"
        if self.history and "macro_f1" in self.history[-1]:
            message += f", macro-F1 on held-out tweets {self.history[-1]['macro_f1']:.2f}"
        return Progress(self.loop.done, self.loop.total, message)


def scores(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Return macro-F1 at 0.5, and the mean average precision, which does not depend on thresholds.

    Emotions without a positive in `targets` are left out.
    """
    from sklearn.metrics import average_precision_score, f1_score

    seen = targets.any(axis=0)
    if not seen.any():
        return {"macro_f1": 0.0, "precision": 0.0}
    y, p = targets[:, seen], probabilities[:, seen]
    return {
        "macro_f1": float(f1_score(y, p >= 0.5, average="macro", zero_division=0)),
        "precision": float(average_precision_score(y, p, average="macro")),
    }
