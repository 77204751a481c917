"""
The optimizer loop of a training through torch: from the loss of a batch to the network's next weights.
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

NETWORK, OPTIMISER, CHANCE = "network.", "optimiser.", "chance"  # names in a state


class OptimizerLoop:
    """A network under training, its optimiser and its learning rates; the network is trained in place."""

    def __init__(self, network: EmotionNetwork, padding: int, total: int, settings: FitSettings) -> None:
        """`padding` is the id that fills short texts, `total` the number of batches there will be."""
        self.device = best_device()
        self.network, self.padding, self.total, self.settings = network.to(self.device), padding, total, settings
        self.done = 0  # batches
        self.loss: torch.nn.Module  # of logits and targets; `loss_for` gives the usual one
        self.rate = settings.learning_rate or schedule.learning_rate_for(network.encoder.config.hidden_size)
        optimization.freeze_vocabulary(network)
        self.optimiser = optimization.optimiser(network, self.rate, settings.head_multiplier, settings.weight_decay)
        self.schedule = optimization.warm_up_and_decay(self.optimiser, total, settings.warm_up)

    def logits(self, token_ids: TokenIds) -> torch.Tensor:
        """What the network says of a batch of texts in training, float32 of shape (n, n_labels)."""
        self.network.train()
        ids, mask = batching.pad(token_ids, self.padding)
        with autocast(self.device):
            logits: torch.Tensor = self.network(ids.to(self.device), mask.to(self.device))
        return logits.float()

    def learn(self, token_ids: TokenIds, targets: np.ndarray) -> float:
        """One step on one or several views of n texts, view after view, with targets (n, n_labels); its loss.

        What the views make the network say differently is added to the loss. Errors as in `step`.
        """
        wanted, views = torch.tensor(targets, dtype=torch.float32, device=self.device), len(token_ids) // len(targets)
        logits = self.logits(token_ids)
        return self.step(self.loss(logits, wanted.repeat(views, 1)) + optimization.disagreement(logits, views))

    def step(self, loss: torch.Tensor) -> float:
        """One step of the optimiser; the loss as a number.

        Raises
        ------
        EmoclfError : if the loss is no number any more
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
        """The weights, the optimiser's memory and where chance stands: what `load_state` needs."""
        memory = self.optimiser.state_dict()["state"]
        tensors = {f"{NETWORK}{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"{OPTIMISER}{i} {name}": value for i, one in memory.items() for name, value in one.items()}
        tensors[CHANCE] = self._generator.get_rng_state()
        return {name: value.detach().cpu().contiguous().numpy() for name, value in tensors.items()}

    def load_state(self, state: Mapping[str, np.ndarray], done: int) -> None:
        """Go on as after `done` batches, for a training that is taken up again.

        Raises
        ------
        ValueError : if the state is another network's, or of another kind of device; this one is then as it was
        """
        weights = {name: torch.tensor(value) for name, value in checkpoints.under(NETWORK, state).items()}
        memory: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in checkpoints.under(OPTIMISER, state).items():
            number, _, what = name.partition(" ")
            memory.setdefault(int(number), {})[what] = torch.tensor(value)
        checkpoints.check_fits(weights, self.network.state_dict())
        checkpoints.check_fits({CHANCE: state[CHANCE]}, {CHANCE: self._generator.get_rng_state()})
        moved = dict(enumerate(weight for group in self.optimiser.param_groups for weight in group["params"]))
        for n, moments in memory.items():  # the optimiser would write past the end of smaller ones
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
        """The module that draws what dropout leaves out."""
        return torch if self.device.type == "cpu" else torch.get_device_module(self.device)

    def loss_for(self, labels: np.ndarray) -> torch.nn.BCEWithLogitsLoss:
        """Binary cross-entropy per emotion, with the class weights of these labels (n, n_labels)."""
        weights: Any = torch.tensor(schedule.class_weights(labels), dtype=torch.float32, device=self.device)
        return torch.nn.BCEWithLogitsLoss(pos_weight=weights)
