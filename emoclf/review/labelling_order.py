"""
The order in which tweets without labels should be labelled: uncertain ones with rare emotions first, no two alike.
"""

import numpy as np

AHEAD, CANDIDATES = 500, 5000  # tweets chosen one by one, and tweets they are chosen from; the others follow by value
PRIOR_COUNT = 1.0  # added to the number of labelled tweets of every emotion


def labelling_order(
    probabilities: np.ndarray, embeddings: np.ndarray | None, labelled_counts: np.ndarray
) -> np.ndarray:
    """Return the positions of the tweets, shape (n,), the one to label first at the front.

    The value of a tweet is the sum over the emotions of the variance p (1 - p) of its label, each divided by the number
    of tweets that have the emotion: an uncertain label of a rare emotion teaches most. A chosen tweet counts in these
    numbers with its probabilities, so that the next one has other emotions, and lowers the value of similar tweets.

    Parameters
    ----------
    probabilities : shape (n, n_labels), in [0, 1]
    embeddings : of length one, shape (n, d); None leaves similar tweets alone
    labelled_counts : how many labelled tweets have each emotion, shape (n_labels,)

    >>> probabilities = np.array([[0.9, 0.1], [0.5, 0.1], [0.1, 0.5]])
    >>> labelling_order(probabilities, None, np.array([90, 9])).tolist()  # the second emotion is rare
    [2, 1, 0]
    """
    counts = np.asarray(labelled_counts, dtype=float) + PRIOR_COUNT
    variance = probabilities * (1 - probabilities)
    by_value = np.argsort(-(variance @ (1 / counts)), kind="stable")
    left = by_value[:CANDIDATES]
    unlike = np.ones(len(left))  # one minus the largest cosine similarity to a chosen tweet
    is_left, chosen = np.ones(len(left), dtype=bool), []
    for _ in range(min(AHEAD, len(left))):
        value = (variance[left] @ (1 / counts)) * unlike
        best = int(np.where(is_left, value, -1.0).argmax())
        is_left[best] = False
        chosen.append(left[best])
        counts = counts + probabilities[left[best]]
        if embeddings is not None:
            similarity = embeddings[left] @ embeddings[left[best]]
            unlike = np.minimum(unlike, 1 - np.clip(similarity, 0, 1))
    return np.concatenate([np.array(chosen, dtype=int), left[is_left], by_value[CANDIDATES:]])
