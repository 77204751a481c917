"""
Twins: are new labels better than the original ones? A test that needs no gold.

E-c train holds tweets that appear twice, with a hashtag and without, labelled
independently. New labels of one twin are held against the untouched original
labels of the other, and so are its own original ones. No new label has seen
either: BERT speaks out of fold with twins in one fold, and Qwen's calibration is
fitted on tweets without a twin. Texts that appear more than three times are
templates and stay out.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn.metrics import f1_score

from benchmarks import ec, qwen
from benchmarks.claims import Claim, run
from emoclf import calibration
from emoclf.progress import drain
from emoclf.settings import TrainingSettings
from emoclf.training import predict_out_of_fold
from emoclf.tweets import LabelledTexts
from emoclf.uris import DEFAULT_ENCODER

TARGET = 55  # Jaccard
BOTH = "both: the mean of their log-odds"
FITTED = 1000  # tweets without a twin, to calibrate with
TEMPLATE = 4  # times that a text appears


def measure(quick: bool) -> list[Claim]:
    """Print the table; the claim is the Jaccard index of BERT and Qwen combined."""
    tweets = ec.train_without_twins_of_dev()
    pairs, alone = twins(tweets)
    if quick:
        pairs, alone = pairs[:20], alone[:40]
    asked = np.union1d(pairs, alone[:FITTED])
    tweets, places = tweets.take(asked), {int(old): new for new, old in enumerate(asked)}
    pairs = np.array([[places[int(a)], places[int(b)]] for a, b in pairs])
    alone = np.array([places[int(row)] for row in alone[:FITTED]])
    sources = {"BERT, out of fold": out_of_fold(asked, quick), "Qwen": qwen.answers(tweets.texts).probabilities}
    fits = (calibration.fit, calibration.fit_together)
    calibrated = {
        name: fit(raw[alone], tweets.labels[alone]).apply(raw)
        for (name, raw), fit in zip(sources.items(), fits, strict=True)
    }
    odds = np.mean([np.log(p / (1 - p)) for p in calibrated.values()], axis=0)
    calibrated[BOTH] = 1 / (1 + np.exp(-odds))
    one, other = tweets.labels[pairs[:, 0]], tweets.labels[pairs[:, 1]]
    new = {name: likeliest(found[pairs[:, 0]]) for name, found in calibrated.items()}
    print("| labels of one twin, against the originals of the other | Jaccard | macro-F1 |\n|---|---:|---:|")
    for name, labels in {"originals": one, **new}.items():
        print(f"| {name} | {jaccard(other, labels):.1f} | {macro_f1(other, labels):.1f} |")
    detail = {"pairs": len(pairs) // 2, "originals": round(jaccard(other, one), 1)}
    both = jaccard(other, new[BOTH])
    return [Claim("Jaccard of BERT and Qwen combined against the other twin", both, TARGET, "points", detail=detail)]


def twins(tweets: LabelledTexts) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of twins in both directions, (n, 2), and tweets that have no twin, in random order."""
    groups = defaultdict(list)
    for row, group in enumerate(tweets.groups):
        groups[group].append(row)
    small = [rows for rows in groups.values() if 1 < len(rows) < TEMPLATE]
    pairs = [(a, b) for rows in small for a in rows for b in rows if a != b]
    alone = {rows[0] for rows in groups.values() if len(rows) == 1}
    return np.array(pairs), np.array([row for row in ec.in_random_order(tweets) if row in alone])


def out_of_fold(rows: np.ndarray, quick: bool) -> np.ndarray:
    """BERT's probabilities of these train tweets, from models that saw neither them nor their twins; kept in a file."""
    tweets = ec.train_without_twins_of_dev()
    if quick:
        tweets, rows = tweets.take(rows), np.arange(len(rows))
    settings = TrainingSettings(base=DEFAULT_ENCODER if quick else ec.first_stage())
    kept = ec.CACHE / "out-of-fold.json"
    if not quick and kept.is_file():
        known = json.loads(kept.read_text(encoding="utf-8"))
        if known["base"] == settings.base:
            return np.array(known["probabilities"])[rows]
    found = drain(predict_out_of_fold(tweets, settings)).probabilities.astype(float)
    if not quick:
        kept.write_text(json.dumps({"base": settings.base, "probabilities": found.tolist()}), encoding="utf-8")
    return found[rows]


def likeliest(probabilities: np.ndarray) -> np.ndarray:
    """The labels (n, k) whose Jaccard index with the truth is expected to be highest, each emotion for itself.

    Such a set holds the likeliest emotions; how many of them is found by trying all numbers.
    """
    n, k = probabilities.shape
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    expected = np.zeros((n, k + 1))
    expected[:, 0] = np.prod(1 - probabilities, axis=1)  # nothing chosen is right where nothing is true
    for size in range(1, k + 1):
        inside, outside = counts(ranked[:, :size]), counts(ranked[:, size:])
        index = np.arange(size + 1)[:, None] / (size + np.arange(k - size + 1))
        expected[:, size] = np.einsum("na,nb,ab->n", inside, outside, index)
    chosen = np.arange(k) < expected.argmax(axis=1)[:, None]
    labels = np.zeros(probabilities.shape, dtype=np.int8)
    np.put_along_axis(labels, order, chosen.astype(np.int8), axis=1)
    return labels


def counts(probabilities: np.ndarray) -> np.ndarray:
    """How likely it is that 0, 1, ... of these emotions are there, (n, k + 1) from (n, k)."""
    found = np.ones((len(probabilities), 1))
    for p in probabilities.T[:, :, None]:
        found = np.pad(found * (1 - p), ((0, 0), (0, 1))) + np.pad(found * p, ((0, 0), (1, 0)))
    return found


def jaccard(targets: np.ndarray, labels: np.ndarray) -> float:
    """The mean over tweets, in points; 100 where both are empty."""
    shared, together = (targets & labels).sum(axis=1), (targets | labels).sum(axis=1)
    return float(100 * np.where(together, shared / np.maximum(together, 1), 1).mean())


def macro_f1(targets: np.ndarray, labels: np.ndarray) -> float:
    """In points."""
    return float(100 * f1_score(targets, labels, average="macro", zero_division=0))


if __name__ == "__main__":
    run(measure)
