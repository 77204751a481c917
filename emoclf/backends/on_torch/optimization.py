"""
The AdamW optimizer, its learning rate schedule, and the consistency loss between text variants, in torch.
"""

import torch
from torch.optim.lr_scheduler import LambdaLR

from emoclf.backends.on_torch.network import EmotionNetwork
from emoclf.backends.schedule import rate_factor


def disagreement(logits: torch.Tensor, n_variants: int) -> torch.Tensor:
    """Return the disagreement between predictions for the text variants: half the symmetric KL divergence (Liang et al.
    2021).

    `logits`, shape (n_variants * n, n_labels), are ordered variant after variant. The result is the mean over texts and
    labels.

    >>> two_texts = torch.tensor([[1.0], [2.0], [1.0], [-2.0]])  # the variants agree on the first text only
    >>> round(disagreement(two_texts, n_variants=2).item(), 2)
    0.76
    """
    by_variant = logits.view(n_variants, -1, logits.shape[-1])
    p = torch.sigmoid(by_variant)
    difference = (p - p.mean(dim=0)) * (by_variant - by_variant.mean(dim=0))
    return difference.sum(dim=0).mean()


def freeze_vocabulary(network: EmotionNetwork) -> None:
    """Freeze the embeddings of the word pieces: half of a small encoder's weights.

    Training them did not improve the scores, and took a quarter of each step.
    """
    network.encoder.get_input_embeddings().weight.requires_grad_(False)


def optimizer(network: EmotionNetwork, rate: float, head_multiplier: float, decay: float) -> torch.optim.Optimizer:
    """Return AdamW with a larger rate for the head, and without weight decay for biases and layer norms."""
    groups = []
    for part, lr in ((network.encoder, rate), (network.classifier, rate * head_multiplier)):
        trainable = [weight for weight in part.parameters() if weight.requires_grad]
        groups.append({"params": [w for w in trainable if w.ndim > 1], "lr": lr, "weight_decay": decay})
        groups.append({"params": [w for w in trainable if w.ndim <= 1], "lr": lr, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, fused=True)  # one pass over all weights: saves a third of a step's time


def warm_up_and_decay(optimizer: torch.optim.Optimizer, steps: int, share: float) -> LambdaLR:
    """Return a linear warm-up over `share` of all steps, followed by a linear decay to 0."""
    return LambdaLR(optimizer, lambda step: rate_factor(step, steps, share))
