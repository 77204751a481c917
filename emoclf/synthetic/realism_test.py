"""
Telling apart: how well a simple classifier tells synthetic tweets from real ones; the nearer to chance, the better.
"""

import numpy as np

FOLDS = 5
FEWEST = 2 * FOLDS  # of each kind, below which nothing can be said


def real_vs_synthetic_auroc(real: np.ndarray, synthetic: np.ndarray, seed: int = 0) -> float | None:
    """The AUROC of a logistic regression on sentence vectors (n, width) and (m, width), each tweet judged unseen.

    As many real tweets as synthetic ones are drawn, or the other way round. 0.5 is
    chance, 1 means that no synthetic tweet could be taken for a real one. None
    where there are too few.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    n, random = min(len(real), len(synthetic)), np.random.default_rng(seed)
    if n < FEWEST:
        return None
    drawn = [part[random.choice(len(part), n, replace=False)] for part in (real, synthetic)]
    kinds = np.repeat([0, 1], n)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    model = LogisticRegression(max_iter=1000)
    said = cross_val_predict(model, np.concatenate(drawn), kinds, cv=folds, method="predict_proba")
    return float(roc_auc_score(kinds, said[:, 1]))
