"""
The optimizer loop of one training run in torch.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from emoclf.backends import batching, checkpoints, schedule
from emoclf.backends.batching import TokenIds
from emoclf.backends.on_torch import optimization
from emoclf.backends.on_torch.network import EmotionNetwork
from emoclf.backends.settings import FitSettings
from emoclf.hub.devices import autocast, best_device

NETWORK, OPTIMIZER, RANDOM = "network.", "optimiser.", "chance"  # prefixes and names in a state


class OptimizerLoop:
    """A network with its optimizer and its learning rates; the network is trained in place."""

    def __init__(self, network: EmotionNetwork, padding: int, total: int, settings: FitSettings) -> None:
        """`padding` is the padding id, `total` the number of batches of the whole run."""
        self.device = best_device()
        self.network, self.padding, self.total, self.settings = network.to(self.device), padding, total, settings
        self.done = 0  # batches so far
        self.loss: torch.nn.Module  # of logits and targets; the default is `loss_for`
        self.rate = settings.learning_rate or schedule.learning_rate_for(network.encoder.config.hidden_size)
        optimization.freeze_vocabulary(network)
        self.optimizer = optimization.optimizer(network, self.rate, settings.head_multiplier, settings.weight_decay)
        self.schedule = optimization.warm_up_and_decay(self.optimizer, total, settings.warm_up)

    def logits(self, token_ids: TokenIds) -> torch.Tensor:
        """Return the network's logits for a batch in training mode, float32 of shape (n, n_labels)."""
        self.network.train()
        ids, mask = batching.pad(token_ids, self.padding)
        with autocast(self.device):
            logits: torch.Tensor = self.network(ids.to(self.device), mask.to(self.device))
        return logits.float()

    def train_batch(self, token_ids: TokenIds, targets: np.ndarray) -> float:
        """Run one step on the variants of n texts, variant after variant, with targets (n, n_labels); return the loss.

        The disagreement between the variants' predictions is added to the loss. Errors as in `step`.
        """
        wanted = torch.tensor(targets, dtype=torch.float32, device=self.device)
        n_variants = len(token_ids) // len(targets)
        logits = self.logits(token_ids)
        return self.step(
            self.loss(logits, wanted.repeat(n_variants, 1)) + optimization.disagreement(logits, n_variants)
        )

    def step(self, loss: torch.Tensor) -> float:
        """Run one step of the optimizer; return the loss as a number.

        Raises
        ------
        EmoclfError : if the loss is not finite
        """
        value = float(loss.item())
        schedule.check_finite(value, self.done)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.schedule.step()
        self.done += 1
        return value

    def state(self) -> dict[str, np.ndarray]:
        """Return the weights, the optimizer's state and the random state, for `load_state`."""
        optimizer_state = self.optimizer.state_dict()["state"]
        tensors = {f"{NETWORK}{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {
            f"{OPTIMIZER}{i} {name}": value for i, one in optimizer_state.items() for name, value in one.items()
        }
        tensors[RANDOM] = self._generator.get_rng_state()
        return {name: value.detach().cpu().contiguous().numpy() for name, value in tensors.items()}

    def load_state(self, state: Mapping[str, np.ndarray], done: int) -> None:
        """Resume after `done` batches.

        Raises
        ------
        ValueError : if the state belongs to another network or another kind of device; nothing is changed then
        """
        weights = {name: torch.tensor(value) for name, value in checkpoints.with_prefix(NETWORK, state).items()}
        optimizer_state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in checkpoints.with_prefix(OPTIMIZER, state).items():
            number, _, part = name.partition(" ")
            optimizer_state.setdefault(int(number), {})[part] = torch.tensor(value)
        checkpoints.check_fits(weights, self.network.state_dict())
        checkpoints.check_fits({RANDOM: state[RANDOM]}, {RANDOM: self._generator.get_rng_state()})
        trained = dict(enumerate(weight for group in self.optimizer.param_groups for weight in group["params"]))
        for n, moments in optimizer_state.items():  # with smaller moments, the optimizer would write out of bounds
            present = {name: trained[n] for name in moments if name != "step"}
            checkpoints.check_fits({name: moments[name] for name in present}, present)
        self.network.load_state_dict(weights)
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": optimizer_state})
        self._generator.set_rng_state(torch.tensor(state[RANDOM]))
        self.done = self.schedule.last_epoch = done
        for group, rate in zip(self.optimizer.param_groups, self.schedule.base_lrs, strict=True):
            group["lr"] = rate * schedule.rate_factor(done, self.total, self.settings.warm_up)

    @property
    def _generator(self) -> Any:
        """Return the module with the random state of dropout."""
        return torch if self.device.type == "cpu" else torch.get_device_module(self.device)

    def loss_for(self, labels: np.ndarray) -> torch.nn.BCEWithLogitsLoss:
        """Return binary cross-entropy per emotion, with the class weights of these labels (n, n_labels)."""
        weights: Any = torch.tensor(schedule.class_weights(labels), dtype=torch.float32, device=self.device)
        return torch.nn.BCEWithLogitsLoss(pos_weight=weights)
