"""
AUROC of a real-vs-synthetic classifier; 0.5 means that synthetic tweets are indistinguishable from real ones.
"""

import numpy as np

FOLDS = 5
FEWEST = 2 * FOLDS  # of each kind, the minimum for a test


def real_vs_synthetic_auroc(real: np.ndarray, synthetic: np.ndarray, seed: int = 0) -> float | None:
    """Return the cross-validated AUROC of a logistic regression on embeddings (n, width) and (m, width).

    The larger class is subsampled to the size of the smaller one. 0.5 is chance level; 1 means that no synthetic tweet
    resembles a real one. None if there are too few.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    n, random = min(len(real), len(synthetic)), np.random.default_rng(seed)
    if n < FEWEST:
        return None
    samples = [part[random.choice(len(part), n, replace=False)] for part in (real, synthetic)]
    kinds = np.repeat([0, 1], n)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    model = LogisticRegression(max_iter=1000)
    probabilities = cross_val_predict(model, np.concatenate(samples), kinds, cv=folds, method="predict_proba")
    return float(roc_auc_score(kinds, probabilities[:, 1]))
