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

NETWORK, OPTIMISER, CHANCE = "network.", "optimiser.", "chance"  # prefixes and names in a state


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
        self.optimiser = optimization.optimiser(network, self.rate, settings.head_multiplier, settings.weight_decay)
        self.schedule = optimization.warm_up_and_decay(self.optimiser, total, settings.warm_up)

    def logits(self, token_ids: TokenIds) -> torch.Tensor:
        """Return the network's logits for a batch in training mode, float32 of shape (n, n_labels)."""
        self.network.train()
        ids, mask = batching.pad(token_ids, self.padding)
        with autocast(self.device):
            logits: torch.Tensor = self.network(ids.to(self.device), mask.to(self.device))
        return logits.float()

    def learn(self, token_ids: TokenIds, targets: np.ndarray) -> float:
        """Run one step on the variants of n texts, variant after variant, with targets (n, n_labels); return the loss.

        The disagreement between the variants' predictions is added to the loss. Errors as in `step`.
        """
        wanted, views = torch.tensor(targets, dtype=torch.float32, device=self.device), len(token_ids) // len(targets)
        logits = self.logits(token_ids)
        return self.step(self.loss(logits, wanted.repeat(views, 1)) + optimization.disagreement(logits, views))

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
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.schedule.step()
        self.done += 1
        return value

    def state(self) -> dict[str, np.ndarray]:
        """Return the weights, the optimizer's state and the random state, for `load_state`."""
        memory = self.optimiser.state_dict()["state"]
        tensors = {f"{NETWORK}{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"{OPTIMISER}{i} {name}": value for i, one in memory.items() for name, value in one.items()}
        tensors[CHANCE] = self._generator.get_rng_state()
        return {name: value.detach().cpu().contiguous().numpy() for name, value in tensors.items()}

    def load_state(self, state: Mapping[str, np.ndarray], done: int) -> None:
        """Resume after `done` batches.

        Raises
        ------
        ValueError : if the state belongs to another network or another kind of device; nothing is changed then
        """
        weights = {name: torch.tensor(value) for name, value in checkpoints.under(NETWORK, state).items()}
        memory: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in checkpoints.under(OPTIMISER, state).items():
            number, _, what = name.partition(" ")
            memory.setdefault(int(number), {})[what] = torch.tensor(value)
        checkpoints.check_fits(weights, self.network.state_dict())
        checkpoints.check_fits({CHANCE: state[CHANCE]}, {CHANCE: self._generator.get_rng_state()})
        moved = dict(enumerate(weight for group in self.optimiser.param_groups for weight in group["params"]))
        for n, moments in memory.items():  # with smaller moments, the optimizer would write out of bounds
            present = {name: moved[n] for name in moments if name != "step"}
            checkpoints.check_fits({name: moments[name] for name in present}, present)
        self.network.load_state_dict(weights)
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": memory})
        self._generator.set_rng_state(torch.tensor(state[CHANCE]))
        self.done = self.schedule.last_epoch = done
        for group, rate in zip(self.optimiser.param_groups, self.schedule.base_lrs, strict=True):
            group["lr"] = rate * schedule.rate_factor(done, self.total, self.settings.warm_up)

    @property
    def _generator(self) -> Any:
        """Return the module with the random state of dropout."""
        return torch if self.device.type == "cpu" else torch.get_device_module(self.device)

    def loss_for(self, labels: np.ndarray) -> torch.nn.BCEWithLogitsLoss:
        """Return binary cross-entropy per emotion, with the class weights of these labels (n, n_labels)."""
        weights: Any = torch.tensor(schedule.class_weights(labels), dtype=torch.float32, device=self.device)
        return torch.nn.BCEWithLogitsLoss(pos_weight=weights)
