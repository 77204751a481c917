"""
The order in which unlabelled tweets should be labelled, meant to teach the classifier much with few labels.

Three things count. Uncertainty: a label that the classifier is sure of teaches it little. Rarity: one more example
changes the F1 of an emotion most if few labelled tweets have it. Diversity: of similar tweets, one is enough.

The order is drawn at random in favour of high scores, with a fixed seed, so that the labelled tweets do not differ too
much from the others, for which the thresholds chosen on them are meant.

`benchmarks/active.py` measures what the order brings. With regressions on frozen embeddings, no order that was tried
was clearly better than random order on E-c, so do not expect this one to save labels.
"""

import heapq

import numpy as np

SHARPNESS = 3.0  # power of the score by which the order is drawn; chosen on E-c train, see benchmarks/active.py
DIVERSE = 1000  # tweets at the head of the order that are compared with those before them
MIN_SCORE = 1e-12  # of a tweet whose probabilities are all exactly 0 or 1


def labelling_order(
    probabilities: np.ndarray,
    embeddings: np.ndarray | None,
    labelled_counts: np.ndarray,
    *,
    diverse: int = DIVERSE,
    sharpness: float = SHARPNESS,
    seed: int = 0,
) -> np.ndarray:
    """Return the positions of the tweets, the one to label first at the front, int of shape (n,).

    The score of tweet i is the uncertainty of its labels, weighted by how rare they are among the labelled tweets::

        score_i = sum_j p_ij (1 - p_ij) / (1 + labelled_counts_j)

    p (1 - p) is the variance of a label, which is largest at p = 0.5, as the entropy is (uncertainty sampling; Settles
    2009). One more label changes the F1 of an emotion by about one over its labelled tweets, as in
    `emoclf.review.expected_gain`.

    Tweets are drawn without replacement, with odds proportional to score ** sharpness (power acquisition, Kirsch et al.
    2023), which is sorting by log(score) + Gumbel noise / sharpness. For the first `diverse` positions, log(1 - s ** 2)
    is added to this key, where s is the largest cosine similarity to a tweet chosen before, so a duplicate of a chosen
    tweet comes after them all (greedy diversity as in Brinker 2003, evaluated lazily as in Minoux 1978).

    Parameters
    ----------
    probabilities : the classifier's predictions, shape (n, n_labels), in [0, 1]
    embeddings : one vector per tweet, shape (n, d), for the similarity; None: similar tweets are not spread
    labelled_counts : how many labelled tweets have each emotion, shape (n_labels,)
    diverse : for how many positions similarity counts; the others are sorted by the score alone
    sharpness : the power of the score; `np.inf` sorts by the score without noise, and 0 draws with equal odds
    seed : of the noise; the same input and seed give the same order

    Raises
    ------
    ValueError : if shapes differ, a probability or count is not a number in its range, or `sharpness` is negative

    >>> p = np.array([[0.9, 0.1], [0.5, 0.1], [0.1, 0.5]])  # sure; unsure of a common emotion; unsure of a rare one
    >>> labelling_order(p, None, np.array([400, 20]), sharpness=np.inf).tolist()
    [2, 1, 0]
    """
    _check(probabilities, embeddings, labelled_counts, sharpness)
    keys = _keys(label_scores(probabilities, labelled_counts), sharpness, seed)
    if embeddings is None or not len(keys):
        return np.argsort(-keys, kind="stable")
    first = _spread(keys, _directions(embeddings), diverse)
    is_left = np.ones(len(keys), dtype=bool)
    is_left[first] = False
    rest = np.flatnonzero(is_left)
    return np.concatenate([first, rest[np.argsort(-keys[rest], kind="stable")]])


def label_scores(probabilities: np.ndarray, labelled_counts: np.ndarray) -> np.ndarray:
    """Return the score of each tweet, shape (n,): the variance of its labels, each over 1 + its labelled tweets.

    >>> label_scores(np.array([[0.5, 0.5], [1.0, 0.5]]), np.array([4, 0])).round(3).tolist()
    [0.3, 0.25]
    """
    return np.asarray((probabilities * (1 - probabilities)) @ (1 / (1 + np.asarray(labelled_counts, dtype=float))))


def _keys(scores: np.ndarray, sharpness: float, seed: int) -> np.ndarray:
    """Return the sort keys (n,): the logarithm of the score with noise, in units of the score's logarithm."""
    logarithms = np.asarray(np.log(np.maximum(scores, MIN_SCORE)))
    if np.isinf(sharpness):
        return logarithms
    noise = np.random.default_rng(seed).gumbel(size=len(scores))
    return np.asarray(logarithms + noise / sharpness if sharpness else noise)


def _directions(embeddings: np.ndarray) -> np.ndarray:
    """Return the embeddings around their mean, with length 1, so that unrelated tweets have a similarity near 0."""
    centred = embeddings.astype(np.float32) - embeddings.mean(axis=0, dtype=np.float32)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(lengths, np.finfo(np.float32).tiny))


def _spread(keys: np.ndarray, directions: np.ndarray, count: int) -> np.ndarray:
    """Return the first positions of the order, shape (min(count, n),), each chosen by its key and its similarity to
    those before it.

    A key only decreases as more tweets are chosen. So a tweet on top of the heap whose key is up to date is the best,
    and the keys of the others need not be computed.
    """
    heap = [(-key, position, 0) for position, key in enumerate(keys.tolist())]
    heapq.heapify(heap)
    nearest = np.zeros(len(keys))  # the largest similarity so far
    chosen: list[int] = []
    vectors = np.empty((min(count, len(keys)), directions.shape[1]), dtype=np.float32)
    while len(chosen) < len(vectors):
        _, position, compared = heapq.heappop(heap)
        if compared < len(chosen):  # with how many chosen tweets the key takes similarity into account
            found = float((vectors[compared : len(chosen)] @ directions[position]).max())
            nearest[position] = max(nearest[position], found)
            key = keys[position] + np.log(max(1 - nearest[position] ** 2, MIN_SCORE))
            heapq.heappush(heap, (-float(key), position, len(chosen)))
            continue
        vectors[len(chosen)] = directions[position]
        chosen.append(position)
    return np.array(chosen, dtype=int)


def _check(
    probabilities: np.ndarray, embeddings: np.ndarray | None, labelled_counts: np.ndarray, sharpness: float
) -> None:
    if probabilities.ndim != 2 or np.shape(labelled_counts) != probabilities.shape[1:]:
        raise ValueError(
            f"probabilities have shape {probabilities.shape}, labelled_counts {np.shape(labelled_counts)}; "
            "expected (n, n_labels) and (n_labels,)"
        )
    if embeddings is not None and (embeddings.ndim != 2 or len(embeddings) != len(probabilities)):
        raise ValueError(f"embeddings have shape {embeddings.shape}, expected ({len(probabilities)}, d)")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("probabilities must be numbers from 0 to 1")
    if not (np.asarray(labelled_counts) >= 0).all():
        raise ValueError(f"labelled_counts are {np.asarray(labelled_counts).tolist()}, expected 0 or more")
    if not sharpness >= 0:
        raise ValueError(f"sharpness is {sharpness}, expected 0 or more")
