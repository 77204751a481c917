"""
Fine-tuning a BERT encoder on labelled tweets, with progress after every few batches.

A slice of the tweets is held out, twins together: it chooses the epoch that is
kept and the thresholds. What the classifier will be scored on plays no part.
"""

import math
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch

from emoclf import batching, optimisation, thresholds
from emoclf.classifier import Classifier
from emoclf.devices import autocast, best_device
from emoclf.errors import EmoclfError, TooLittleDataError
from emoclf.labels import EMOTIONS, LabelSet
from emoclf.network import EmotionNetwork, from_base
from emoclf.progress import Progress, Work
from emoclf.settings import TrainingSettings
from emoclf.splits import holdout
from emoclf.tweets import LabelledTexts

FEWEST_TWEETS = 50  # with fewer, the slice holds next to nothing
BATCHES_PER_REPORT = 10


@dataclass(frozen=True)
class TrainingResult:
    """A trained classifier, and how it came about."""

    classifier: Classifier
    history: list[dict[str, Any]]  # per epoch: epoch, loss, macro_f1 (of the slice, at 0.5), precision, seconds
    seconds: float
    slice_rows: np.ndarray  # row numbers of the data that were held out, shape (m,)
    slice_probabilities: np.ndarray  # shape (m, n_labels)
    slice_targets: np.ndarray  # shape (m, n_labels)


def fine_tune(data: LabelledTexts, settings: TrainingSettings) -> Work[TrainingResult]:
    """Train on `data`, all of it train tweets; stop reading to stop training.

    Raises
    ------
    TooLittleDataError : naming what is missing, before any training
    ModelError : if the encoder cannot be loaded
    EmoclfError : if the loss stops being a number
    """
    check_enough(data.labels)
    settings, started = settings.complete(len(data)), time.monotonic()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    train_rows, slice_rows = holdout(data.labels, data.groups, settings.slice_share, settings.seed)
    yield Progress(0, 1, f"loading {settings.base}")
    training = _Training(_untrained(settings), settings, data.take(train_rows), data.take(slice_rows))
    probabilities = yield from training.run()
    targets = data.labels[slice_rows]
    training.classifier.thresholds = thresholds.fit(targets, probabilities)
    seconds = time.monotonic() - started
    return TrainingResult(training.classifier, training.history, seconds, slice_rows, probabilities, targets)


def check_enough(labels: np.ndarray, label_set: LabelSet = EMOTIONS) -> None:
    """Raise TooLittleDataError where there are too few tweets, or an emotion has no positive example."""
    if len(labels) < FEWEST_TWEETS:
        raise TooLittleDataError(f"{len(labels)} tweets to train on, at least {FEWEST_TWEETS} are needed; import more")
    if absent := [name for name, count in zip(label_set.names, labels.sum(axis=0), strict=True) if count == 0]:
        raise TooLittleDataError(f"no tweet to train on has {', '.join(absent)}; import or label some")


def _untrained(settings: TrainingSettings) -> Classifier:
    network, tokenizer = from_base(settings.base, len(EMOTIONS))
    undecided = np.full(len(EMOTIONS), 0.5)
    return Classifier(network, tokenizer, settings.base, undecided, settings.max_length, EMOTIONS, asdict(settings))


class _Training:
    """One training under way; the classifier's network is trained in place."""

    def __init__(
        self, classifier: Classifier, settings: TrainingSettings, train: LabelledTexts, held_out: LabelledTexts
    ) -> None:
        self.classifier, self.settings, self.device = classifier, settings, best_device()
        self.network = classifier.network.to(self.device)
        self.pieces, self.targets = classifier.tokenise(train.texts), torch.tensor(train.labels, dtype=torch.float32)
        self.slice_pieces, self.slice_targets = classifier.tokenise(held_out.texts), held_out.labels
        self.history: list[dict[str, Any]] = []
        self.random = np.random.default_rng(settings.seed)
        weights = torch.tensor(optimisation.class_weights(train.labels), dtype=torch.float32, device=self.device)
        self.loss = torch.nn.BCEWithLogitsLoss(pos_weight=weights)
        self.epochs = settings.epochs or 1
        self.total = self.epochs * -(-len(train) // settings.batch_size)  # batches
        self.done = 0
        rate = settings.learning_rate or optimisation.learning_rate_for(self.network.encoder.config.hidden_size)
        self.optimiser = optimisation.optimiser(self.network, rate, settings.head_multiplier, settings.weight_decay)
        self.schedule = optimisation.warm_up_and_decay(self.optimiser, self.total, settings.warm_up)

    def run(self) -> Work[np.ndarray]:
        """Train to the end; leave the network as it was in its best epoch, and return its slice's probabilities."""
        best = _Best()
        for epoch in range(1, self.epochs + 1):
            started = time.monotonic()
            loss = yield from self._epoch(epoch)
            probabilities = yield from self._slice_probabilities(epoch, loss)
            entry = {"epoch": epoch, "loss": loss, **scores(self.slice_targets, probabilities)}
            self.history.append(entry | {"seconds": time.monotonic() - started})
            yield self._progress(epoch, loss)
            best.offer(epoch, entry["precision"], probabilities, self.network)
            if epoch - best.epoch >= self.settings.patience:
                break
        self.network.load_state_dict(best.weights)
        return best.probabilities

    def _epoch(self, epoch: int) -> Work[float]:
        """Train on every tweet once; the mean loss."""
        self.network.train()
        losses = []
        lengths = [len(piece) for piece in self.pieces]
        for rows in batching.shuffled(lengths, self.settings.batch_size, self.random):
            losses.append(self._step(rows))
            self.done += 1
            if self.done % BATCHES_PER_REPORT == 0:
                yield self._progress(epoch, float(np.mean(losses)))
        return float(np.mean(losses))

    def _step(self, rows: np.ndarray) -> float:
        """One step of the optimiser on the tweets at `rows`; their loss."""
        ids, mask = batching.pad([self.pieces[i] for i in rows], self.classifier.tokenizer.pad_token_id)
        with autocast(self.device):
            logits = self.network(ids.to(self.device), mask.to(self.device))
        loss = self.loss(logits.float(), self.targets[rows].to(self.device))
        value = float(loss.item())
        if not math.isfinite(value):
            raise EmoclfError(f"the loss became {value} after {self.done} batches; lower learning_rate and train again")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.schedule.step()
        return value

    def _slice_probabilities(self, epoch: int, loss: float) -> Work[np.ndarray]:
        """What the network now says of the slice, reporting how far the training is."""
        work = self.classifier.probabilities_of(self.slice_pieces)
        while True:
            try:
                next(work)
            except StopIteration as end:
                return np.asarray(end.value)
            yield self._progress(epoch, loss)

    def _progress(self, epoch: int, loss: float) -> Progress:
        message = f"epoch {epoch} of {self.epochs}, loss {loss:.2f}"
        if self.history:
            message += f", macro-F1 on the slice {self.history[-1]['macro_f1']:.2f}"
        return Progress(self.done, self.total, message)


@dataclass
class _Best:
    """The best epoch so far, with all that is needed to return to it."""

    epoch: int = 0
    score: float = -1.0
    probabilities: np.ndarray = field(default_factory=lambda: np.zeros(0))
    weights: dict[str, torch.Tensor] = field(default_factory=dict)

    def offer(self, epoch: int, score: float, probabilities: np.ndarray, network: EmotionNetwork) -> None:
        """Take this epoch if its score is higher; the first always."""
        if score > self.score:
            self.epoch, self.score, self.probabilities = epoch, score, probabilities
            self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}


def scores(targets: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Macro-F1 at 0.5, and the mean average precision: steadier on a small slice, so it chooses the epoch.

    Emotions without a positive in `targets` have no score.
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
