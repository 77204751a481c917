"""
Training quality: the default training on E-c train with three seeds, scored on dev, and the effect of the threshold
rule.

Twins of dev tweets are left out of training. Thresholds come from out-of-fold predictions of train tweets only. The
weight of the Jaccard index in their choice is compared on train tweets too: one half chooses the thresholds and the
other is scored, in turn and over several random halves. Finished folds and trainings are saved, so an interrupted run
can be resumed.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import ec
from benchmarks.claims import Claim, run
from emoclf.backends.settings import TrainingSettings
from emoclf.metrics import thresholds
from emoclf.metrics.scores import Scores, score
from emoclf.progress import drain
from emoclf.training import splits
from emoclf.training.cross_validation import fine_tune
from emoclf.tweets import LabelledTexts

MACRO_F1, MICRO_F1, JACCARD, RAREST, MINUTES = 61.5, 70.5, 58.5, 25.0, 15.0
SEEDS = (13, 14, 15)
RARE = ("trust", "surprise", "anticipation", "pessimism")
WEIGHTS = (0.0, 0.25, 0.5, 1.0)  # of the Jaccard index, relative to the mean F1
HALVINGS = 4
QUICK = 100  # tweets
TRAINING_TIME = "a whole default training, its folds included"
FIGURES = ("macro-F1", "micro-F1", "Jaccard", *RARE)


def measure(quick: bool) -> list[Claim]:
    """Print both tables; the claims are the means over seeds, and the minutes of the first training."""
    train, dev = ec.train_without_twins_of_dev(), ec.tweets("dev")
    if quick:
        train, dev = train.take(ec.in_random_order(train)[:QUICK]), dev.take(np.arange(QUICK // 2))
    base = TrainingSettings(epochs=1, folds=2) if quick else TrainingSettings(base=ec.first_stage())
    trained = {seed: _trained(train, dev, replace(base, seed=seed)) for seed in SEEDS[: 1 if quick else None]}
    scores = {seed: _scored(train, dev, saved) for seed, saved in trained.items()}
    _head("seed", *FIGURES, "minutes", "threads")
    for seed, found in scores.items():
        _row(str(seed), [_figures(found)], f"{trained[seed]['minutes']:.1f}", str(trained[seed]["threads"]))
    figures = [_figures(found) for found in scores.values()]
    _row("mean", figures, "", "")
    _compare_weights(train, [np.array(saved["out_of_fold"]) for saved in trained.values()])
    means = np.mean(figures, axis=0)
    first = trained[SEEDS[0]]
    return [
        Claim("dev macro-F1, the mean of the seeds", means[0], MACRO_F1, "points"),
        Claim("dev micro-F1, the mean of the seeds", means[1], MICRO_F1, "points"),
        Claim("dev Jaccard index, the mean of the seeds", means[2], JACCARD, "points"),
        Claim("dev F1 of the hardest rare emotion, the mean of the seeds", min(means[3:]), RAREST, "points"),
        Claim(TRAINING_TIME, first["minutes"], MINUTES, "minutes", at_most=True, detail={"threads": first["threads"]}),
    ]


def _trained(train: LabelledTexts, dev: LabelledTexts, settings: TrainingSettings) -> dict[str, Any]:
    """Return a training's predictions for dev and out of fold, and its duration; from the cache if possible."""
    fold_results = ec.fold_results_of(train, settings)
    file = ec.CACHE / f"train-quality-{fold_results.folder.name}.json"
    if not file.is_file():
        result = drain(fine_tune(train, settings, fold_results=fold_results))
        saved = {
            "dev": drain(result.classifier.probabilities(dev.texts)).tolist(),
            "out_of_fold": result.out_of_fold.tolist(),
            "minutes": result.seconds / 60,
            "threads": _threads(),
        }
        file.write_text(json.dumps(saved), encoding="utf-8")
        fold_results.checkpoint(None).unlink(missing_ok=True)
    answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return answer


def _scored(train: LabelledTexts, dev: LabelledTexts, saved: dict[str, Any]) -> Scores:
    """Return the scores on dev, with the thresholds that `fine_tune` chooses."""
    chosen = thresholds.fit(train.labels, np.array(saved["out_of_fold"]))
    return score(dev.labels, (np.array(saved["dev"]) >= chosen).astype(np.int8))


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _figures(found: Scores) -> list[float]:
    """Return macro-F1, micro-F1, Jaccard index and the F1 of the rare emotions, in points."""
    rare = [found.per_emotion[emotion].f1 for emotion in RARE]
    return [100 * figure for figure in (found.macro_f1, found.micro_f1, found.jaccard, *rare)]


def _head(*columns: str) -> None:
    print(f"| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}")


def _row(name: str, figures: Sequence[Sequence[float]], *more: str) -> None:
    """Print a row of a table: the means of the figures, then the other cells."""
    print(f"| {' | '.join([name, *(f'{mean:.1f}' for mean in np.mean(figures, axis=0)), *more])} |")


def _compare_weights(train: LabelledTexts, predictions: Sequence[np.ndarray]) -> None:
    """Print the scores for each weight of the Jaccard index, on train tweets that did not choose the thresholds."""
    print()
    _head("weight of the Jaccard index, train tweets", *FIGURES)
    halvings = [splits.folds(train.labels, train.groups, 2, seed) for seed in range(HALVINGS)]
    for weight in WEIGHTS:
        figures = [
            _figures(score(train.labels[half == part], (p[half == part] >= chosen).astype(np.int8)))
            for p in predictions
            for half in halvings
            for part in (0, 1)
            for chosen in [thresholds.fit(train.labels[half != part], p[half != part], weight)]
        ]
        _row(f"{weight:g}{' (ours)' if weight == thresholds.JACCARD else ''}", figures)


if __name__ == "__main__":
    run(measure)
