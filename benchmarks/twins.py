"""
Twins: are new labels better than the original ones? A test that needs no gold.

E-c train holds tweets that appear twice, with a hashtag and without, labelled
independently. New labels of one twin are held against the untouched original
labels of the other, and so are its own original ones. No new label has seen
either: BERT speaks out of fold with twins in one fold, and Qwen's calibration
is fitted on tweets without a twin. The last row alone has seen one of the two:
there the tweet's own original labels count beside BERT and Qwen, with weights
that are learnt from other twins. Texts that appear more than three times are
templates and stay out.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks import ec, planted, qwen
from benchmarks.claims import Claim, run
from emoclf import calibration
from emoclf.calibration import log_odds, sigmoid
from emoclf.metrics import score
from emoclf.tweets import LabelledTexts

TARGET = 55  # Jaccard
BOTH = "both: the mean of their log-odds"
ALL = "both and the tweet's own originals, weighed"
PARTS = 5  # of the twins: the weights used on one are learnt from the others
FITTED = 1000  # tweets without a twin, to calibrate with
TEMPLATE = 4  # times that a text appears
QUICK = 1200  # tweets; a bag of words takes BERT's place


def measure(quick: bool) -> list[Claim]:
    """Print the table; the claim is the Jaccard index of BERT and Qwen combined."""
    tweets = ec.train_without_twins_of_dev()
    if quick:
        tweets = tweets.take(np.arange(QUICK))
    bert = planted.bag_of_words(tweets) if quick else ec.out_of_fold(tweets)
    pairs, alone = twins(tweets)
    pairs, alone = (pairs[:20], alone[:40]) if quick else (pairs, alone[:FITTED])
    one, other = tweets.labels[pairs[:, 0]], tweets.labels[pairs[:, 1]]
    taught, asked = (qwen.answers([tweets.texts[row] for row in rows]).probabilities for rows in (alone, pairs[:, 0]))
    calibrated = {
        "BERT, out of fold": calibration.fit(bert[alone], tweets.labels[alone]).apply(bert[pairs[:, 0]]),
        "Qwen": calibration.fit_together(taught, tweets.labels[alone]).apply(asked),
    }
    odds = [log_odds(p) for p in calibrated.values()]
    calibrated[BOTH] = sigmoid(np.mean(odds, axis=0))
    calibrated[ALL] = weighed(odds, one, other, [tweets.groups[row] for row in pairs[:, 0]])
    labels = {"originals": one} | {name: likeliest(found) for name, found in calibrated.items()}
    scores = {name: score(other, given) for name, given in labels.items()}
    print("| labels of one twin, against the originals of the other | Jaccard | macro-F1 |\n|---|---:|---:|")
    for name, found in scores.items():
        print(f"| {name} | {100 * found.jaccard:.1f} | {100 * found.macro_f1:.1f} |")
    detail = {"pairs": len(pairs) // 2, "originals": round(100 * scores["originals"].jaccard, 1)}
    what = {"BERT and Qwen combined": BOTH, "BERT, Qwen and the tweet's own originals combined": ALL}
    return [
        Claim(f"Jaccard of {words} against the other twin", 100 * scores[name].jaccard, TARGET, "points", detail=detail)
        for words, name in what.items()
    ]


def weighed(odds: Sequence[np.ndarray], own: np.ndarray, other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Probabilities (n, 11) of the other twin's labels, from several sources' log-odds and the tweet's own labels.

    Per emotion a logistic regression, learnt from other groups.
    """
    found = np.zeros(own.shape)
    for learnt, asked in GroupKFold(PARTS).split(own, groups=groups):
        for n in range(own.shape[1]):
            if np.ptp(other[learnt, n]) == 0:
                found[asked, n] = other[learnt[0], n]  # all there say the same, so there is nothing to weigh
                continue
            features = np.column_stack([*(source[:, n] for source in odds), own[:, n]])
            model = LogisticRegression().fit(features[learnt], other[learnt, n])
            found[asked, n] = model.predict_proba(features[asked])[:, 1]
    return found


def twins(tweets: LabelledTexts) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of twins in both directions, (n, 2), and tweets that have no twin, in random order."""
    groups = defaultdict(list)
    for row, group in enumerate(tweets.groups):
        groups[group].append(row)
    small = [rows for rows in groups.values() if 1 < len(rows) < TEMPLATE]
    pairs = [(a, b) for rows in small for a in rows for b in rows if a != b]
    alone = {rows[0] for rows in groups.values() if len(rows) == 1}
    return np.array(pairs), np.array([row for row in ec.in_random_order(tweets) if row in alone])


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


if __name__ == "__main__":
    run(measure)
