"""
Review gain: how many errors a reviewer repairs in the first 5, 10 or 20 % of a queue, and how much F1 this regains.

One E-c train tweet in five gets the labels of another tweet, in several random plantings. A model learns from the
corrupted labels and predicts out of fold. The queue is sorted by our doubt, by the expected gain of F1 per second, by
cleanlab's label quality on the same probabilities, or at random. A simulated reviewer without errors restores the
labels of the first tweets, and the model is trained again on all tweets. Macro-F1 is measured on dev with all
thresholds at 0.5; the regained F1 is the difference from a model trained on the corrupted labels.

The model is logistic regressions on frozen embeddings of the packaged encoder, which takes minutes. `--bert` trains
BERT instead, once per planting, queue, share and seed; each model is a line of a file, so an interrupted run can be
resumed. The 95 % intervals are paired: both queues use the same plantings and tweets, and plantings and tweets (twins
together) are resampled.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks import ec, planted_errors, predicted_errors
from benchmarks.array_cache import ArrayCache
from benchmarks.claims import Claim
from benchmarks.planted_errors import PlantedErrors
from emoclf.backends.settings import TrainingSettings
from emoclf.metrics.scores import INTERVAL, resampled_f1, score
from emoclf.progress import drain
from emoclf.review.expected_gain import expected_gain
from emoclf.training.cross_validation import NO_TWEETS
from emoclf.training.fitting import fit
from emoclf.training.fold_results import FoldResults
from emoclf.tweets import LabelledTexts

SHARES = (0.05, 0.1, 0.2)  # of the queue that is reviewed
TARGET = 3.5  # planted errors repaired in the first tenth, relative to random order
PLANTINGS, RESAMPLES = 5, 1000
PAIRS = (("our doubt", "cleanlab"), ("our doubt", "random"), ("expected gain", "our doubt"), ("cleanlab", "random"))
HEADER = "| queue by | reviewed | errors repaired | times random | dev macro-F1 | regained (95 %) |"
Predict = Callable[[np.ndarray], np.ndarray]  # train labels to dev macro-F1 per resample; the first is of dev itself


@dataclass(frozen=True)
class Round:
    """One planting: the positions of wrong tweets in each queue, and the F1 after each repair."""

    wrong: np.ndarray  # whether a tweet has wrong labels, shape (n,)
    groups: list[str]
    queues: dict[str, np.ndarray]  # row numbers in the order of the queue
    f1: dict[tuple[str, float], np.ndarray]  # by queue and share, macro-F1 from `Predict`

    def first(self, queue: str, share: float) -> np.ndarray:
        """Return whether each tweet is among the first of a queue, shape (n,)."""
        found = np.zeros(len(self.wrong), dtype=bool)
        found[self.queues[queue][: round(share * len(found))]] = True
        return found

    def repaired(self, queue: str, share: float) -> float:
        """Return the share of the wrong tweets among the first of a queue."""
        return float(self.wrong[self.first(queue, share)].sum() / self.wrong.sum())


def main() -> None:
    """Plant errors, rank, train again, and print the tables and the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer tweets and two plantings; about a minute")
    parser.add_argument("--plantings", type=int, default=PLANTINGS, help="how often errors are planted")
    parser.add_argument("--bert", action="store_true", help="BERT instead of regressions; hours without a GPU")
    parser.add_argument("--seeds", type=int, nargs="*", default=[13, 14, 15], help="of BERT's trainings")
    parser.add_argument("--out", type=Path, default=ec.CACHE / "gain.jsonl", help="finished BERTs, one a line")
    options = parser.parse_args()
    dev, plantings = ec.tweets("dev"), 2 if options.quick else options.plantings
    rounds = []
    for seed in range(plantings):
        errors = planted_errors.plant("misplaced", options.quick, seed, options.bert)
        predict = bert(options.out, errors, dev, options.seeds) if options.bert else regressions(errors, dev)
        rounds.append(run(errors, predict, seed))
        print(f"planting {seed + 1} of {plantings}", file=sys.stderr, flush=True)
    print_table(rounds)
    answer = {"claims": [claim.to_json() for claim in print_pairs(rounds)]}
    print(json.dumps({**answer, "quick": True} if options.quick else answer))


def run(errors: PlantedErrors, predict: Predict, seed: int) -> Round:
    """Return all measurements of one planting."""
    queues = rankings(errors, seed)
    f1 = {("nothing reviewed", 0.0): predict(errors.tweets.labels)}
    for name, order in queues.items():
        for share in SHARES:
            f1[name, share] = predict(repaired(errors, order[: round(share * len(order))]))
    f1["all repaired", 1.0] = predict(errors.truth)
    return Round(errors.wrong.any(axis=1), errors.tweets.groups, queues, f1)


def rankings(errors: PlantedErrors, seed: int) -> dict[str, np.ndarray]:
    """Return the rows of the tweets in the order of each queue."""
    labels, texts = errors.tweets.labels, errors.tweets.texts
    doubts = predicted_errors.doubts(labels, errors.probabilities, errors.tweets.groups)
    gain = expected_gain(doubts.labels, labels, np.array([len(text) for text in texts]))
    return {
        "our doubt": np.argsort(-doubts.tweets, kind="stable"),
        "expected gain": np.argsort(-gain, kind="stable"),
        "cleanlab": np.argsort(quality(errors), kind="stable"),
        "random": np.random.default_rng(99 + seed).permutation(len(labels)),
    }


def quality(errors: PlantedErrors) -> np.ndarray:
    """Return cleanlab's label quality of each tweet, with its defaults."""
    from cleanlab.multilabel_classification import get_label_quality_scores

    given = [np.flatnonzero(row).tolist() for row in errors.tweets.labels]
    return np.asarray(get_label_quality_scores(given, errors.probabilities))


def repaired(errors: PlantedErrors, rows: np.ndarray) -> np.ndarray:
    """Return the corrupted labels, with the true ones at these rows."""
    labels = errors.tweets.labels.copy()
    labels[rows] = errors.truth[rows]
    return labels


def regressions(errors: PlantedErrors, dev: LabelledTexts) -> Predict:
    """Return logistic regressions on frozen embeddings."""
    x, x_dev = planted_errors.embeddings(errors.tweets, "train"), planted_errors.embeddings(dev, "dev")
    return lambda labels: macro(dev.labels, [planted_errors.regress(x, labels)(x_dev) >= 0])


def bert(path: Path, errors: PlantedErrors, dev: LabelledTexts, seeds: Sequence[int]) -> Predict:
    """Return BERT, averaged over seeds; each finished model is a line of a file."""
    cache, base = ArrayCache(path), ec.first_stage()

    def predict(labels: np.ndarray, seed: int) -> np.ndarray:
        train, settings = replace(errors.tweets, labels=labels), TrainingSettings(base=base, seed=seed)

        def predicted() -> np.ndarray:
            classifier = drain(fit(train, NO_TWEETS, settings)).classifier
            return drain(classifier.probabilities(dev.texts)) >= 0.5

        return cache.get(FoldResults(ec.CACHE, train, settings).folder.name, predicted)

    return lambda labels: macro(dev.labels, [predict(labels, seed) for seed in seeds])


def macro(targets: np.ndarray, predicted: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean macro-F1 of several predictions, for the observed and then the resampled tweets."""
    found = [
        np.r_[
            score(targets, labels.astype(np.int8)).macro_f1,
            resampled_f1(targets, labels.astype(np.int8), 0).mean(axis=1),
        ]
        for labels in predicted
    ]
    return np.asarray(np.mean(found, axis=0))


def print_table(rounds: Sequence[Round]) -> None:
    """Print the means over plantings per queue and share."""
    print(f"{HEADER}\n|---|---:|---:|---:|---:|---:|")
    for name, share in rounds[0].f1:
        f1 = 100 * np.mean([planting.f1[name, share][0] for planting in rounds])
        if share in (0.0, 1.0):
            print(f"| {name} | {share:.0%} | {share:.1%} | | {f1:.1f} | |")
            continue
        found = float(np.mean([planting.repaired(name, share) for planting in rounds]))
        regained = f1_difference(rounds, (name, share), ("nothing reviewed", 0.0))
        print(f"| {name} | {share:.0%} | {found:.1%} | {found / share:.2f} | {f1:.1f} | {regained} |")


def print_pairs(rounds: Sequence[Round]) -> list[Claim]:
    """Print the differences per pair of queues, with intervals; the claims refer to the first tenth."""
    print("\n| difference | reviewed | errors repaired, points (95 %) | dev macro-F1, points (95 %) |")
    print("|---|---:|---:|---:|")
    for first, second in PAIRS:
        for share in SHARES:
            mean, low, high = repaired_difference(rounds, first, second, share)
            f1 = f1_difference(rounds, (first, share), (second, share))
            print(f"| {first} − {second} | {share:.0%} | {mean:+.1f} ({low:+.1f} … {high:+.1f}) | {f1} |")
    times = {
        name: float(np.mean([planting.repaired(name, 0.1) for planting in rounds])) / 0.1 for name in rounds[0].queues
    }
    detail = {name: round(value, 2) for name, value in times.items()} | {"plantings": len(rounds)}
    worst = repaired_difference(rounds, "our doubt", "cleanlab", 0.1)
    return [
        Claim("planted errors repaired in the first tenth", times["our doubt"], TARGET, "times random", detail=detail),
        Claim(
            "lower end of our lead over cleanlab in the first tenth",
            worst[1],
            0,
            "points",
            detail={"lead": round(worst[0], 2)},
        ),
    ]


def repaired_difference(rounds: Sequence[Round], first: str, second: str, share: float) -> tuple[float, float, float]:
    """Return the mean difference in repaired errors, in points, and its interval over plantings and twin groups."""
    random, found = np.random.default_rng(0), []
    for planting in rounds:
        group = np.unique(planting.groups, return_inverse=True)[1]
        lead = np.bincount(group, planting.wrong * (1.0 * planting.first(first, share) - planting.first(second, share)))
        wrong = np.bincount(group, planting.wrong)
        n = len(wrong)
        counts = random.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float32)
        found.append(np.r_[lead.sum() / wrong.sum(), (counts @ lead) / (counts @ wrong)])
    return _interval(np.array(found))


def f1_difference(rounds: Sequence[Round], first: tuple[str, float], second: tuple[str, float]) -> str:
    """Return the mean difference in macro-F1, in points, and its interval over plantings and dev tweets."""
    mean, low, high = _interval(np.array([planting.f1[first] - planting.f1[second] for planting in rounds]))
    return f"{mean:+.1f} ({low:+.1f} … {high:+.1f})"


def _interval(found: np.ndarray) -> tuple[float, float, float]:
    """Return the mean over plantings and its limits, times 100; column 0 of (plantings, 1 + resamples) is the observed
    one.
    """
    n, resamples = len(found), found.shape[1] - 1
    picked = np.random.default_rng(1).integers(0, n, (n, resamples))
    low, high = np.percentile(found[picked, np.arange(resamples) + 1].mean(axis=0), INTERVAL)
    return 100 * float(found[:, 0].mean()), 100 * float(low), 100 * float(high)


if __name__ == "__main__":
    main()
