"""
Noise: how well each label of a data set fits its tweet, by what models and twins say of it and by the other labels.

A label goes wrong in two ways. Alone: somebody slipped, and the other ten
labels of the tweet still tell what this one should be. Or all eleven belong to
another text: then they agree with each other, tell nothing, and disagree with
the tweet. This module learns what labels usually go with such evidence, both
ways; how common each kind of error is, `emoclf.review.noise_rates` estimates from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.metrics.calibration import platt_targets, ridge_logistic, sigmoid

RIDGE = 5.0  # on weights of standardised features
EDGE = 1e-4  # probabilities are kept this far from 0 and 1: no model knows better


@dataclass(frozen=True)
class Conditional:
    """A logistic regression per emotion on the evidence and on some of a tweet's other labels."""

    weights: np.ndarray  # shape (n_labels, n_evidence + n_labels)
    intercept: np.ndarray  # shape (n_labels,)

    def odds(self, evidence: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The log-odds that each label is 1, shape (n, n_labels); shapes as in `Noise.scores`."""
        found: np.ndarray = np.hstack([evidence, labels]) @ self.weights.T + self.intercept
        return found


@dataclass(frozen=True)
class Scores:
    """What is said of each tweet's labels; log-odds that a label is 1, shape (n, n_labels)."""

    alone: np.ndarray  # by the evidence, without the tweet's other labels
    together: np.ndarray  # by the evidence and all other labels
    chain: np.ndarray  # by the evidence and the labels before it: their probabilities multiply (Read et al. 2009)
    any_tweet: np.ndarray  # log-likelihood of the labels for a tweet of which nothing is known, shape (n,)

    def take(self, rows: np.ndarray) -> "Scores":
        """The scores of some tweets."""
        return Scores(self.alone[rows], self.together[rows], self.chain[rows], self.any_tweet[rows])

    @classmethod
    def joined(cls, parts: Sequence["Scores"]) -> "Scores":
        """Those of several parts, one behind the other."""
        names = ("alone", "together", "chain", "any_tweet")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Noise:
    """What the labels of a data set are like."""

    alone: Conditional  # hears no other label
    together: Conditional  # hears all others
    chain: Conditional  # hears those before it
    blind_chain: Conditional  # the same without evidence: labels that belong to any tweet

    def scores(self, evidence: np.ndarray, labels: np.ndarray) -> Scores:
        """What is said of the labels of tweets.

        Parameters
        ----------
        evidence : numbers that speak for an emotion the larger they are, log-odds for instance, shape (n, n_evidence)
        labels : 0 or 1, shape (n, n_labels)
        """
        any_tweet = sigmoid(np.where(labels == 1, 1, -1) * self.blind_chain.odds(np.zeros((len(labels), 0)), labels))
        return Scores(
            self.alone.odds(evidence, labels),
            self.together.odds(evidence, labels),
            self.chain.odds(evidence, labels),
            np.log(np.maximum(any_tweet, EDGE)).sum(axis=1),
        )


def fit(evidence: np.ndarray, labels: np.ndarray) -> Noise:
    """Learn from labels as they are, wrong ones among them; shapes as in `Noise.scores`.

    What is then said of the same tweets is too kind to their labels: fit on others.
    """
    n = labels.shape[1]
    nothing, before = np.zeros((len(labels), 0)), np.tri(n, k=-1, dtype=bool)
    return Noise(
        alone=_conditional(evidence, labels, np.zeros((n, n), dtype=bool)),
        together=_conditional(evidence, labels, ~np.eye(n, dtype=bool)),
        chain=_conditional(evidence, labels, before),
        blind_chain=_conditional(nothing, labels, before),
    )


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
