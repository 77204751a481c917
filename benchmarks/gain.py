"""
Gain: what a reviewer repairs who takes the first 5, 10 or 20 % of the queue, and what F1 that brings back.

One tweet of E-c train in five gets the labels of another. BERT learns from the
corrupted labels and speaks out of fold; the queue sorts the tweets by our
doubt, by cleanlab's label quality on the same probabilities, or by chance. A
simulated reviewer, who is never wrong, gives the first of them their labels
back, and BERT is trained again on all tweets. Macro-F1 on dev, all thresholds
at 0.5; regained is the difference to a BERT trained on the corrupted labels,
with a 95 % interval (bootstrap over dev tweets of the mean over seeds). Every
finished model is a line of a file, so that the work can be stopped.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import doubt, ec, planted
from benchmarks.claims import Claim
from benchmarks.kept import Kept
from benchmarks.planted import Planted
from emoclf.doubt import of_tweets
from emoclf.fitting import fit
from emoclf.foldmemory import FoldMemory
from emoclf.metrics import INTERVAL, resampled_f1, score
from emoclf.progress import drain
from emoclf.settings import TrainingSettings
from emoclf.training import NOBODY
from emoclf.tweets import LabelledTexts

SHARES = (0.05, 0.1, 0.2)  # of the queue that is reviewed
TARGET = 3.5  # times as many planted errors as random order repairs, at a tenth
HEADER = "| queue by | reviewed | errors repaired | times chance | dev macro-F1 | regained (95 %) |"


def main() -> None:
    """Rank, train what the file lacks, print the table and the claim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer tweets, words in BERT's place, no training again")
    parser.add_argument("--seeds", type=int, nargs="*", default=[13, 14, 15], help="none: only what is repaired")
    parser.add_argument("--out", type=Path, default=ec.CACHE / "gain.jsonl", help="finished models, one a line")
    options = parser.parse_args()
    errors = planted.plant("misplaced", options.quick)
    wrong = errors.wrong.any(axis=1)
    queues = rankings(errors)
    models = Models(options.out, errors, [] if options.quick else options.seeds)
    corrupted = models.predict(errors.tweets.labels)
    print(f"{HEADER}\n|---|---:|---:|---:|---:|---:|")
    print(f"| nothing reviewed | 0 % | 0.0 % | | {models.macro(corrupted)} | |")
    found = {}
    for name, order in queues.items():
        for share in SHARES:
            first = order[: round(share * len(order))]
            found[name, share] = wrong[first].sum() / wrong.sum()
            after = models.predict(repaired(errors, first))
            print(
                f"| {name} | {share:.0%} | {found[name, share]:.1%} | {found[name, share] / share:.2f} | "
                f"{models.macro(after)} | {models.regained(corrupted, after)} |"
            )
    print(f"| all repaired | 100 % | 100.0 % | | {models.macro(models.predict(errors.truth))} | |")
    times = found["our doubt", 0.1] / 0.1
    detail = {name: round(found[name, 0.1] / 0.1, 2) for name in queues}
    answer = Claim("planted errors repaired in the first tenth", times, TARGET, "times chance", detail=detail).to_json()
    print(json.dumps({**answer, "quick": True} if options.quick else answer))


def rankings(errors: Planted) -> dict[str, np.ndarray]:
    """The rows of the tweets in the order of each queue."""
    return {
        "our doubt": np.argsort(-of_tweets(doubt.ours(errors)), kind="stable"),
        "cleanlab": np.argsort(quality(errors), kind="stable"),
        "chance": np.random.default_rng(99).permutation(len(errors.truth)),
    }


def quality(errors: Planted) -> np.ndarray:
    """cleanlab's label quality of each tweet, with its defaults."""
    from cleanlab.multilabel_classification import get_label_quality_scores

    given = [np.flatnonzero(row).tolist() for row in errors.tweets.labels]
    return np.asarray(get_label_quality_scores(given, errors.probabilities))


def repaired(errors: Planted, rows: np.ndarray) -> np.ndarray:
    """The corrupted labels, with the true ones at these rows."""
    labels = errors.tweets.labels.copy()
    labels[rows] = errors.truth[rows]
    return labels


class Models:
    """BERTs trained on labels of the same tweets, and what they say of dev; one per seed, each kept as a line."""

    def __init__(self, path: Path, errors: Planted, seeds: Sequence[int]) -> None:
        self.kept, self.tweets, self.seeds = Kept(path), errors.tweets, seeds
        self.dev = ec.tweets("dev") if seeds else None

    def predict(self, labels: np.ndarray) -> list[np.ndarray]:
        """Per seed the labels of the dev tweets, (n, 11), after learning from these labels of the train tweets."""
        return [self._one(replace(self.tweets, labels=labels), seed) for seed in self.seeds]

    def _one(self, train: LabelledTexts, seed: int) -> np.ndarray:
        settings = TrainingSettings(base=ec.first_stage(), seed=seed)

        def said() -> np.ndarray:
            classifier = drain(fit(train, NOBODY, settings)).classifier
            return drain(classifier.probabilities(self._dev.texts)) >= 0.5

        return self.kept.get(FoldMemory(ec.CACHE, train, settings).folder.name, said)

    def macro(self, said: Sequence[np.ndarray]) -> str:
        """The mean macro-F1 over seeds, in points."""
        if not said:
            return "not trained"
        return f"{100 * np.mean([score(self._dev.labels, one).macro_f1 for one in said]):.1f}"

    def regained(self, before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> str:
        """The mean difference in macro-F1 with its interval, in points."""
        if not after:
            return "not trained"
        old, new = (
            np.mean([resampled_f1(self._dev.labels, one, 0).mean(1) for one in side], 0) for side in (before, after)
        )
        low, high = np.percentile(new - old, INTERVAL)
        gain = np.mean([score(self._dev.labels, one).macro_f1 for one in after]) - np.mean(
            [score(self._dev.labels, one).macro_f1 for one in before]
        )
        return f"{100 * gain:+.1f} ({100 * low:+.1f} … {100 * high:+.1f})"

    @property
    def _dev(self) -> LabelledTexts:
        assert self.dev is not None
        return self.dev


if __name__ == "__main__":
    main()
