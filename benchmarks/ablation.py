"""
Ablation: how much each part of the classifier's training recipe contributes, and how much rejected ideas would add.

Each row and seed trains one model on three quarters of the E-c train tweets. The last quarter (with twins together, the
same for all rows and seeds) scores it: mean average precision, and macro-F1 where each half uses thresholds chosen on
the other. Scores on dev, with thresholds from that quarter, are shown but decide nothing. Each row is compared with the
full recipe under the same seeds and on the same tweets, with an interval over both and verdicts corrected for the
number of rows; a row with one seed is not testable. Every finished model is a line of a file, so an interrupted run can
be resumed. `--quick` trains the first rows on a few tweets for one epoch, as a smoke test.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ablation_ideas as ideas
from benchmarks import array_cache, ec, machine
from benchmarks.ablation_table import claim, compared, table
from emoclf.backends.settings import RECIPE, TrainingSettings
from emoclf.hub.uris import DEFAULT_ENCODER
from emoclf.metrics import thresholds
from emoclf.metrics.scores import score
from emoclf.progress import drain
from emoclf.training import splits
from emoclf.training.classifier import Classifier
from emoclf.training.cross_validation import NO_TWEETS, predict_out_of_fold
from emoclf.training.fitting import Fitting, fit, scores
from emoclf.tweets import LabelledTexts


@dataclass(frozen=True)
class Row:
    """One row of the table: how it differs from the recipe."""

    settings: dict[str, Any] = field(default_factory=dict)
    recipe: type[Fitting] | None = None
    two_stages: bool = False  # needs out-of-fold predictions first
    averaged_variants: tuple[str, ...] = ()  # text variants to average over, if not the recipe's one


ROWS = {  # the most informative first
    "recipe": Row(),
    "without the auxiliary first stage": Row({"base": DEFAULT_ENCODER}),
    "mean of both views read": Row(averaged_variants=("light", "cleaned")),
    "cleaned text only": Row({"views": ("cleaned",)}),
    "lightly cleaned text only": Row({"views": ("light",)}),
    "[CLS] state instead of the mean": Row(recipe=ideas.ClsPooling),
    "asymmetric loss": Row(recipe=ideas.Asymmetric),
    "no class weights": Row(recipe=ideas.NoClassWeights),
    "word vectors trained too": Row(recipe=ideas.TrainedWordEmbeddings),
    "twin-averaged targets 0.5": Row(recipe=ideas.TwinTargets),
    "label-wise attention": Row(recipe=ideas.LabelAttention),
    "label-correlation loss 0.2": Row(recipe=ideas.LabelCorrelation),
    "average of weights 0.99": Row(recipe=ideas.AveragedWeights),
    "word-piece masking 15 %": Row(recipe=ideas.Masked),
    "one view at each step": Row(recipe=ideas.OneVariant),
    "both views whatever they say": Row(recipe=ideas.NoConsistencyLoss),
    "six epochs": Row({"epochs": 6}),
    "layer-wise learning rate 0.85": Row(recipe=ideas.LayerWiseRate),
    "out-of-fold targets 0.6": Row(two_stages=True),
}


QUICK_ROWS, QUICK_SEEDS, QUICK_TWEETS = 2, 2, 24
PROBABILITIES = "held_out"  # the field of a line that is too long to print


@dataclass(frozen=True)
class Data:
    """The data that every row trains on and is scored on."""

    train: LabelledTexts
    held_out: LabelledTexts
    dev: LabelledTexts


def main() -> None:
    """Train the models that are missing from the file, then print the table and the claim."""
    options = read_options()
    data = read_data(options.quick)
    done = finished(options, data)
    found = compared(done, data.held_out)
    print(f"first stage: {options.encoder or 'GoEmotions and XED, trained here'}")
    print(f"processors of the CPU seconds: {'; '.join(sorted({line['processor'] for line in done}))}\n")
    print("\n".join(table(done, list(ROWS), found)))
    print(f"\n{machine.measured_on()}")
    answer = claim(done, found).to_json()
    print(json.dumps({**answer, "quick": True} if options.quick else answer))


def finished(options: argparse.Namespace, data: Data) -> list[dict[str, Any]]:
    """Return one line per model, those of the file first; missing models are trained and saved."""
    done, encoder = read(options.out, options.encoder or "", len(data.train)), options.encoder
    for name, seed in [(name, seed) for seed in options.seeds for name in options.rows]:
        if (name, seed) in {(line["row"], line["seed"]) for line in done}:
            continue
        encoder = encoder or ec.first_stage()
        short = {"epochs": 1, "folds": 2} if options.quick else {}
        settings = replace(TrainingSettings(base=encoder, seed=seed), **{**ROWS[name].settings, **short})
        line = {"row": name, "seed": seed, "encoder": options.encoder or "", "tweets": len(data.train)}
        line |= {"recipe": RECIPE, "processor": machine.processor(), **measure(ROWS[name], settings, data)}
        done.append(line)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        with options.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        shown = {field: value for field, value in line.items() if field != PROBABILITIES}
        print(json.dumps(shown), file=sys.stderr, flush=True)
    return done


def read_options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rows and tweets, one epoch, no first stage")
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[13, 14, 15])
    parser.add_argument("--rows", type=lambda text: text.split(","), default=list(ROWS), help="names, commas between")
    parser.add_argument("--out", type=Path, default=ec.CACHE / "ablation.jsonl", help="finished models, one a line")
    parser.add_argument("--encoder", help="dir:FOLDER with a first stage that is trained already")
    options = parser.parse_args()
    if unknown := [name for name in options.rows if name not in ROWS]:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if options.quick:
        options.seeds, options.encoder = options.seeds[:QUICK_SEEDS], options.encoder or DEFAULT_ENCODER
        options.rows = options.rows[:QUICK_ROWS]
    return options


def read_data(quick: bool) -> Data:
    """Read the data; the held-out quarter is the same for every row and seed."""
    train, dev = ec.train_without_twins_of_dev(), ec.tweets("dev")
    if quick:
        train = train.take(ec.in_random_order(train)[: QUICK_TWEETS * 4 // 3])
        dev = dev.take(np.arange(QUICK_TWEETS))
    fold = splits.folds(train.labels, train.groups, 4, seed=0)
    return Data(train.take(np.flatnonzero(fold)), train.take(np.flatnonzero(fold == 0)), dev)


def read(path: Path, encoder: str, tweets: int) -> list[dict[str, Any]]:
    """Return the finished models with the same recipe, encoder and number of tweets.

    Lines of earlier versions have no probabilities and are left out, because they cannot be resampled.
    """
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    wanted = (encoder, tweets, RECIPE)
    same = [line for line in lines if (line["encoder"], line["tweets"], line.get("recipe")) == wanted]
    return [line for line in same if PROBABILITIES in line]


def measure(row: Row, settings: TrainingSettings, data: Data) -> dict[str, Any]:
    """Train one model and score it; its probabilities for the held-out tweets are kept for resampling."""
    began, recipe = time.process_time(), row.recipe
    if row.two_stages:
        out_of_fold = drain(predict_out_of_fold(data.train, settings)).probabilities
        recipe = ideas.soft_targets(out_of_fold)
    classifier = drain(fit(data.train, NO_TWEETS, settings, recipe=recipe)).classifier
    seconds = time.process_time() - began
    held_out, dev = (predict(classifier, part.texts, row.averaged_variants) for part in (data.held_out, data.dev))
    chosen = held_out >= cross_fitted(data.held_out, held_out)
    found = dev >= thresholds.fit(data.held_out.labels, held_out)
    return {
        "precision": scores(data.held_out.labels, held_out)["precision"],
        "macro_f1": score(data.held_out.labels, chosen.astype(np.int8)).macro_f1,
        "dev_precision": scores(data.dev.labels, dev)["precision"],
        "dev_macro_f1": score(data.dev.labels, found.astype(np.int8)).macro_f1,
        "seconds": seconds,
        PROBABILITIES: array_cache.encode_array(held_out),
    }


def predict(classifier: Classifier, texts: Sequence[str], variants: Sequence[str]) -> np.ndarray:
    """Return the classifier's probabilities, or their mean over several text variants."""
    classifiers = [replace(classifier, text_variant=variant) for variant in variants or (classifier.text_variant,)]
    return np.asarray(np.mean([drain(reader.probabilities(texts)) for reader in classifiers], axis=0))


def cross_fitted(tweets: LabelledTexts, probabilities: np.ndarray) -> np.ndarray:
    """Return for each tweet the thresholds chosen on the other half of the tweets, (n, n_labels)."""
    half = splits.folds(tweets.labels, tweets.groups, 2, seed=0)
    chosen = np.zeros(probabilities.shape)
    for part in (0, 1):
        chosen[half == part] = thresholds.fit(tweets.labels[half != part], probabilities[half != part])
    return chosen


if __name__ == "__main__":
    main()
