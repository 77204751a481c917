"""
Labelling order: what a classifier learns from the tweets that our order puts first, compared with other orders.

Of E-c train, 1,000 tweets are labelled at random and the labels of the others are hidden. In each of four rounds, a
model learns from the labelled tweets and predicts the others, and the first 500 of the order are labelled. It is
measured on dev after each round. Its thresholds come from out-of-fold predictions of the labelled tweets, as in the
app; dev chooses nothing. The settings of our order were chosen on train alone: four fifths of it were the pool, and the
fifth that was left out of it was scored, in turn.

The model is logistic regressions on frozen embeddings of the packaged encoder, which takes minutes. `--bert` trains
BERT as the app does, out-of-fold models included. Each finished training is a file in the cache, so an interrupted run
can be resumed. The 95 % intervals resample seeds and dev tweets, twins together; differences are paired.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import ec, machine, planted_errors
from benchmarks.active_orders import RARE_COLUMNS, Order, Pool, orders
from benchmarks.active_table import Found, lead_on_rare, print_tables, saved_labels
from emoclf.backends.settings import TrainingSettings
from emoclf.metrics import thresholds
from emoclf.metrics.calibration import sigmoid
from emoclf.metrics.scores import resampled_f1, score
from emoclf.progress import drain
from emoclf.training import splits
from emoclf.training.cross_validation import fine_tune
from emoclf.tweets import LabelledTexts


@dataclass(frozen=True)
class Data:
    """The tweets of a measurement, and how many of them are labelled when."""

    train: LabelledTexts
    embeddings: np.ndarray  # of the train tweets, shape (n, d)
    dev: LabelledTexts
    first: int = 1000  # train tweets labelled at random before the first round
    batch: int = 500  # labelled in each round
    rounds: int = 4

    @property
    def labelled(self) -> list[int]:
        """How many tweets are labelled before the first round and after each."""
        return [self.first + self.batch * number for number in range(self.rounds + 1)]


@dataclass(frozen=True)
class Trained:
    """What a model trained on the labelled tweets predicts."""

    train: np.ndarray  # probabilities of all train tweets, shape (n, 11)
    dev: np.ndarray  # probabilities of the dev tweets, shape (m, 11)
    thresholds: np.ndarray  # shape (11,)


Train = Callable[[np.ndarray, int], Trained]  # whether each train tweet is labelled, shape (n,), and a seed


def main() -> None:
    """Label by each order, train again, and print the tables and the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer tweets, two rounds, one seed; about a minute")
    parser.add_argument("--bert", action="store_true", help="BERT instead of regressions; hours without a GPU")
    parser.add_argument("--seeds", type=int, nargs="*", default=[13, 14, 15], help="of the first labels and the model")
    options = parser.parse_args()
    seeds = options.seeds[: 1 if options.quick else None]
    data = read(options.quick)
    train = bert(data, options.quick) if options.bert else regressions(data)
    model = "BERT, trained as in the app" if options.bert else "regressions on frozen embeddings, not BERT"
    print(f"Model: {model}.\n")
    found: Found = {}
    for name, order in orders().items():
        found[name] = np.stack([simulate(order, train, data, seed) for seed in seeds], axis=1)
        print(f"{name}: {len(seeds)} seeds", file=sys.stderr, flush=True)
    print_tables(found, data.labelled)
    detail = {"model": model, "seeds": len(seeds)}
    claims = [saved_labels(found, data.labelled, detail), lead_on_rare(found, detail)]
    print(f"\n{machine.measured_on()}")
    answer = {"claims": [claim.to_json() for claim in claims]}
    print(json.dumps({**answer, "quick": True} if options.quick else answer))


def read(quick: bool) -> Data:
    """Return the tweets of E-c; quick: fewer of train, and fewer rounds."""
    train, dev = ec.train_without_twins_of_dev(), ec.tweets("dev")
    if not quick:
        return Data(train, planted_errors.embeddings(train, "train"), dev)
    train = train.take(np.arange(planted_errors.QUICK))
    return Data(train, planted_errors.embeddings(train, "train"), dev, first=200, batch=100, rounds=2)


def simulate(order: Order, train: Train, data: Data, seed: int) -> np.ndarray:
    """Label by an order, round by round; return the figures of `on_dev` before the first round and after each, shape
    (2, 1 + rounds, 1 + resamples).
    """
    labelled = np.zeros(len(data.train), dtype=bool)
    labelled[np.random.default_rng(seed).permutation(len(labelled))[: data.first]] = True
    trained = train(labelled, seed)
    found = [on_dev(data.dev, trained)]
    for number in range(data.rounds):
        rest = np.flatnonzero(~labelled)
        p = trained.train[rest]
        pool = Pool(
            probabilities=p,
            predicted=(p >= trained.thresholds).astype(np.int8),
            embeddings=data.embeddings[rest],
            hidden=data.train.labels[rest],
            labelled=data.train.labels[labelled],
            seed=100 * seed + number,
        )
        labelled[rest[order(pool)[: data.batch]]] = True
        trained = train(labelled, seed)
        found.append(on_dev(data.dev, trained))
    return np.stack(found, axis=1)


def on_dev(dev: LabelledTexts, trained: Trained) -> np.ndarray:
    """Return macro-F1 and the mean F1 of the rare emotions, shape (2, 1 + resamples); column 0 is dev as it is, the
    others are resampled, twins together.
    """
    predicted = (trained.dev >= trained.thresholds).astype(np.int8)
    observed = [one.f1 for one in score(dev.labels, predicted).per_emotion.values()]
    f1 = np.vstack([observed, resampled_f1(dev.labels, predicted, 0, dev.groups)])
    return np.array([f1.mean(axis=1), f1[:, RARE_COLUMNS].mean(axis=1)])


def regressions(data: Data) -> Train:
    """Return logistic regressions on frozen embeddings, with thresholds chosen out of fold."""
    x, x_dev = data.embeddings, planted_errors.embeddings(data.dev, "dev")

    def train(labelled: np.ndarray, seed: int) -> Trained:
        rows = np.flatnonzero(labelled)
        known = data.train.take(rows)

        def compute() -> Trained:
            fold_of = splits.folds(known.labels, known.groups, planted_errors.FOLDS, seed)
            out_of_fold = planted_errors.predict_from_embeddings(x[rows], known.labels, fold_of)
            model = planted_errors.regress(x[rows], known.labels)
            return Trained(sigmoid(model(x)), sigmoid(model(x_dev)), thresholds.fit(known.labels, out_of_fold))

        content = np.packbits(labelled).tobytes() + repr((seed, planted_errors.RIDGE, known.labels.sum())).encode()
        return _saved(f"regressions-{hashlib.sha256(content).hexdigest()[:16]}", compute)

    return train


def bert(data: Data, quick: bool) -> Train:
    """Return BERT trained as in the app, with its folds saved too. Quick: one epoch, two folds, no first stage."""

    def train(labelled: np.ndarray, seed: int) -> Trained:
        known = data.train.take(np.flatnonzero(labelled))
        settings = (
            TrainingSettings(epochs=1, folds=2, seed=seed)
            if quick
            else TrainingSettings(base=ec.first_stage(), seed=seed)
        )
        fold_results = ec.fold_results_of(known, settings)

        def compute() -> Trained:
            classifier = drain(fine_tune(known, settings, fold_results=fold_results)).classifier
            p = [drain(classifier.probabilities(tweets.texts)) for tweets in (data.train, data.dev)]
            fold_results.checkpoint(None).unlink(missing_ok=True)
            return Trained(p[0], p[1], classifier.thresholds)

        return _saved(fold_results.folder.name, compute)

    return train


def _saved(name: str, compute: Callable[[], Trained]) -> Trained:
    """Return the training of this name; compute and save it if it is missing. The name identifies all that it depends
    on.
    """
    file = ec.CACHE / f"active-{name}.npz"
    if not file.is_file():
        found, partial = compute(), file.with_suffix(".partial.npz")
        partial.parent.mkdir(parents=True, exist_ok=True)
        np.savez(partial, train=found.train, dev=found.dev, thresholds=found.thresholds)
        partial.replace(file)  # an interruption leaves no incomplete file
    with np.load(file) as saved:
        return Trained(**saved)


if __name__ == "__main__":
    main()
