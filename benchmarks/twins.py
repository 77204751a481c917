"""
Twins: are new labels better than the original ones? A test without gold labels.

E-c train contains tweets that appear twice, with and without a hashtag, labelled independently. The new labels of one
twin are compared with the original labels of the other, and so are its own original labels. No new label has seen
either: BERT predicts out of fold with twins in one fold, and Qwen's calibration is fitted on tweets without a twin.
Only the last row has seen one of the two: there the tweet's own original labels are combined with BERT and Qwen, with
weights learned from other twins. Texts that appear more than three times are templates and are left out.

New labels maximise the expected Jaccard index, which is an advantage in itself. Two controls separate this rule from
the quality of the labels. The first applies the rule to the originals: to the probability of an emotion in one twin
given whether the other has it, or given all eleven labels of the other, both learned from other twins. The second is
the log loss of the probabilities against the other twin, which the rule does not affect. Every difference from the
originals has a 95 % interval from resampled twin groups, with both directions of a pair and all of a triple; the models
are fixed.

`--quick` runs neither BERT nor Qwen: a bag of words replaces BERT, and the same with noise replaces Qwen, so its
figures say nothing about either.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks import differences, ec, planted, qwen
from benchmarks.claims import Claim, run
from benchmarks.differences import Difference
from emoclf.metrics import calibration
from emoclf.metrics.calibration import log_odds, sigmoid
from emoclf.metrics.scores import jaccard_index
from emoclf.tweets import LabelledTexts

TARGET = 55  # Jaccard
OWN = "originals"
CHOSEN = "originals, chosen anew for the expected Jaccard index, each emotion by itself"
CHOSEN_BY_ALL = "originals, chosen anew for the expected Jaccard index, by all eleven labels"
BOTH = "both: the mean of their log-odds"
ALL = "both and the tweet's own originals, weighed"
CHANGE = "change (95 %)"
COLUMNS = ("labels of one twin, against the originals of the other", "Jaccard", CHANGE, "macro-F1", CHANGE)
COLUMNS += ("log loss", CHANGE)  # of the probabilities; lower is better
PARTS = 5  # cross-fitting parts of the twins
PRIOR = 1.0  # the weight of the emotion's base rate in P(other | own), in twins
EDGE = 1e-6  # probabilities are clipped to this distance from 0 and 1 in the log loss
FITTED = 1000  # tweets without a twin, for the calibration
TEMPLATE = 4  # occurrences from which a text is a template
QUICK = 600  # tweets


@dataclass(frozen=True)
class Way:
    """One source's labels and probabilities for the tweets in the test."""

    labels: np.ndarray  # shape (n, 11), 0 or 1
    probabilities: np.ndarray  # of the other twin's labels, shape (n, 11)


def measure(quick: bool) -> list[Claim]:
    """Print the table; the claims are the Jaccard index of BERT and Qwen combined, without and with the originals."""
    tweets = ec.train_without_twins_of_dev()
    if quick:
        tweets = some_twins(tweets)
    pairs, alone = twins(tweets)
    alone = alone[:FITTED]
    other = tweets.labels[pairs[:, 1]]
    groups = [tweets.groups[row] for row in pairs[:, 0]]
    ways = sources(tweets, pairs, alone, quick)
    figures = {name: against_other(way, other, groups) for name, way in ways.items()}
    print(f"| {' | '.join(COLUMNS)} |\n|---|{'---:|' * (len(COLUMNS) - 1)}")
    for name in ways:
        print(row(name, figures))
    what = {"BERT and Qwen combined": BOTH, "BERT, Qwen and the tweet's own originals combined": ALL}
    return [_claim(words, name, figures, len(set(groups)), len(pairs)) for words, name in what.items()]


def sources(tweets: LabelledTexts, pairs: np.ndarray, alone: np.ndarray, quick: bool) -> dict[str, Way]:
    """Return the rows of the table: first the originals, as they are and with labels chosen by the same rule."""
    one, other = tweets.labels[pairs[:, 0]], tweets.labels[pairs[:, 1]]
    groups = [tweets.groups[row] for row in pairs[:, 0]]
    bert = planted.bag_of_words(tweets) if quick else ec.out_of_fold(tweets)
    taught, asked = (_noisy(bert[rows]) if quick else _qwen(tweets, rows) for rows in (alone, pairs[:, 0]))
    calibrated = {
        "BERT, out of fold": calibration.fit(bert[alone], tweets.labels[alone]).apply(bert[pairs[:, 0]]),
        "Qwen": calibration.fit_together(taught, tweets.labels[alone]).apply(asked),
    }
    odds = [log_odds(p) for p in calibrated.values()]
    calibrated[BOTH] = sigmoid(np.mean(odds, axis=0))
    calibrated[ALL] = weighed(odds, one, other, groups)
    told = told_by_a_twin(one, other, groups)
    by_all = told_by_all(one, other, groups)
    ways = {OWN: Way(one, told), CHOSEN: Way(likeliest(told), told), CHOSEN_BY_ALL: Way(likeliest(by_all), by_all)}
    return ways | {name: Way(likeliest(found), found) for name, found in calibrated.items()}


def _qwen(tweets: LabelledTexts, rows: np.ndarray) -> np.ndarray:
    return qwen.answers([tweets.texts[row] for row in rows]).probabilities


def _noisy(probabilities: np.ndarray) -> np.ndarray:
    return sigmoid(log_odds(probabilities) + np.random.default_rng(0).normal(size=probabilities.shape))


def against_other(way: Way, other: np.ndarray, groups: Sequence[str]) -> list[np.ndarray]:
    """Return Jaccard index, macro-F1 and log loss (nats, mean over emotions) against the other twins' originals.

    Each has the observed figure first, then the resampled ones, shape (1 + resamples,).
    """
    weights = differences.resample(groups)
    jaccard = jaccard_index((way.labels * other).sum(axis=1), np.maximum(way.labels, other).sum(axis=1))
    p = np.clip(way.probabilities, EDGE, 1 - EDGE)
    loss = -np.where(other, np.log(p), np.log(1 - p)).mean(axis=1)
    macro = differences.f1(weights, other, way.labels).mean(axis=1)
    return [differences.mean(weights, jaccard), macro, differences.mean(weights, loss)]


def change(name: str, base: str, figures: dict[str, list[np.ndarray]]) -> list[Difference]:
    """Return the differences of a row's three figures from those of another row; for the log loss, lower is better."""
    return [differences.over_tweets(old, new) for old, new in zip(figures[base], figures[name], strict=True)]


def row(name: str, figures: dict[str, list[np.ndarray]]) -> str:
    """Return a row of the table; Jaccard index, F1 and log loss in hundredths."""
    cells = [f"{100 * found[0]:.1f}" for found in figures[name]]
    changes = [""] * len(cells) if name == OWN else [one.in_points() for one in change(name, OWN, figures)]
    return f"| {name} | {' | '.join(f'{cell} | {moved}' for cell, moved in zip(cells, changes, strict=True))} |"


def _claim(words: str, name: str, figures: dict[str, list[np.ndarray]], groups: int, directed: int) -> Claim:
    own, same_rule = change(name, OWN, figures), change(name, CHOSEN_BY_ALL, figures)
    detail = {
        "twin_groups": groups,
        "directed_pairs": directed,
        "originals": round(100 * float(figures[OWN][0][0]), 1),
        "over_originals": own[0].in_points(),
        "over_originals_chosen_anew": same_rule[0].in_points(),
        "log_loss_over_originals_chosen_anew": same_rule[2].in_points(),
    }
    value = 100 * float(figures[name][0][0])
    return Claim(f"Jaccard of {words} against the other twin", value, TARGET, "points", detail=detail)


def told_by_a_twin(own: np.ndarray, other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return P(other twin has the emotion | own label), shape (n, 11): counted in other groups, per emotion.

    The emotion's base rate counts for `PRIOR` twins, so that small counts do not give probabilities of 0 or 1.
    """
    found = np.zeros(own.shape)
    for learnt, asked in GroupKFold(PARTS).split(own, groups=groups):
        rate = (other[learnt].sum(axis=0) + 0.5) / (len(learnt) + 1)
        for value in (0, 1):
            same = own[learnt] == value
            told = ((same * other[learnt]).sum(axis=0) + PRIOR * rate) / (same.sum(axis=0) + PRIOR)
            found[asked] = np.where(own[asked] == value, told, found[asked])
    return found


def some_twins(tweets: LabelledTexts) -> LabelledTexts:
    """Return a small set for quick runs: tweets with and without a twin, in their order."""
    pairs, alone = twins(tweets)
    return tweets.take(np.union1d(pairs[: QUICK // 2], alone[: QUICK // 2]))


def weighed(odds: Sequence[np.ndarray], own: np.ndarray, other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return probabilities (n, 11) of the other twin's labels, from the sources' log-odds and the tweet's own labels.

    They come from one logistic regression per emotion, fitted on other groups.
    """
    features = [np.column_stack([*(source[:, n] for source in odds), own[:, n]]) for n in range(own.shape[1])]
    return _regressed(features, other, groups)


def told_by_all(own: np.ndarray, other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return P(other twin has the emotion | all own labels), shape (n, 11), learned from other groups."""
    return _regressed([own] * own.shape[1], other, groups)


def _regressed(features: Sequence[np.ndarray], other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return probabilities (n, 11) by a logistic regression per emotion, with features (n, m) for each."""
    found = np.zeros(other.shape)
    for learnt, asked in GroupKFold(PARTS).split(other, groups=groups):
        for n, given in enumerate(features):
            if np.ptp(other[learnt, n]) == 0:
                found[asked, n] = other[learnt[0], n]  # a constant label needs no regression
                continue
            model = LogisticRegression().fit(given[learnt], other[learnt, n])
            found[asked, n] = model.predict_proba(given[asked])[:, 1]
    return found


def twins(tweets: LabelledTexts) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of twins in both directions, (n, 2), and tweets without a twin, in random order."""
    groups = defaultdict(list)
    for row, group in enumerate(tweets.groups):
        groups[group].append(row)
    small = [rows for rows in groups.values() if 1 < len(rows) < TEMPLATE]
    pairs = [(a, b) for rows in small for a in rows for b in rows if a != b]
    alone = {rows[0] for rows in groups.values() if len(rows) == 1}
    return np.array(pairs), np.array([row for row in ec.in_random_order(tweets) if row in alone])


def likeliest(probabilities: np.ndarray) -> np.ndarray:
    """Return the labels (n, k) with the highest expected Jaccard index, treating emotions as independent.

    Such a set contains the most likely emotions; their number is found by trying all.
    """
    n, k = probabilities.shape
    order = np.argsort(-probabilities, axis=1)
    ranked = np.take_along_axis(probabilities, order, axis=1)
    expected = np.zeros((n, k + 1))
    expected[:, 0] = np.prod(1 - probabilities, axis=1)  # the empty set is right if nothing is true
    for size in range(1, k + 1):
        inside, outside = counts(ranked[:, :size]), counts(ranked[:, size:])
        index = np.arange(size + 1)[:, None] / (size + np.arange(k - size + 1))
        expected[:, size] = np.einsum("na,nb,ab->n", inside, outside, index)
    chosen = np.arange(k) < expected.argmax(axis=1)[:, None]
    labels = np.zeros(probabilities.shape, dtype=np.int8)
    np.put_along_axis(labels, order, chosen.astype(np.int8), axis=1)
    return labels


def counts(probabilities: np.ndarray) -> np.ndarray:
    """Return the probabilities that 0, 1, ... of these emotions are present, (n, k + 1) from (n, k)."""
    found = np.ones((len(probabilities), 1))
    for p in probabilities.T[:, :, None]:
        found = np.pad(found * (1 - p), ((0, 0), (0, 1))) + np.pad(found * p, ((0, 0), (1, 0)))
    return found


if __name__ == "__main__":
    run(measure)
