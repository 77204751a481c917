"""
Predicted against true: is "of the next 100 tweets about N are wrong" right, and is the hint to stop well timed?

Errors of both kinds are planted in 0, 1, 5 and 10 % of the labels or tweets of E-c train, several times each. The
probabilities come from the stand-in of `benchmarks.planted_errors` (regressions on frozen embeddings), not from BERT.

The original labels contain errors of their own, which nobody has counted: for them, "true" counts planted errors only,
so the predicted number should be larger. The other data set has labels drawn from a model of the original ones: there 0
% planted means 0 % wrong, and every error is counted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks import ec, planted_errors
from benchmarks.claims import Claim
from emoclf.metrics import calibration
from emoclf.metrics.calibration import log_odds, sigmoid
from emoclf.review.doubt import Doubts, doubt
from emoclf.review.queue_outlook import MIN_CHANGED_SHARE, WINDOW, Expected, Outlook, expect
from emoclf.training import splits
from emoclf.tweets import LabelledTexts

SHARES = (0.0, 0.01, 0.05, 0.1)
PLANTINGS = 3
POSITIONS = (0, 300, 1000, 3000)  # of the queue, before the next 100 tweets
REMEMBERED = 2000  # decisions, as in the app
Planter = Callable[[LabelledTexts, np.random.Generator, float], np.ndarray]
KINDS: dict[str, Planter] = {
    "flipped independently": planted_errors.flip,
    "label sets misplaced": planted_errors.misplace,
}
NO_DOUBTS, NO_CHANGES = np.zeros(0), np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Setting:
    """One planting: the queue's doubts, and which tweets are wrong, both in the order of the queue."""

    labels: str
    kind: str
    share: float
    doubts: np.ndarray
    wrong: np.ndarray
    shifts: tuple[float, float]

    def predicted(self, position: int) -> Expected:
        """Return the page's prediction for the next tweets, before any decision."""
        return expect(self.doubts[position : position + WINDOW], NO_DOUBTS, NO_CHANGES, self.shifts)

    def predicted_in_all(self) -> Expected:
        """Return the prediction for the whole set, by a normal approximation."""
        ends = [sigmoid(log_odds(self.doubts, 1e-5) + shift) for shift in self.shifts]
        low, high = (
            p.sum() + sign * 1.96 * np.sqrt((p * (1 - p)).sum()) for p, sign in zip(ends, (-1, 1), strict=True)
        )
        return Expected(float(self.doubts.sum()), max(0, int(low)), int(np.ceil(high)))

    @property
    def true_stop(self) -> int:
        """Return the first position with under 10 wrong tweets among the next 100; the queue's end if there is none."""
        is_low = np.convolve(self.wrong, np.ones(WINDOW), "valid") < MIN_CHANGED_SHARE * WINDOW
        return int(np.argmax(is_low)) if is_low.any() else len(self.wrong)

    @property
    def first_hint(self) -> int:
        """Return after how many reviewed tweets the page first suggests to stop; checked every 25."""
        for position in range(0, len(self.wrong) - WINDOW, 25):
            before = slice(max(0, position - REMEMBERED), position)
            known = (self.doubts[before], self.wrong[before]) if position >= 50 else (NO_DOUBTS, NO_CHANGES)
            next_tweets = expect(self.doubts[position : position + WINDOW], *known, self.shifts)
            last = self.wrong[max(0, position - WINDOW) : position]
            if not Outlook(WINDOW, next_tweets, len(known[0]), len(last), int(last.sum())).is_worthwhile:
                return position
        return len(self.wrong)


def settings(quick: bool) -> Iterator[list[Setting]]:
    """Yield the plantings of one setting after another."""
    tweets = ec.train_without_twins_of_dev()
    tweets = tweets.take(np.arange(planted_errors.QUICK)) if quick else tweets
    embeddings = planted_errors.embeddings(tweets, "train")
    fold_of = splits.folds(tweets.labels, tweets.groups, planted_errors.FOLDS, seed=0)
    drawn = replace(tweets, labels=planted_errors.drawn_labels(embeddings, tweets, fold_of))
    shares = (0.05,) if quick else SHARES[1:]
    for name, truth in {"drawn": drawn, "original": tweets}.items():
        for kind, share in [("nothing planted", 0.0), *((kind, share) for kind in KINDS for share in shares)]:
            seeds = range(1 if quick or (share == 0 and name == "original") else PLANTINGS)
            yield [_setting(name, kind, share, truth, embeddings, fold_of, seed) for seed in seeds]


def _setting(
    name: str, kind: str, share: float, truth: LabelledTexts, embeddings: np.ndarray, fold_of: np.ndarray, seed: int
) -> Setting:
    if share == 0 and name == "drawn":  # nothing to plant: other labels are drawn instead
        truth = replace(truth, labels=planted_errors.drawn_labels(embeddings, truth, fold_of, seed + 1))
    planter = KINDS.get(kind)
    labels = planter(truth, np.random.default_rng(seed), share) if planter else truth.labels
    found = doubts(labels, planted_errors.predict_from_embeddings(embeddings, labels, fold_of), truth.groups)
    order = np.argsort(-found.tweets, kind="stable")
    wrong = (labels != truth.labels).any(axis=1)[order]
    return Setting(name, kind, share, found.tweets[order], wrong, found.shifts)


def doubts(labels: np.ndarray, probabilities: np.ndarray, groups: list[str]) -> Doubts:
    """Return our doubt, with the probabilities calibrated as in the app."""
    calibrated = calibration.fit(probabilities, labels).apply(probabilities)
    return doubt(labels, [calibrated], groups, np.ones(len(labels), dtype=bool))


def measure(quick: bool) -> list[Claim]:
    """Print predicted against true, and when to stop; claims say how often the true value is within the interval."""
    inside: dict[str, list[bool]] = {"drawn": [], "original": []}
    stops: list[str] = []
    print("Probabilities: logistic regressions on frozen vectors of the packaged encoder, out of fold; not BERT.\n")
    print("| labels | planted | share | tweets | predicted (95 %) | true | inside |\n|---|---|---:|---|---:|---:|---:|")
    for plantings in settings(quick):
        one = plantings[0]
        for position in (*(position for position in POSITIONS if position + WINDOW <= len(one.wrong)), None):
            predicted = [
                each.predicted_in_all() if position is None else each.predicted(position) for each in plantings
            ]
            true = [
                int((each.wrong if position is None else each.wrong[position : position + WINDOW]).sum())
                for each in plantings
            ]
            hits = [a.low <= b <= a.high for a, b in zip(predicted, true, strict=True)]
            inside[one.labels] += hits
            range_shown = "all" if position is None else f"{position + 1:,}–{position + WINDOW:,}"
            mean = [np.mean([getattr(each, name) for each in predicted]) for name in ("wrong", "low", "high")]
            print(
                f"| {one.labels} | {one.kind} | {one.share:.0%} | {range_shown} | {mean[0]:,.0f} ({mean[1]:,.0f} … "
                f"{mean[2]:,.0f}) | {np.mean(true):,.0f} | {sum(hits)} of {len(hits)} |",
                flush=True,
            )
        true_stop, first_hint = (
            ", ".join(f"{getattr(e, k):,}" for e in plantings) for k in ("true_stop", "first_hint")
        )
        stops.append(f"| {one.labels} | {one.kind} | {one.share:.0%} | {true_stop} | {first_hint} |")
    print("\nWhere the next 100 have fewer than 10 wrong tweets, and where the page suggests to stop.\n")
    print("| labels | planted | share | true stop | first hint |\n|---|---|---:|---:|---:|")
    print("\n".join(stops))
    detail = {"probabilities": "regressions on frozen vectors, not BERT"}
    return [
        Claim(
            f"true number within the predicted interval, {name} labels",
            100 * float(np.mean(hits)),
            90,
            "%",
            detail=detail,
        )
        for name, hits in inside.items()
    ]
