"""
Relabel quality: how well Qwen's suggestions predict the emotions of E-c tweets, and what each part contributes.

Prompts are compared on train tweets only, with cross-fitted calibration. The chosen prompt is then scored on all of
dev, with calibration and thresholds from train tweets. One row is a correction by the model's answer to an empty tweet,
which needs no labels. Answers are cached, so an interrupted run can be resumed.
"""

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks import ec, qwen
from benchmarks.claims import Claim, run
from benchmarks.prompt_ideas import IDEAS
from emoclf.metrics.calibration import Calibration, cross_fitted, fit, fit_jointly, log_odds, sigmoid
from emoclf.metrics.reliability import expected_calibration_error
from emoclf.metrics.scores import score
from emoclf.training import splits
from emoclf.tweets import LabelledTexts

AUROC, MACRO_F1 = 0.84, 0.53
FITTED, COMPARED = 1000, 300  # train tweets: for the calibration, and for the comparison of prompts
QUICK = 12  # tweets
HEADER = "| what | mean AUROC | macro-F1 | calibration error | tweets a second |\n|---|---:|---:|---:|---:|"


def measure(quick: bool) -> list[Claim]:
    """Print the tables; the claims are dev's mean AUROC and macro-F1."""
    train, dev = ec.train_without_twins_of_dev(), ec.tweets("dev")
    train = train.take(ec.in_random_order(train)[: QUICK if quick else FITTED])
    if quick:
        dev = dev.take(np.arange(QUICK))
    compare_prompts(train.take(np.arange(min(COMPARED, len(train)))), quick)
    return score_dev(train, dev)


def compare_prompts(tweets: LabelledTexts, quick: bool) -> None:
    """Compare the prompts on train tweets, each calibrated on the other folds."""
    print(f"{len(tweets)} train tweets, cross-fitted\n\n{HEADER}")
    fold_of = splits.folds(tweets.labels, tweets.groups, 5, seed=0)
    answers = {name: qwen.answers(tweets.texts, prompt) for name, prompt in list(IDEAS.items())[: 1 if quick else None]}
    for name, found in answers.items():
        print(
            row(
                name,
                tweets.labels,
                cross_fitted(found.probabilities, tweets.labels, fold_of, fit_jointly),
                found.seconds,
            )
        )
    first, *others = answers
    for other in others:
        both = sigmoid((log_odds(answers[first].probabilities) + log_odds(answers[other].probabilities)) / 2)
        found = cross_fitted(both, tweets.labels, fold_of, fit_jointly)
        print(
            row(f"{first} and {other}, averaged", tweets.labels, found, answers[first].seconds + answers[other].seconds)
        )
    print()


def score_dev(train: LabelledTexts, dev: LabelledTexts) -> list[Claim]:
    """Score on dev, with everything fitted on train."""
    train_answers, found = qwen.answers(train.texts), qwen.answers(dev.texts)
    raw, empty = found.probabilities, qwen.answers([""]).probabilities
    corrected = sigmoid(log_odds(raw) - log_odds(empty))
    separate = fit(train_answers.probabilities, train.labels)
    joint = fit_jointly(train_answers.probabilities, train.labels)
    print(f"{len(dev)} dev tweets, fitted on {len(train)} train tweets\n\n{HEADER}")
    uncalibrated = Calibration.identity()
    jointly = joint.apply(raw), joint
    for name, (given, fitted) in {
        "as the model says it": (raw, uncalibrated),
        "less what it says of an empty tweet": (corrected, uncalibrated),
        "each emotion calibrated alone": (separate.apply(raw), separate),
        "all calibrated together": jointly,
    }.items():
        print(row(name, dev.labels, (given, fitted.labels(given)), found.seconds))
    print(f"\n{per_emotion(dev.labels, jointly[0], joint.labels(jointly[0]))}\n")
    detail = {"model": qwen.folder().name, "dev": len(dev), "train": len(train)}
    auroc, macro = mean_auroc(dev.labels, jointly[0]), score(dev.labels, joint.labels(jointly[0])).macro_f1
    return [
        Claim("mean AUROC of suggestions on dev", auroc, AUROC, "", detail=detail),
        Claim("macro-F1 of suggestions on dev", macro, MACRO_F1, "", detail=detail),
    ]


def row(name: str, targets: np.ndarray, given: tuple[np.ndarray, np.ndarray], seconds: float) -> str:
    """Return a row of a table; `given` is probabilities and labels."""
    probabilities, labels = given
    error = expected_calibration_error(targets, probabilities)
    figures = f"{mean_auroc(targets, probabilities):.3f} | {score(targets, labels).macro_f1:.3f} | {error:.3f}"
    return f"| {name} | {figures} | {len(targets) / seconds:.1f} |"


def per_emotion(targets: np.ndarray, probabilities: np.ndarray, labels: np.ndarray) -> str:
    """Return AUROC, F1 and calibration error of each emotion, as Markdown."""
    lines = ["| emotion | AUROC | F1 | calibration error |", "|---|---:|---:|---:|"]
    for j, (name, found) in enumerate(score(targets, labels).per_emotion.items()):
        auroc = mean_auroc(targets[:, [j]], probabilities[:, [j]])
        error = expected_calibration_error(targets[:, j], probabilities[:, j])
        lines.append(f"| {name} | {auroc:.3f} | {found.f1:.3f} | {error:.3f} |")
    return "\n".join(lines)


def mean_auroc(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean over the emotions that have both positive and negative tweets."""
    has_both = targets.any(axis=0) & ~targets.all(axis=0)
    pairs = zip(targets.T[has_both], probabilities.T[has_both], strict=True)
    return float(np.mean([roc_auc_score(truth, p) for truth, p in pairs])) if has_both.any() else 0.0


if __name__ == "__main__":
    run(measure)
