"""
Splits tweets into folds that keep twins together and balance every emotion.

Iterative stratification (Sechidis et al. 2011) over twin groups instead of single tweets: the rarest emotion is
distributed first, each group to the fold that needs it most.
"""

from collections.abc import Sequence

import numpy as np

from emoclf.errors import TooLittleDataError


def folds(labels: np.ndarray, groups: Sequence[str], k: int, seed: int) -> np.ndarray:
    """Return the fold of every row, shape (n,), from 0 to k - 1; a group is in one fold only.

    Raises
    ------
    TooLittleDataError : if there are fewer groups than folds
    """
    if k < 2:
        raise ValueError(f"{k} folds, expected at least 2")
    return _assign(labels, groups, k, seed)


def _assign(labels: np.ndarray, groups: Sequence[str], k: int, seed: int) -> np.ndarray:
    """Return the part of every row, shape (n,); each of `k` parts gets its share of the rows and of each label."""
    names, member_of = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    if len(names) < k:
        raise TooLittleDataError(f"{len(names)} different tweets cannot be split into {k} parts; add tweets")
    # Column 0 counts the rows of a group, the others its positives of each label.
    rows = np.hstack([np.ones((len(labels), 1)), labels])
    sizes = np.zeros((len(names), rows.shape[1]))
    np.add.at(sizes, member_of, rows)
    part = _assign_groups(sizes, np.tile(sizes.sum(axis=0) / k, (k, 1)), np.random.default_rng(seed))
    return np.asarray(part[member_of])


def _assign_groups(sizes: np.ndarray, remaining: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the part of every group; `remaining` (n_parts, 1 + n_labels) decreases as groups are assigned."""
    part = np.full(len(sizes), -1)
    while (unassigned := np.flatnonzero(part < 0)).size:
        column = _rarest(sizes[unassigned].sum(axis=0))
        candidates = random.permutation(unassigned[sizes[unassigned, column] > 0])
        # Large groups first, so that small ones can balance the parts afterwards.
        for group in candidates[np.argsort(-sizes[candidates, column], kind="stable")]:
            ties = random.permutation(len(remaining))
            part[group] = max(ties, key=lambda p: (remaining[p, column], remaining[p, 0]))
            remaining[part[group]] -= sizes[group]
    _fill_empty(part, len(remaining))
    return part


def _rarest(totals: np.ndarray) -> int:
    """Return the label with the fewest positives left; 0 (the rows) if no label is left."""
    left = np.flatnonzero(totals[1:] > 0) + 1
    return int(left[np.argmin(totals[left])]) if left.size else 0


def _fill_empty(part: np.ndarray, n_parts: int) -> None:
    """Give each empty part one group of the largest part."""
    for empty in set(range(n_parts)) - set(part.tolist()):
        largest = np.bincount(part, minlength=n_parts).argmax()
        part[np.flatnonzero(part == largest)[-1]] = empty
