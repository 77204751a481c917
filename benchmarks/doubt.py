"""
Doubt: how well it ranks planted errors, compared with cleanlab, and whether its predicted numbers of errors are right.

Errors of two kinds are planted in the labels of E-c train (see `benchmarks.planted_errors`). A model learns from the
corrupted labels and predicts out of fold: the fast stand-in of `benchmarks.planted_errors`, regressions on frozen
embeddings, or with `--bert` BERT, which takes hours without a GPU. Errors that were in the data before count as correct
here, so no figure can approach 1. The doubt uses the model's predictions and the labels only, without Qwen. The second
part, `benchmarks.predicted_errors`, compares the numbers shown on the page with the true ones.
"""

import argparse
import json

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks import planted_errors, predicted_errors
from benchmarks.claims import Claim
from benchmarks.planted_errors import PlantedErrors

KINDS = ("flipped at random", "swapped between similar tweets")
SHARES = (0.01, 0.05, 0.1)  # of cells that a reviewer sees first
HEADER = "| labels | ranked by | AUROC | found in 1 % | in 5 % | in 10 % |\n|---|---|---:|---:|---:|---:|"


def main() -> None:
    """Print the tables and the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer tweets and one planting each; about a minute")
    parser.add_argument("--bert", action="store_true", help="rank by BERT's probabilities, trained here")
    options = parser.parse_args()
    claims = [*measure(options.quick, options.bert), *predicted_errors.measure(options.quick)]
    answer = {"claims": [claim.to_json() for claim in claims]}
    print(json.dumps({**answer, "quick": True} if options.quick else answer))


def measure(quick: bool, bert: bool) -> list[Claim]:
    """Print the table of ranks; each kind's claim is the smallest advantage over cleanlab among the columns."""
    print(HEADER)
    return [_measure(kind, planted_errors.plant(kind, quick, bert=bert)) for kind in KINDS]


def _measure(kind: str, errors: PlantedErrors) -> Claim:
    rankings = {  # random order has its own seed: that of the planted errors would reveal their positions
        "our doubt": ours(errors),
        "cleanlab": cleanlab(errors),
        "chance": np.random.default_rng(99).random(errors.wrong.shape),
    }
    found = {name: columns(errors.wrong, ranking) for name, ranking in rankings.items()}
    for name, figures in found.items():
        print(f"| {kind} | {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    lead = min(np.subtract(found["our doubt"], found["cleanlab"]))
    detail = {name.replace(" ", "_"): " ".join(f"{figure:.3f}" for figure in found[name]) for name in found}
    return Claim(f"our lead over cleanlab where it is least, labels {kind}", 100 * lead, 0, "points", detail=detail)


def ours(errors: PlantedErrors) -> np.ndarray:
    """Return our doubt of every cell."""
    return predicted_errors.doubts(errors.tweets.labels, errors.probabilities, errors.tweets.groups).labels


def cleanlab(errors: PlantedErrors) -> np.ndarray:
    """Return one minus cleanlab's label quality per class, with its defaults."""
    from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class

    given = [np.flatnonzero(row).tolist() for row in errors.tweets.labels]
    return 1 - np.asarray(get_label_quality_scores_per_class(given, errors.probabilities))


def columns(wrong: np.ndarray, ranking: np.ndarray) -> list[float]:
    """Return AUROC, and the share of wrong cells among the first of each of `SHARES`; the arrays have one shape."""
    order = np.argsort(-ranking.ravel(), kind="stable")
    hits = wrong.ravel()[order]
    return [float(roc_auc_score(wrong.ravel(), ranking.ravel()))] + [
        float(hits[: round(share * len(hits))].sum() / hits.sum()) for share in SHARES
    ]


if __name__ == "__main__":
    main()
