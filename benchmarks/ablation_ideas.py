"""
Rejected ideas for the ablation: each is `emoclf.training.fitting` with one change.
"""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from emoclf.backends import batching, schedule
from emoclf.backends.batching import TokenIds
from emoclf.backends.on_torch import optimization
from emoclf.backends.on_torch.network import EmotionNetwork
from emoclf.progress import Work
from emoclf.training.fitting import Fitting


class TrainedWordEmbeddings(Fitting):
    """The word-piece embeddings are trained too."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        embeddings = self.classifier.network.encoder.get_input_embeddings().weight.requires_grad_(True)
        _train_with(self, [*self.loop.optimizer.param_groups, _group([embeddings], self.loop.rate, decay=0.01)])


class LayerWiseRate(Fitting):
    """Each layer has 0.85 times the learning rate of the layer above it (Howard and Ruder 2018)."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        encoder = self.classifier.network.encoder
        parts = [encoder.embeddings, *encoder.encoder.layer]
        groups = [group for group in self.loop.optimizer.param_groups if group["initial_lr"] > self.loop.rate]
        for depth, part in enumerate(reversed(parts)):
            moving = [weight for weight in part.parameters() if weight.requires_grad]
            rate = self.loop.rate * 0.85**depth
            groups.append(_group([weight for weight in moving if weight.ndim > 1], rate, decay=0.01))
            groups.append(_group([weight for weight in moving if weight.ndim <= 1], rate, decay=0.0))
        _train_with(self, groups)


class ClsPooling(Fitting):
    """The vector of [CLS] represents the text, instead of the mean of all vectors."""

    def __init__(self, classifier: Any, *arguments: Any) -> None:
        classifier.network = _ClsPoolingNetwork(classifier.network.encoder, len(classifier.label_set))
        super().__init__(classifier, *arguments)


class _ClsPoolingNetwork(EmotionNetwork):
    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        embeddings = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.classifier(self.dropout(embeddings[:, 0]))


class LabelAttention(Fitting):
    """Every emotion has its own pooling: a mean weighted by attention with one query per emotion."""

    def __init__(self, classifier: Any, *arguments: Any) -> None:
        classifier.network = _LabelAttentionNetwork(classifier.network.encoder, len(classifier.label_set))
        super().__init__(classifier, *arguments)
        rate = self.loop.rate * self.settings.head_multiplier
        queries = _group([classifier.network.queries.weight], rate, decay=0.01)
        _train_with(self, [*self.loop.optimizer.param_groups, queries])


class _LabelAttentionNetwork(EmotionNetwork):
    def __init__(self, encoder: Any, n_labels: int) -> None:
        super().__init__(encoder, n_labels)
        self.queries = nn.Linear(encoder.config.hidden_size, n_labels, bias=False)
        nn.init.zeros_(self.queries.weight)  # starts as the plain mean

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        embeddings = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        scores = self.queries(embeddings).float().masked_fill(mask.unsqueeze(-1) == 0, -torch.inf)
        pooled = self.dropout(scores.softmax(dim=1).transpose(1, 2).to(embeddings.dtype) @ embeddings)
        return (pooled * self.classifier.weight).sum(dim=-1) + self.classifier.bias


class Asymmetric(Fitting):
    """Asymmetric loss, gamma 3 and clip 0.05 (Ridnik et al. 2021), instead of weighted cross-entropy."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.loop.loss = AsymmetricLoss()


class AsymmetricLoss(nn.Module):
    """Reduces the weight of easy negatives; below the clip, it is 0."""

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of logits and targets, both (n, n_labels)."""
        wrong = (torch.sigmoid(logits) - 0.05).clamp(min=0)
        negative = wrong**3 * torch.log((1 - wrong).clamp(min=1e-8))
        return -(targets * logsigmoid(logits) + (1 - targets) * negative).mean()


class NoClassWeights(Fitting):
    """The positives of every emotion have weight 1."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.loop.loss = nn.BCEWithLogitsLoss()


class LabelCorrelation(Fitting):
    """A fifth of the loss rewards ranking present emotions above absent ones (Alhuzali and Ananiadou 2021)."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.loop.loss = CorrelationLoss(self.loop.loss.pos_weight)


class CorrelationLoss(nn.Module):
    """0.8 of cross-entropy plus 0.2 of the mean of exp(p_absent - p_present) over pairs of emotions."""

    def __init__(self, weights: Any) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of logits and targets, both (n, n_labels)."""
        entropy = binary_cross_entropy_with_logits(logits, targets, pos_weight=self.weights)
        p, present = torch.sigmoid(logits), (targets > 0.5).float()
        pairs = present[:, :, None] * (1 - present)[:, None, :]
        losses = torch.exp(p[:, None, :] - p[:, :, None]) * pairs
        return 0.8 * entropy + 0.2 * (losses.sum(dim=(1, 2)) / pairs.sum(dim=(1, 2)).clamp(min=1)).mean()


class Masked(Fitting):
    """Each step replaces 15 % of the word pieces by [MASK]."""

    def batch(self, rows: np.ndarray) -> TokenIds:
        tokenizer = self.classifier.tokenizer
        special, mask = set(tokenizer.all_special_ids), tokenizer.mask_token_id
        return [
            [mask if hidden and token not in special else token for token, hidden in zip(text, is_masked, strict=True)]
            for text in super().batch(rows)
            for is_masked in [self.random.random(len(text)) < 0.15]
        ]


class OneVariant(Fitting):
    """Each step reads one random text variant of a tweet; other epochs use the others."""

    def batch(self, rows: np.ndarray) -> TokenIds:
        return batching.random_variant(self.variants, rows, self.random)


class NoConsistencyLoss(Fitting):
    """Each step reads both text variants, without a loss on their disagreement."""

    def step(self, rows: np.ndarray) -> float:
        logits = self.loop.logits(self.batch(rows))
        targets = torch.from_numpy(self.targets[rows]).to(logits.device).repeat(len(self.variants), 1)
        return self.loop.step(self.loop.loss(logits, targets))


class AveragedWeights(Fitting):
    """The classifier is a moving average of the weights, with a decay of 0.99 per step."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.moving = [weight for weight in self.classifier.network.parameters() if weight.requires_grad]
        self.average = [weight.detach().clone() for weight in self.moving]

    def step(self, rows: np.ndarray) -> float:
        loss = super().step(rows)
        decay = min(0.99, self.loop.done / (10 + self.loop.done))  # reduces the weight of the untrained head
        torch._foreach_lerp_(self.average, [weight.detach() for weight in self.moving], 1 - decay)
        return loss

    def run(self, stop_early: Any) -> Work[np.ndarray]:
        answer = yield from super().run(stop_early)
        with torch.no_grad():
            torch._foreach_copy_(self.moving, self.average)
        return answer


class TwinTargets(Fitting):
    """Half of each target is the mean of the labels of its twins, which were labelled independently."""

    def __init__(self, classifier: Any, train: Any, *arguments: Any) -> None:
        super().__init__(classifier, train, *arguments)
        _, group = np.unique(train.groups, return_inverse=True)
        sums = np.zeros((group.max() + 1, train.labels.shape[1]))
        np.add.at(sums, group, train.labels)
        means = (sums / np.bincount(group)[:, None])[group]
        self.targets = 0.5 * self.targets + 0.5 * means


def soft_targets(probabilities: np.ndarray) -> type[Fitting]:
    """Return a fitting where 0.6 of each target is the out-of-fold prediction, (n, n_labels)."""

    class SoftTargets(Fitting):
        def __init__(self, classifier: Any, train: Any, *arguments: Any) -> None:
            super().__init__(classifier, train, *arguments)
            weights = schedule.class_weights(train.labels)
            plain = probabilities / (probabilities + weights * (1 - probabilities))  # undoes the class weights
            self.targets = 0.4 * self.targets + 0.6 * plain

    return SoftTargets


def _group(weights: list[Any], rate: float, decay: float) -> dict[str, Any]:
    return {"params": weights, "lr": rate, "weight_decay": decay}


def _train_with(fitting: Fitting, groups: list[dict[str, Any]]) -> None:
    """Replace the optimizer before the first step, with these parameter groups and rates."""
    used = [_group(g["params"], g.get("initial_lr", g["lr"]), g["weight_decay"]) for g in groups if g["params"]]
    fitting.loop.optimizer = torch.optim.AdamW(used, fused=True)
    fitting.loop.schedule = optimization.warm_up_and_decay(
        fitting.loop.optimizer, fitting.loop.total, fitting.settings.warm_up
    )
