"""
Shortages: which emotions have too few examples to be learnt, said before a training begins.
"""

import numpy as np

from emoclf.labels import EMOTIONS, LabelSet

FEWEST_POSITIVES = 30  # of an emotion; with fewer, chance decides what is learnt and which threshold is chosen


def shortages(labels: np.ndarray, label_set: LabelSet = EMOTIONS) -> list[str]:
    """A sentence on the emotions without any positive tweet, and one on those with few; empty where all have enough.

    Parameters
    ----------
    labels : 0 or 1, of shape (n, n_labels)

    >>> labels = np.ones((40, 11), dtype=np.int8)
    >>> labels[:, 10], labels[3:, 9] = 0, 0
    >>> shortages(labels)
    ['no positive tweet: trust', 'few positive tweets: surprise 3; from 30 on an emotion can be learnt']
    """
    counts = dict(zip(label_set.names, labels.sum(axis=0, dtype=int).tolist(), strict=True))
    absent = [name for name, count in counts.items() if count == 0]
    few = [f"{name} {count}" for name, count in counts.items() if 0 < count < FEWEST_POSITIVES]
    found = [f"no positive tweet: {', '.join(absent)}"] if absent else []
    if few:
        found.append(f"few positive tweets: {', '.join(few)}; from {FEWEST_POSITIVES} on an emotion can be learnt")
    return found
