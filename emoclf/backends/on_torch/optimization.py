"""
The AdamW optimizer, its learning rate schedule, and the consistency loss between text variants, in torch.
"""

import torch
from torch.optim.lr_scheduler import LambdaLR

from emoclf.backends.on_torch.network import EmotionNetwork
from emoclf.backends.schedule import rate_factor


def disagreement(logits: torch.Tensor, views: int) -> torch.Tensor:
    """Return the disagreement between predictions for the text variants: half the symmetric KL divergence (Liang et al.
    2021).

    `logits` (views * n, n_labels) are ordered variant after variant; the result is the mean over texts and labels.

    >>> two_texts = torch.tensor([[1.0], [2.0], [1.0], [-2.0]])  # alike in both views, and not
    >>> round(disagreement(two_texts, views=2).item(), 2)
    0.76
    """
    by_view = logits.view(views, -1, logits.shape[-1])
    p = torch.sigmoid(by_view)
    apart = (p - p.mean(dim=0)) * (by_view - by_view.mean(dim=0))
    return apart.sum(dim=0).mean()


def freeze_vocabulary(network: EmotionNetwork) -> None:
    """Freeze the embeddings of the word pieces: half of a small encoder's weights.

    Training them did not improve the scores, and took a quarter of each step.
    """
    network.encoder.get_input_embeddings().weight.requires_grad_(False)


def optimiser(network: EmotionNetwork, rate: float, head_multiplier: float, decay: float) -> torch.optim.Optimizer:
    """Return AdamW with a larger rate for the head, and without weight decay for biases and layer norms."""
    groups = []
    for part, lr in ((network.encoder, rate), (network.classifier, rate * head_multiplier)):
        moving = [weight for weight in part.parameters() if weight.requires_grad]
        groups.append({"params": [w for w in moving if w.ndim > 1], "lr": lr, "weight_decay": decay})
        groups.append({"params": [w for w in moving if w.ndim <= 1], "lr": lr, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, fused=True)  # one pass over all weights: saves a third of a step's time


def warm_up_and_decay(optimizer: torch.optim.Optimizer, steps: int, share: float) -> LambdaLR:
    """Return a linear warm-up over `share` of all steps, followed by a linear decay to 0."""
    return LambdaLR(optimizer, lambda step: rate_factor(step, steps, share))
