"""
Noise: how likely each label of a data set is wrong, by what models and twins say of it and by the other labels.

A label goes wrong in two ways. Alone: somebody slipped, and the other ten
labels of the tweet still tell what this one should be. Or all eleven belong to
another text: then they agree with each other, tell nothing, and disagree with
the tweet. How common the second way is, the data set itself says (expectation
maximisation: Dempster, Laird and Rubin 1977). A label's odds of being wrong are
those of the two ways, added up.
"""

from dataclasses import dataclass, replace

import numpy as np

from emoclf.calibration import platt_targets, ridge_logistic, sigmoid

ALONE = 0.05  # of labels that are expected to be wrong on their own; Northcutt et al. (2021) find 3.3 % in test sets
RIDGE = 5.0  # on weights of standardised features
EDGE = 1e-4  # probabilities are kept this far from 0 and 1: no model knows better
ROUNDS = 100  # of expectation maximisation


@dataclass(frozen=True)
class Conditional:
    """A logistic regression per emotion on the evidence and on some of a tweet's other labels."""

    weights: np.ndarray  # shape (n_labels, n_evidence + n_labels)
    intercept: np.ndarray  # shape (n_labels,)

    def wrong(self, evidence: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """How likely each label is other than it stands there, shape (n, n_labels)."""
        logits = np.hstack([evidence, labels]) @ self.weights.T + self.intercept
        found: np.ndarray = np.clip(sigmoid(np.where(labels == 1, -logits, logits)), EDGE, 1 - EDGE)
        return found


@dataclass(frozen=True)
class Noise:
    """What the labels of a data set are like, and how they go wrong."""

    alone: Conditional  # hears no other label
    together: Conditional  # hears all others
    chain: Conditional  # hears those before it, so that a tweet's probabilities multiply (Read et al. 2009)
    blind_chain: Conditional  # the same without evidence: labels that belong to any tweet
    misplaced: float  # share of tweets whose labels belong to another

    def wrong(self, evidence: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """How likely each label is wrong, shape (n, n_labels), in [0, 1].

        Parameters
        ----------
        evidence : numbers that speak for an emotion the larger they are, log-odds for instance, shape (n, n_evidence)
        labels : 0 or 1, shape (n, n_labels)
        """
        row = _misplaced(self._against_row(evidence, labels), self.misplaced)[:, None]
        of_row = row * _odds(self.alone.wrong(evidence, labels))
        of_label = (1 - row) * ALONE * _odds(self.together.wrong(evidence, labels))
        return np.asarray((of_row + of_label) / (1 + of_row + of_label))

    def _against_row(self, evidence: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Log-likelihood ratio (n,): these labels for any tweet, against for this one."""
        nothing = np.zeros((len(labels), 0))
        fitting = np.log(1 - self.chain.wrong(evidence, labels)).sum(axis=1)
        found: np.ndarray = np.log(1 - self.blind_chain.wrong(nothing, labels)).sum(axis=1) - fitting
        return found


def fit(evidence: np.ndarray, labels: np.ndarray) -> Noise:
    """Learn from labels as they are, wrong ones among them; shapes as in `Noise.wrong`.

    What is then said of the same tweets is too kind to their labels: fit on others.
    """
    n = labels.shape[1]
    nothing, before = np.zeros((len(labels), 0)), np.tri(n, k=-1, dtype=bool)
    noise = Noise(
        alone=_conditional(evidence, labels, np.zeros((n, n), dtype=bool)),
        together=_conditional(evidence, labels, ~np.eye(n, dtype=bool)),
        chain=_conditional(evidence, labels, before),
        blind_chain=_conditional(nothing, labels, before),
        misplaced=0.1,
    )
    share, against = noise.misplaced, noise._against_row(evidence, labels)
    for _ in range(ROUNDS):
        share = float(np.clip(_misplaced(against, share).mean(), EDGE, 1 - EDGE))
    return replace(noise, misplaced=share)


def _conditional(evidence: np.ndarray, labels: np.ndarray, heard: np.ndarray) -> Conditional:
    """`heard` (n_labels, n_labels): row j says which labels speak for or against label j."""
    features, k = np.hstack([evidence, labels]), evidence.shape[1]
    centre, spread = features.mean(axis=0), np.maximum(features.std(axis=0), EDGE)
    standard = (features - centre) / spread
    weights, intercept = np.zeros((len(heard), features.shape[1])), np.zeros(len(heard))
    for j, others in enumerate(heard):
        used = np.append(np.ones(k, dtype=bool), others)
        size = int(used.sum())
        learnt = ridge_logistic(standard[:, used], platt_targets(labels[:, j]), np.zeros(size), np.full(size, RIDGE))
        weights[j, used] = learnt[0] / spread[used]
        intercept[j] = learnt[1] - weights[j] @ centre
    return Conditional(weights, intercept)


def _misplaced(against: np.ndarray, share: float) -> np.ndarray:
    """Posterior probability (n,) that a tweet's labels belong to another, where a share of all do."""
    return sigmoid(against + np.log(share / (1 - share)))


def _odds(probability: np.ndarray) -> np.ndarray:
    return np.asarray(probability / (1 - probability))
