"""
Augmentation: the effect of synthetic tweets on the F1 of surprise and trust on E-c dev, against repeated real tweets.

Qwen writes tweets for both emotions, and they pass the same gates as in the app. An automatic judge replaces the
reviewer: the same Qwen, calibrated on train tweets and not told the requested emotion. It accepts a tweet if the
probability of the target reaches its threshold, with all labels that it predicts. No person has seen these tweets. BERT
is then trained three times each on the real data, with the synthetic tweets added, and with as many real tweets of the
same emotions repeated; everything else is equal. Two variants use the synthetic tweets with a lower weight, and with
the judge's probabilities instead of its labels. A fifth of the real tweets is held out of every training and chooses
the thresholds; it provides neither repeated tweets nor examples for the writer and the judge. To save time, each tweet
is read in one text variant only. Written tweets and finished models are saved, so an interrupted run can be resumed.

Each way is compared with the repeated tweets under the same seeds and on the same dev tweets, with a 95 % interval over
both (`benchmarks.differences`). `--quick` uses tweets of the invented sample instead of Qwen's, and trains for one
epoch on few tweets, as a smoke test.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks import differences, ec, synthetic_tweets
from benchmarks.array_cache import ArrayCache
from benchmarks.claims import Claim, run
from benchmarks.differences import Difference
from benchmarks.synthetic_tweets import RARE
from emoclf.backends.settings import TrainingSettings
from emoclf.labels import EMOTIONS
from emoclf.metrics import thresholds
from emoclf.progress import drain
from emoclf.synthetic.embeddings import SentenceEncoder
from emoclf.synthetic.realism_test import real_vs_synthetic_auroc
from emoclf.training import splits
from emoclf.training.fitting import Fitting, fit
from emoclf.tweets import LabelledTexts

SEEDS = (13, 14, 15)
QUICK_SEEDS, QUICK_TWEETS, QUICK_WRITTEN = 2, 40, 8
POINTS = 5.0  # the target gain in F1 over the control
REDUCED_WEIGHT = 0.3  # the reduced weight of a synthetic tweet
NONE, SYNTHETIC, CONTROL = "none", "synthetic", "repeated"
JUDGE = "judge: Qwen itself, calibrated, not told the emotion that was asked for; no person has looked"
COLUMNS = ("trained on", "seeds", "surprise", "trust", "macro", "trust and surprise over the control (95 %)", "verdict")
Predictions = dict[str, dict[int, np.ndarray]]  # labels of dev by way and seed, each (n, 11)


@dataclass(frozen=True)
class Data:
    """The real tweets in three parts; the first two share no twin group."""

    train: LabelledTexts  # four fifths of train
    held_out: LabelledTexts  # a fifth of train, which chooses the thresholds and is never used for training
    dev: LabelledTexts

    @classmethod
    def of(cls, train: LabelledTexts, dev: LabelledTexts) -> "Data":
        """Split the tweets, in the same way for every way and seed."""
        part = splits.folds(train.labels, train.groups, 5, seed=0)
        return cls(train.take(np.flatnonzero(part)), train.take(np.flatnonzero(part == 0)), dev)


@dataclass(frozen=True)
class Condition:
    """The extra training tweets, and how they are used."""

    extra: LabelledTexts | None = None
    weight: float = 1.0  # of an extra tweet
    targets: np.ndarray | None = None  # soft labels of the extra tweets, shape (n, 11), instead of their labels

    @property
    def recipe(self) -> type[Fitting]:
        """Return `emoclf.training.fitting` with this weight and these targets."""
        condition = self

        class WeightedFitting(Fitting):
            def __init__(self, classifier: Any, train: LabelledTexts, *arguments: Any) -> None:
                super().__init__(classifier, train, *arguments)
                self.weights = np.where(train.is_extra, condition.weight, 1.0).astype(np.float32)
                if condition.targets is not None:
                    self.targets[train.is_extra] = condition.targets

            def step(self, rows: np.ndarray) -> float:
                logits, rare = self.loop.logits(self.batch(rows)), self.loop.loss.pos_weight
                targets = torch.from_numpy(self.targets[rows]).to(logits.device)
                weights = torch.from_numpy(self.weights[rows]).to(logits.device)
                own = binary_cross_entropy_with_logits(logits, targets, pos_weight=rare, reduction="none")
                return self.loop.step((weights * own.mean(dim=1)).mean())

        return WeightedFitting


def measure(quick: bool) -> list[Claim]:
    """Print the counts, a few samples and the table; the claim is the mean gain over the control."""
    data = read_data(quick)
    written, judge_probabilities = placeholder_tweets() if quick else from_qwen(data)
    seeds = SEEDS[:QUICK_SEEDS] if quick else SEEDS
    conditions = {
        NONE: Condition(),
        SYNTHETIC: Condition(written),
        f"synthetic, each counting {REDUCED_WEIGHT}": Condition(written, weight=REDUCED_WEIGHT),
        "synthetic, the judge's probabilities": Condition(written, targets=judge_probabilities),
        CONTROL: Condition(repeated(data, written)),
    }
    predictions = {
        name: {seed: _trained(data, name, condition, seed, quick) for seed in seeds}
        for name, condition in conditions.items()
    }
    gains = over(CONTROL, predictions, data.dev)
    print(f"| {' | '.join(COLUMNS)} |\n|---|{'---:|' * (len(COLUMNS) - 2)}---|")
    for name, labels in predictions.items():
        print(row(name, labels, data.dev, gains.get(name)))
    return [
        claim(
            predictions,
            data.dev,
            {"synthetic_tweets": len(written), "real_vs_synthetic_auroc": _auroc(data.train, written)},
        )
    ]


def read_data(quick: bool) -> Data:
    """Return E-c train without the twins of dev tweets, in its parts, and dev."""
    train, dev = ec.train_without_twins_of_dev(), ec.tweets("dev")
    if quick:
        train, dev = train.take(ec.in_random_order(train)[:QUICK_TWEETS]), dev.take(np.arange(QUICK_TWEETS))
    return Data.of(train, dev)


def from_qwen(data: Data) -> tuple[LabelledTexts, np.ndarray]:
    """Return synthetic tweets with the judge's labels, and its probabilities for them, shape (n, 11)."""
    written = synthetic_tweets.synthetic(data.train, data.held_out, data.dev)
    print(f"{len(written)} synthetic tweets; {JUDGE}\n")
    return written, synthetic_tweets.judge_probabilities(data.train, written)


def placeholder_tweets() -> tuple[LabelledTexts, np.ndarray]:
    """Return tweets of the sample, and probabilities derived from their labels."""
    written = synthetic_tweets.from_sample(QUICK_WRITTEN)
    print(f"{len(written)} tweets of the sample stand in for synthetic ones\n")
    return written, 0.1 + 0.8 * written.labels


def repeated(data: Data, written: LabelledTexts) -> LabelledTexts:
    """Return as many repeated training tweets as synthetic ones, for surprise and trust each; none is held out."""
    random, rows = np.random.default_rng(0), np.zeros(0, dtype=int)
    for emotion in RARE:
        column = EMOTIONS.names.index(emotion)
        own = np.flatnonzero(data.train.labels[:, column])
        rows = np.concatenate([rows, random.choice(own, int(written.labels[:, column].sum()))])
    return data.train.take(random.permutation(rows)[: len(written)])


def _trained(data: Data, name: str, condition: Condition, seed: int, quick: bool) -> np.ndarray:
    """Return BERT's predictions for dev, 0 or 1, with thresholds from held-out train tweets."""
    train = data.train if condition.extra is None else data.train.with_extra(condition.extra)
    settings = TrainingSettings(seed=seed, views=("light",), epochs=1 if quick else None)
    if not quick:
        settings = replace(settings, base=ec.first_stage())

    def compute() -> np.ndarray:
        fitted = drain(fit(train, data.held_out, settings, recipe=condition.recipe))
        fitted.classifier.thresholds = thresholds.fit(data.held_out.labels, fitted.held_out)
        return fitted.classifier.labels(drain(fitted.classifier.probabilities(data.dev.texts)))

    key = f"{ec.fold_results_of(train, settings).folder.name} {len(data.dev)} {name} {thresholds.JACCARD}"
    return ArrayCache(ec.CACHE / "augmentation.jsonl").get(key, compute)


def over(
    base: str, predictions: Predictions, dev: LabelledTexts, emotions: tuple[str, ...] = RARE
) -> dict[str, Difference]:
    """Return each way's gain in mean F1 of these emotions over another way, paired by seed and dev tweets."""
    weights, columns = differences.resample(dev.groups), [EMOTIONS.names.index(emotion) for emotion in emotions]
    truth = dev.labels[:, columns]
    figures = {
        name: {seed: differences.f1(weights, truth, labels[:, columns]).mean(axis=1) for seed, labels in own.items()}
        for name, own in predictions.items()
    }
    return differences.against(figures, base)


def row(name: str, predictions: dict[int, np.ndarray], dev: LabelledTexts, gain: Difference | None) -> str:
    """Return a row of the table: the mean F1 over seeds, in points, and the gain over the control."""
    observed = np.ones((1, len(dev)), dtype=np.float32)
    f1 = np.mean([differences.f1(observed, dev.labels, labels)[0] for labels in predictions.values()], axis=0)
    found = [*(f1[EMOTIONS.names.index(emotion)] for emotion in RARE), f1.mean()]
    last = ["", "the control"] if gain is None else [gain.in_points(), gain.verdict]
    return f"| {' | '.join([name, str(len(predictions)), *(f'{100 * figure:.1f}' for figure in found), *last])} |"


def claim(predictions: Predictions, dev: LabelledTexts, detail: dict[str, Any]) -> Claim:
    """Return the gain of synthetic over repeated tweets; the detail has its interval and that of each emotion."""
    gain = over(CONTROL, predictions, dev)[SYNTHETIC]
    detail |= {"judge": "automatic", "interval_over_tweets_and_seeds": gain.in_points(), "seeds": gain.seeds}
    detail |= {emotion: over(CONTROL, predictions, dev, (emotion,))[SYNTHETIC].in_points() for emotion in RARE}
    detail |= {"over_none": over(NONE, predictions, dev)[SYNTHETIC].in_points(), "verdict": gain.verdict}
    name = "F1 of trust and surprise over repeated real tweets"
    return Claim(name, 100 * gain.value, POINTS, "points", detail=detail, testable=gain.is_testable)


def _auroc(train: LabelledTexts, written: LabelledTexts) -> float | None:
    """Return the AUROC of a classifier that separates synthetic from real tweets of the same emotions; 0.5 is best."""
    encoder, columns = SentenceEncoder.open(), [EMOTIONS.names.index(emotion) for emotion in RARE]
    real = [train.texts[row] for row in np.flatnonzero(train.labels[:, columns].any(axis=1))]
    found = real_vs_synthetic_auroc(encoder.encode(real), encoder.encode(written.texts))
    return None if found is None else round(found, 3)


if __name__ == "__main__":
    run(measure)
