"""
A model of how well each label fits its tweet, given models' predictions, twins and the other labels.

Labels are wrong in two ways. Either one label is a mistake, and the other ten labels of the tweet still predict it. Or
all labels belong to another tweet: then they agree with each other and contradict the text. This module learns which
labels usually go with the evidence, for both cases; `emoclf.review.noise_rates` estimates how common each kind of error
is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.metrics.calibration import platt_targets, ridge_logistic, sigmoid

RIDGE = 5.0  # on weights of standardised features
EDGE = 1e-4  # probabilities are clipped to this distance from 0 and 1: no model is more certain


@dataclass(frozen=True)
class Conditional:
    """One logistic regression per emotion, on the evidence and on some of the other labels of the tweet."""

    weights: np.ndarray  # shape (n_labels, n_evidence + n_labels)
    intercept: np.ndarray  # shape (n_labels,)

    def odds(self, evidence: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the log-odds that each label is 1, shape (n, n_labels); shapes as in `Noise.scores`."""
        found: np.ndarray = np.hstack([evidence, labels]) @ self.weights.T + self.intercept
        return found


@dataclass(frozen=True)
class LabelScores:
    """Scores of each tweet's labels: log-odds that a label is 1, shape (n, n_labels)."""

    alone: np.ndarray  # given the evidence only
    together: np.ndarray  # given the evidence and all other labels
    # Given the evidence and the earlier labels: the product of the probabilities is that of all labels of the tweet (a
    # classifier chain, Read et al. 2009).
    chain: np.ndarray
    base_log_likelihood: np.ndarray  # log-likelihood of the labels for a tweet without evidence, shape (n,)

    def take(self, rows: np.ndarray) -> "LabelScores":
        """Return the scores of the tweets at these row numbers."""
        return LabelScores(self.alone[rows], self.together[rows], self.chain[rows], self.base_log_likelihood[rows])

    @classmethod
    def concatenated(cls, parts: Sequence["LabelScores"]) -> "LabelScores":
        """Return the scores of all parts, one after the other."""
        names = ("alone", "together", "chain", "base_log_likelihood")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Noise:
    """The fitted models of the labels of a data set."""

    alone: Conditional  # uses no other label
    together: Conditional  # uses all other labels
    chain: Conditional  # uses the earlier labels
    base_chain: Conditional  # the same without evidence, for the labels of an arbitrary tweet

    def scores(self, evidence: np.ndarray, labels: np.ndarray) -> LabelScores:
        """Score the labels of tweets.

        Parameters
        ----------
        evidence : numbers that are larger the more they support an emotion, such as log-odds, shape (n, n_evidence)
        labels : 0 or 1, shape (n, n_labels)
        """
        base_probability = sigmoid(
            np.where(labels == 1, 1, -1) * self.base_chain.odds(np.zeros((len(labels), 0)), labels)
        )
        return LabelScores(
            self.alone.odds(evidence, labels),
            self.together.odds(evidence, labels),
            self.chain.odds(evidence, labels),
            np.log(np.maximum(base_probability, EDGE)).sum(axis=1),
        )


def fit(evidence: np.ndarray, labels: np.ndarray) -> Noise:
    """Fit the models on noisy labels; shapes as in `Noise.scores`.

    Score other tweets than those fitted on: a model agrees with the labels that it learned from.
    """
    n = labels.shape[1]
    no_evidence, before = np.zeros((len(labels), 0)), np.tri(n, k=-1, dtype=bool)
    return Noise(
        alone=_conditional(evidence, labels, np.zeros((n, n), dtype=bool)),
        together=_conditional(evidence, labels, ~np.eye(n, dtype=bool)),
        chain=_conditional(evidence, labels, before),
        base_chain=_conditional(no_evidence, labels, before),
    )


def _conditional(evidence: np.ndarray, labels: np.ndarray, predictors: np.ndarray) -> Conditional:
    """Fit one model; row j of `predictors`, shape (n_labels, n_labels), is True for the labels that predict label j."""
    features, k = np.hstack([evidence, labels]), evidence.shape[1]
    centre, spread = features.mean(axis=0), np.maximum(features.std(axis=0), EDGE)
    standard = (features - centre) / spread
    weights, intercept = np.zeros((len(predictors), features.shape[1])), np.zeros(len(predictors))
    for j, others in enumerate(predictors):
        used = np.append(np.ones(k, dtype=bool), others)
        size = int(used.sum())
        fitted = ridge_logistic(standard[:, used], platt_targets(labels[:, j]), np.zeros(size), np.full(size, RIDGE))
        weights[j, used] = fitted[0] / spread[used]
        intercept[j] = fitted[1] - weights[j] @ centre
    return Conditional(weights, intercept)
