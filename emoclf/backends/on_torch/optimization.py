"""
The optimiser of a training through torch, and the part of its loss that torch computes.
"""

import torch
from torch.optim.lr_scheduler import LambdaLR

from emoclf.backends.on_torch.network import EmotionNetwork
from emoclf.backends.schedule import rate_factor


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
