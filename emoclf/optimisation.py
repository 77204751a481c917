"""
What a training step minimises and how: class weights, learning rates, warm-up and decay.
"""

import math

import numpy as np
import torch
from torch.optim.lr_scheduler import LambdaLR

from emoclf.errors import EmoclfError
from emoclf.network import EmotionNetwork

BASE_WIDTH = 384  # of the encoder that the learning rate was chosen for
BASE_RATE = 1e-4
HIGHEST_RATE = 5e-4
HEAVIEST = 10.0  # weight of a positive, for an emotion that hardly any tweet has


def learning_rate_for(width: int) -> float:
    """A learning rate for an encoder of this width: wider encoders need smaller steps.

    >>> learning_rate_for(768)  # BERT-base; Devlin et al. (2019) searched 2e-5 to 5e-5
    2.5e-05
    """
    return min(HIGHEST_RATE, BASE_RATE * (BASE_WIDTH / width) ** 2)


def check_finite(loss: float, done: int) -> None:
    """Raise EmoclfError where the loss after so many batches is no number any more."""
    if not math.isfinite(loss):
        raise EmoclfError(f"the loss became {loss} after {done} batches; lower learning_rate and train again")


def class_weights(labels: np.ndarray) -> np.ndarray:
    """The weight of a positive per emotion: the square root of negatives over positives.

    The plain ratio makes the rare emotions too loud; without weights they are never predicted.

    >>> class_weights(np.array([[1, 1], [0, 1], [0, 1], [0, 1], [0, 0]])).tolist()
    [2.0, 0.5]
    """
    positives = np.maximum(labels.sum(axis=0), 1)
    return np.asarray(np.minimum(np.sqrt((len(labels) - positives) / positives), HEAVIEST))


def disagreement(logits: torch.Tensor, views: int) -> torch.Tensor:
    """How differently the views of a text speak: of two, half their KL divergence both ways (Liang et al. 2021).

    `logits` (views * n, n_labels) come view after view; the mean over texts and labels.

    >>> two_texts = torch.tensor([[1.0], [2.0], [1.0], [-2.0]])  # alike in both views, and not
    >>> round(disagreement(two_texts, views=2).item(), 2)
    0.76
    """
    by_view = logits.view(views, -1, logits.shape[-1])
    p = torch.sigmoid(by_view)
    apart = (p - p.mean(dim=0)) * (by_view - by_view.mean(dim=0))
    return apart.sum(dim=0).mean()


def freeze_vocabulary(network: EmotionNetwork) -> None:
    """Leave the vectors of the word pieces as they came: half of a small encoder's weights.

    Moving them scored no higher, and cost a quarter of each step.
    """
    network.encoder.get_input_embeddings().weight.requires_grad_(False)


def optimiser(network: EmotionNetwork, rate: float, head_multiplier: float, decay: float) -> torch.optim.Optimizer:
    """AdamW with a larger rate for the head; biases and layer norms do not decay."""
    groups = []
    for part, lr in ((network.encoder, rate), (network.classifier, rate * head_multiplier)):
        moving = [weight for weight in part.parameters() if weight.requires_grad]
        groups.append({"params": [w for w in moving if w.ndim > 1], "lr": lr, "weight_decay": decay})
        groups.append({"params": [w for w in moving if w.ndim <= 1], "lr": lr, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, fused=True)  # one pass over all weights: saves a third of a step's time


def warm_up_and_decay(optimizer: torch.optim.Optimizer, steps: int, share: float) -> LambdaLR:
    """The rate rises in a line over `share` of all steps, then falls in a line to 0."""
    return LambdaLR(optimizer, lambda step: rate_factor(step, steps, share))


def rate_factor(step: int, steps: int, share: float) -> float:
    """The factor on the learning rate at one step, in [0, 1].

    >>> [round(rate_factor(step, steps=10, share=0.2), 2) for step in (0, 1, 2, 6, 9, 10)]
    [0.5, 1.0, 1.0, 0.5, 0.12, 0.0]
    """
    rising = max(1, round(steps * share))
    return min((step + 1) / rising, (steps - step) / max(1, steps - rising), 1.0)
