"""
Counts which emotions are predicted where others are true; rows are the labels, columns the predictions.
"""

import numpy as np


def label_prediction_counts(targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Count the tweets with label i and prediction j, shape (n_labels, n_labels); true positives are on the diagonal.

    >>> label_prediction_counts(np.array([[1, 0], [1, 1]]), np.array([[1, 1], [0, 1]])).tolist()
    [[1, 2], [0, 1]]
    """
    return np.asarray(targets.T.astype(int) @ predicted.astype(int))


def substitution_counts(targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Count the tweets with a missed label i and a wrong prediction j, shape (n_labels, n_labels).

    The diagonal counts the tweets where i was missed and nothing wrong was predicted.

    >>> targets = np.array([[1, 0], [1, 0], [1, 1]])
    >>> substitution_counts(targets, np.array([[0, 1], [0, 0], [1, 0]])).tolist()  # one for the other, missed, missed
    [[1, 1], [0, 1]]
    """
    missed, wrong = (targets > predicted).astype(int), (predicted > targets).astype(int)
    counts = missed.T @ wrong
    np.fill_diagonal(counts, (missed * (wrong.sum(axis=1, keepdims=True) == 0)).sum(axis=0))
    return np.asarray(counts)
