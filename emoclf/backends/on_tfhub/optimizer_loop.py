"""
The optimizer loop of one training run in TensorFlow, as one graph with the same loss and learning rates as in torch.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emoclf.backends import batching, checkpoints, schedule
from emoclf.backends.batching import TokenIds
from emoclf.backends.on_tfhub.network import IDS, WORDS, HubNetwork
from emoclf.backends.settings import FitSettings
from emoclf.errors import EmoclfError, ModelError
from emoclf.hub.tensorflow_library import tf

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # of Adam, as in torch
SCALAR = tf.TensorSpec([], tf.float32)


class HubOptimizerLoop:
    """A network with AdamW and its learning rates; the network is trained in place."""

    def __init__(
        self, network: HubNetwork, padding: int, labels: np.ndarray, total: int, settings: FitSettings
    ) -> None:
        self.network, self.padding, self.total, self.settings = network, padding, total, settings
        self.done = 0
        self.rate = settings.learning_rate or schedule.learning_rate_for(int(network.kernel.shape[0]))
        self.class_weights = tf.constant(schedule.class_weights(labels), tf.float32)
        self.trained = _trained(network)
        self.moments = [(tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in self.trained]
        targets = tf.TensorSpec([None, labels.shape[1]], tf.float32)
        self._step = tf.function(self._one_step, input_signature=[IDS, IDS, targets, SCALAR, SCALAR], autograph=False)

    def train_batch(self, token_ids: TokenIds, targets: np.ndarray) -> float:
        """Run one step on the variants of n texts, variant after variant, with targets (n, n_labels); return the loss.

        The disagreement between the variants' predictions is added to the loss.

        Raises
        ------
        EmoclfError : if the loss is not finite, or memory runs out
        """
        rate = self.rate * schedule.rate_factor(self.done, self.total, self.settings.warm_up)
        ids, mask = (part.astype(np.int32) for part in batching.padded(token_ids, self.padding))
        try:
            loss = float(self._step(ids, mask, targets.astype(np.float32), rate, float(self.done + 1)))
        except tf.errors.ResourceExhaustedError as error:
            raise EmoclfError(
                f"memory ran out on a batch of {len(targets)} tweets; lower batch_size or max_length and train again"
            ) from error
        schedule.check_finite(loss, self.done)
        self.done += 1
        return loss

    def state(self) -> dict[str, np.ndarray]:
        """Return the weights and the optimizer's state for `load_state`, without the random state, which TensorFlow
        hides.
        """
        return {name: variable.numpy() for name, variable in self._variables().items()}

    def load_state(self, state: Mapping[str, np.ndarray], done: int) -> None:
        """Resume after `done` batches; the random state of dropout is not restored.

        Raises
        ------
        ValueError : if the state belongs to another network; nothing is changed then
        """
        checkpoints.check_fits(state, present := self._variables())
        for name, variable in present.items():
            variable.assign(state[name])
        self.done = done

    def _variables(self) -> dict[str, Any]:
        """Return all variables that a step changes, by number, because names are not unique."""
        columns = (self.trained, *zip(*self.moments, strict=True))
        named = zip(("weight", "first", "second"), columns, strict=True)
        return {f"{name} {n}": variable for name, column in named for n, variable in enumerate(column)}

    def _one_step(self, ids: Any, mask: Any, targets: Any, rate: Any, number: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self.trained)
            logits = self.network.logits(ids, mask, training=True)
            by_variant = tf.reshape(logits, tf.concat([[-1], tf.shape(targets)], axis=0))
            wanted = tf.broadcast_to(targets, tf.shape(by_variant))
            losses = tf.nn.weighted_cross_entropy_with_logits(wanted, by_variant, self.class_weights)
            loss = tf.reduce_mean(losses) + _disagreement(by_variant)
        gradients = tape.gradient(loss, self.trained)
        reached = [n for n, gradient in enumerate(gradients) if gradient is not None]  # the pooler has no gradient
        if not any(
            self.trained[n] is not self.network.kernel and self.trained[n] is not self.network.bias for n in reached
        ):
            raise ModelError("no gradient reaches the encoder, so it cannot be fine-tuned; pass another encoder")
        dense = [tf.convert_to_tensor(gradients[n]) for n in reached]
        clipped, _ = tf.clip_by_global_norm(dense, self.settings.clip)
        for n, gradient in zip(reached, clipped, strict=True):
            self._adam(n, gradient, rate, number)
        return loss

    def _adam(self, n: int, gradient: Any, rate: Any, number: Any) -> None:
        """Run one step of AdamW on the n-th weight (Loshchilov and Hutter 2019)."""
        weight, (first, second) = self.trained[n], self.moments[n]
        if weight is self.network.kernel or weight is self.network.bias:
            rate = rate * self.settings.head_multiplier
        if decays(weight):
            weight.assign_sub(rate * self.settings.weight_decay * weight)
        tf.raw_ops.ResourceApplyAdam(
            var=weight.handle,
            m=first.handle,
            v=second.handle,
            beta1_power=BETA1**number,
            beta2_power=BETA2**number,
            lr=rate,
            beta1=BETA1,
            beta2=BETA2,
            epsilon=EPSILON,
            grad=gradient,
        )


def _disagreement(logits: Any) -> Any:
    """Return the same as `on_torch.optimization.disagreement`, for logits (views, n, n_labels)."""
    p = tf.sigmoid(logits)
    difference = (p - tf.reduce_mean(p, axis=0)) * (logits - tf.reduce_mean(logits, axis=0))
    return tf.reduce_mean(tf.reduce_sum(difference, axis=0))


def _trained(network: HubNetwork) -> list[Any]:
    """Return the trained variables: all but the word-piece embeddings, as `optimization.freeze_vocabulary` in torch."""
    return [weight for weight in network.weights() if WORDS not in weight.name]


def decays(weight: Any) -> bool:
    """Return whether weight decay applies: not to layer norms and biases, which published encoders store per head."""
    name = weight.name.lower()
    return len(weight.shape) > 1 and "bias" not in name and "norm" not in name
