"""
Doubt: how likely an original label is wrong, by what the other sources say, and why, in words.

A reason is a function of arrays with values in [0, 1], kept in `REASONS`. The
queue never hides a tweet; doubt only orders it.
"""

from collections.abc import Mapping

import numpy as np

from emoclf.labels import EMOTIONS


def contradiction(original: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Probability mass against the original label: 1 - p where it is 1, p where it is 0.

    One minus the "self-confidence" of Northcutt et al. (2021), per label. Use
    out-of-fold predictions where there are any: a model agrees with what it trained on.

    >>> contradiction(np.array([1, 0]), np.array([0.2, 0.2])).tolist()
    [0.8, 0.2]
    """
    return np.where(original == 1, 1 - probabilities, probabilities)


def hesitation(original: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """How close the probability is to one half, whatever the original label says."""
    return np.asarray(1 - np.abs(2 * probabilities - 1))


REASONS = {"contradiction": contradiction, "hesitation": hesitation}


def doubt(original: np.ndarray, sources: list[np.ndarray], reason: str = "contradiction") -> np.ndarray:
    """The doubt of every cell, shape (n, n_labels): the mean of `reason` over the sources that know the tweet.

    Parameters
    ----------
    original : shape (n, n_labels), 0 or 1
    sources : arrays of the same shape with probabilities; a row of NaN where a source has not seen the tweet
    """
    total, known = np.zeros(original.shape), np.zeros((len(original), 1))
    for probabilities in sources:
        seen = ~np.isnan(probabilities).any(1, keepdims=True)
        total += np.where(seen, REASONS[reason](original, np.nan_to_num(probabilities)), 0.0)
        known += seen
    return total / np.maximum(known, 1)


def in_words(emotion: str, is_original: bool, says: Mapping[str, float | bool]) -> str:
    """Why a tweet is in front of a reviewer, in one line; a source without probabilities says yes or no.

    >>> in_words("optimism", False, {"BERT": 0.91, "Qwen": 0.84})
    'BERT gives optimism 0.91 and Qwen 0.84, the original has none'
    >>> in_words("joy", True, {"BERT": 0.2, "Qwen": False})
    'BERT gives joy 0.20 and Qwen says no, the original has it'
    """
    if not says:
        return ""
    EMOTIONS.check([emotion])
    (first, p), *rest = says.items()
    begun = f"{first} says {_said(p)} to {emotion}" if isinstance(p, bool) else f"{first} gives {emotion} {p:.2f}"
    others = "".join(f" and {name} {'says ' if isinstance(q, bool) else ''}{_said(q)}" for name, q in rest)
    return f"{begun}{others}, the original has {'it' if is_original else 'none'}"


def _said(p: float | bool) -> str:
    if isinstance(p, bool):
        return "yes" if p else "no"
    return f"{p:.2f}"
