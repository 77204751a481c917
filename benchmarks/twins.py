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

from benchmarks import differences, ec, planted_errors, qwen
from benchmarks.claims import Claim, run
from benchmarks.differences import Difference
from emoclf.metrics import calibration
from emoclf.metrics.calibration import log_odds, sigmoid
from emoclf.metrics.scores import jaccard_index
from emoclf.tweets import LabelledTexts

TARGET = 55  # Jaccard
ORIGINALS = "originals"
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
class Prediction:
    """One source's labels and probabilities for the tweets in the test."""

    labels: np.ndarray  # shape (n, 11), 0 or 1
    probabilities: np.ndarray  # of the other twin's labels, shape (n, 11)


def measure(quick: bool) -> list[Claim]:
    """Print the table; the claims are the Jaccard index of BERT and Qwen combined, without and with the originals."""
    tweets = ec.train_without_twins_of_dev()
    if quick:
        tweets = some_twins(tweets)
    pairs, untwinned = twins(tweets)
    untwinned = untwinned[:FITTED]
    other = tweets.labels[pairs[:, 1]]
    groups = [tweets.groups[row] for row in pairs[:, 0]]
    predictions = sources(tweets, pairs, untwinned, quick)
    figures = {name: score_against_other(prediction, other, groups) for name, prediction in predictions.items()}
    print(f"| {' | '.join(COLUMNS)} |\n|---|{'---:|' * (len(COLUMNS) - 1)}")
    for name in predictions:
        print(row(name, figures))
    what = {"BERT and Qwen combined": BOTH, "BERT, Qwen and the tweet's own originals combined": ALL}
    return [_claim(words, name, figures, len(set(groups)), len(pairs)) for words, name in what.items()]


def sources(tweets: LabelledTexts, pairs: np.ndarray, untwinned: np.ndarray, quick: bool) -> dict[str, Prediction]:
    """Return the rows of the table: first the originals, as they are and with labels chosen by the same rule."""
    one, other = tweets.labels[pairs[:, 0]], tweets.labels[pairs[:, 1]]
    groups = [tweets.groups[row] for row in pairs[:, 0]]
    bert = planted_errors.bag_of_words(tweets) if quick else ec.out_of_fold(tweets)
    fit_p, test_p = (_with_noise(bert[rows]) if quick else _qwen(tweets, rows) for rows in (untwinned, pairs[:, 0]))
    calibrated = {
        "BERT, out of fold": calibration.fit(bert[untwinned], tweets.labels[untwinned]).apply(bert[pairs[:, 0]]),
        "Qwen": calibration.fit_jointly(fit_p, tweets.labels[untwinned]).apply(test_p),
    }
    odds = [log_odds(p) for p in calibrated.values()]
    calibrated[BOTH] = sigmoid(np.mean(odds, axis=0))
    calibrated[ALL] = combine_with_originals(odds, one, other, groups)
    p_label = p_given_own_label(one, other, groups)
    p_all = p_given_all_labels(one, other, groups)
    predictions = {
        ORIGINALS: Prediction(one, p_label),
        CHOSEN: Prediction(max_expected_jaccard(p_label), p_label),
        CHOSEN_BY_ALL: Prediction(max_expected_jaccard(p_all), p_all),
    }
    return predictions | {name: Prediction(max_expected_jaccard(found), found) for name, found in calibrated.items()}


def _qwen(tweets: LabelledTexts, rows: np.ndarray) -> np.ndarray:
    return qwen.answers([tweets.texts[row] for row in rows]).probabilities


def _with_noise(probabilities: np.ndarray) -> np.ndarray:
    return sigmoid(log_odds(probabilities) + np.random.default_rng(0).normal(size=probabilities.shape))


def score_against_other(prediction: Prediction, other: np.ndarray, groups: Sequence[str]) -> list[np.ndarray]:
    """Return Jaccard index, macro-F1 and log loss (nats, mean over emotions) against the other twins' originals.

    Each has the observed figure first, then the resampled ones, shape (1 + resamples,).
    """
    weights = differences.resample(groups)
    jaccard = jaccard_index((prediction.labels * other).sum(axis=1), np.maximum(prediction.labels, other).sum(axis=1))
    p = np.clip(prediction.probabilities, EDGE, 1 - EDGE)
    loss = -np.where(other, np.log(p), np.log(1 - p)).mean(axis=1)
    macro = differences.f1(weights, other, prediction.labels).mean(axis=1)
    return [differences.mean(weights, jaccard), macro, differences.mean(weights, loss)]


def change(name: str, base: str, figures: dict[str, list[np.ndarray]]) -> list[Difference]:
    """Return the differences of a row's three figures from those of another row; for the log loss, lower is better."""
    return [differences.over_tweets(old, new) for old, new in zip(figures[base], figures[name], strict=True)]


def row(name: str, figures: dict[str, list[np.ndarray]]) -> str:
    """Return a row of the table; Jaccard index, F1 and log loss in hundredths."""
    cells = [f"{100 * found[0]:.1f}" for found in figures[name]]
    changes = [""] * len(cells) if name == ORIGINALS else [one.in_points() for one in change(name, ORIGINALS, figures)]
    return (
        f"| {name} | {' | '.join(f'{cell} | {difference}' for cell, difference in zip(cells, changes, strict=True))} |"
    )


def _claim(words: str, name: str, figures: dict[str, list[np.ndarray]], groups: int, directed: int) -> Claim:
    own, same_rule = change(name, ORIGINALS, figures), change(name, CHOSEN_BY_ALL, figures)
    detail = {
        "twin_groups": groups,
        "directed_pairs": directed,
        "originals": round(100 * float(figures[ORIGINALS][0][0]), 1),
        "over_originals": own[0].in_points(),
        "over_originals_chosen_anew": same_rule[0].in_points(),
        "log_loss_over_originals_chosen_anew": same_rule[2].in_points(),
    }
    value = 100 * float(figures[name][0][0])
    return Claim(f"Jaccard of {words} against the other twin", value, TARGET, "points", detail=detail)


def p_given_own_label(own: np.ndarray, other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return P(other twin has the emotion | own label), shape (n, 11): counted in other groups, per emotion.

    The emotion's base rate counts for `PRIOR` twins, so that small counts do not give probabilities of 0 or 1.
    """
    found = np.zeros(own.shape)
    for fit_rows, test_rows in GroupKFold(PARTS).split(own, groups=groups):
        rate = (other[fit_rows].sum(axis=0) + 0.5) / (len(fit_rows) + 1)
        for value in (0, 1):
            same = own[fit_rows] == value
            p_label = ((same * other[fit_rows]).sum(axis=0) + PRIOR * rate) / (same.sum(axis=0) + PRIOR)
            found[test_rows] = np.where(own[test_rows] == value, p_label, found[test_rows])
    return found


def some_twins(tweets: LabelledTexts) -> LabelledTexts:
    """Return a small set for quick runs: tweets with and without a twin, in their order."""
    pairs, untwinned = twins(tweets)
    return tweets.take(np.union1d(pairs[: QUICK // 2], untwinned[: QUICK // 2]))


def combine_with_originals(
    odds: Sequence[np.ndarray], own: np.ndarray, other: np.ndarray, groups: Sequence[str]
) -> np.ndarray:
    """Return probabilities (n, 11) of the other twin's labels, from the sources' log-odds and the tweet's own labels.

    They come from one logistic regression per emotion, fitted on other groups.
    """
    features = [np.column_stack([*(source[:, n] for source in odds), own[:, n]]) for n in range(own.shape[1])]
    return _predict_other(features, other, groups)


def p_given_all_labels(own: np.ndarray, other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return P(other twin has the emotion | all own labels), shape (n, 11), learned from other groups."""
    return _predict_other([own] * own.shape[1], other, groups)


def _predict_other(features: Sequence[np.ndarray], other: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return probabilities (n, 11) by a logistic regression per emotion, with features (n, m) for each."""
    found = np.zeros(other.shape)
    for fit_rows, test_rows in GroupKFold(PARTS).split(other, groups=groups):
        for n, x in enumerate(features):
            if np.ptp(other[fit_rows, n]) == 0:
                found[test_rows, n] = other[fit_rows[0], n]  # a constant label needs no regression
                continue
            model = LogisticRegression().fit(x[fit_rows], other[fit_rows, n])
            found[test_rows, n] = model.predict_proba(x[test_rows])[:, 1]
    return found


def twins(tweets: LabelledTexts) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of twins in both directions, (n, 2), and tweets without a twin, in random order."""
    groups = defaultdict(list)
    for row, group in enumerate(tweets.groups):
        groups[group].append(row)
    small = [rows for rows in groups.values() if 1 < len(rows) < TEMPLATE]
    pairs = [(a, b) for rows in small for a in rows for b in rows if a != b]
    untwinned = {rows[0] for rows in groups.values() if len(rows) == 1}
    return np.array(pairs), np.array([row for row in ec.in_random_order(tweets) if row in untwinned])


def max_expected_jaccard(probabilities: np.ndarray) -> np.ndarray:
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
