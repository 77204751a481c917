"""
The learning rate with its warm-up and decay, and the class weights, shared by all backends.
"""

import math

import numpy as np

from emoclf.errors import EmoclfError

BASE_WIDTH = 384  # width of the packaged encoder, for which BASE_RATE was chosen
BASE_RATE = 1e-4
MAX_RATE = 5e-4  # for narrow encoders
MAX_WEIGHT = 10.0  # the largest weight of a positive, for very rare emotions


def learning_rate_for(width: int) -> float:
    """Return the learning rate for an encoder of this width: wider encoders need smaller steps.

    >>> learning_rate_for(768)  # BERT-base; Devlin et al. (2019) searched 2e-5 to 5e-5
    2.5e-05
    """
    return min(MAX_RATE, BASE_RATE * (BASE_WIDTH / width) ** 2)


def check_finite(loss: float, done: int) -> None:
    """Raise EmoclfError if the loss after `done` batches is not finite."""
    if not math.isfinite(loss):
        raise EmoclfError(f"the loss became {loss} after {done} batches; lower learning_rate and train again")


def class_weights(labels: np.ndarray) -> np.ndarray:
    """Return the weight of a positive per emotion: the square root of negatives over positives.

    The plain ratio overweights rare emotions; without weights they are never predicted.

    >>> class_weights(np.array([[1, 1], [0, 1], [0, 1], [0, 1], [0, 0]])).tolist()
    [2.0, 0.5]
    """
    positives = np.maximum(labels.sum(axis=0), 1)
    return np.asarray(np.minimum(np.sqrt((len(labels) - positives) / positives), MAX_WEIGHT))


def rate_factor(step: int, steps: int, share: float) -> float:
    """Return the factor on the learning rate at one step, in [0, 1].

    >>> [round(rate_factor(step, steps=10, share=0.2), 2) for step in (0, 1, 2, 6, 9, 10)]
    [0.5, 1.0, 1.0, 0.5, 0.12, 0.0]
    """
    warm_up_steps = max(1, round(steps * share))
    return min((step + 1) / warm_up_steps, (steps - step) / max(1, steps - warm_up_steps), 1.0)
