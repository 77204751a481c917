"""
Converts a torch BERT to an encoder in TensorFlow Hub's format, with the same outputs.

The format is that of the published BERT models from version 3 on. Inputs: word ids, mask and type ids. Outputs:
`pooled_output`, `sequence_output`, `encoder_outputs` and `default`. The encoder is callable with `training` as a Python
bool, and has the attributes of a reusable SavedModel (`variables`, `trainable_variables`, `regularization_losses`).
"""

import math
from typing import Any

import numpy as np

from emoclf.errors import ModelError
from emoclf.hub.tensorflow_library import tf

INPUTS = ("input_word_ids", "input_mask", "input_type_ids")
EPSILON = 1e-12  # BERT's own epsilon, if a configuration has none
MASKED_SCORE = -1e9  # the attention score of padding, before the softmax


class Encoder:
    """The encoder as a function over TensorFlow variables."""

    def __init__(self, config: Any, weights: dict[str, np.ndarray]) -> None:
        """`config` and `weights` with the names of transformers, without a prefix.

        Raises
        ------
        ModelError : if the model is not a BERT with absolute positions and GELU
        """
        _check(config)
        self.config = config
        kept_weights = {
            name: value
            for name, value in weights.items()
            if "position_ids" not in name and "token_type_ids" not in name
        }
        if "pooler.dense.weight" not in kept_weights:  # the pooled output is then tanh of the first vector
            kept_weights["pooler.dense.weight"] = np.eye(config.hidden_size, dtype=np.float32)
            kept_weights["pooler.dense.bias"] = np.zeros(config.hidden_size, dtype=np.float32)
        self.variables = {name: tf.Variable(value, name=name.replace(".", "/")) for name, value in kept_weights.items()}

    def saved(self) -> Any:
        """Return the object for `tf.saved_model.save`."""
        specs = {name: tf.TensorSpec([None, None], tf.int32, name) for name in INPUTS}
        encode = tf.function(self.__call__, autograph=False)
        for training in (True, False):
            encode.get_concrete_function(specs, training=training)
        saved = tf.train.Checkpoint()
        saved.variables = list(self.variables.values())
        saved.trainable_variables = list(self.variables.values())
        saved.regularization_losses = []
        saved.__call__ = encode
        return saved

    def __call__(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Return the outputs of a batch: pooled (n, width), sequence (n, length, width), and every layer's."""
        words, mask, types = (inputs[name] for name in INPUTS)
        mask_bias = tf.cast(1 - mask[:, None, None, :], tf.float32) * MASKED_SCORE
        hidden, layers = self._embeddings(words, types, training), []
        for number in range(self.config.num_hidden_layers):
            hidden = self._layer(f"encoder.layer.{number}", hidden, mask_bias, training)
            layers.append(hidden)
        pooled = tf.tanh(self._dense("pooler.dense", hidden[:, 0]))
        return {"pooled_output": pooled, "sequence_output": hidden, "encoder_outputs": layers, "default": pooled}

    def _embeddings(self, words: Any, types: Any, training: bool) -> Any:
        vectors = tf.gather(self.variables["embeddings.word_embeddings.weight"], words)
        vectors += tf.gather(self.variables["embeddings.token_type_embeddings.weight"], types)
        vectors += self.variables["embeddings.position_embeddings.weight"][: tf.shape(words)[1]]
        vectors = self._norm("embeddings.LayerNorm", vectors)
        return _dropped(vectors, self.config.hidden_dropout_prob, training)

    def _layer(self, name: str, hidden: Any, mask_bias: Any, training: bool) -> Any:
        dropout = self.config.hidden_dropout_prob
        attended = self._attention(f"{name}.attention.self", hidden, mask_bias, training)
        attended = _dropped(self._dense(f"{name}.attention.output.dense", attended), dropout, training)
        hidden = self._norm(f"{name}.attention.output.LayerNorm", hidden + attended)
        intermediate = _gelu(self._dense(f"{name}.intermediate.dense", hidden))
        intermediate = _dropped(self._dense(f"{name}.output.dense", intermediate), dropout, training)
        return self._norm(f"{name}.output.LayerNorm", hidden + intermediate)

    def _attention(self, name: str, hidden: Any, mask_bias: Any, training: bool) -> Any:
        heads, shape = self.config.num_attention_heads, tf.shape(hidden)
        width = self.config.hidden_size // heads

        def split(part: str) -> Any:
            whole = self._dense(f"{name}.{part}", hidden)
            return tf.transpose(tf.reshape(whole, [shape[0], shape[1], heads, width]), [0, 2, 1, 3])

        scores = tf.matmul(split("query"), split("key"), transpose_b=True) / math.sqrt(width) + mask_bias
        weights = _dropped(tf.nn.softmax(scores), self.config.attention_probs_dropout_prob, training)
        joined = tf.transpose(tf.matmul(weights, split("value")), [0, 2, 1, 3])
        return tf.reshape(joined, [shape[0], shape[1], self.config.hidden_size])

    def _dense(self, name: str, values: Any) -> Any:
        kernel, bias = self.variables[f"{name}.weight"], self.variables[f"{name}.bias"]
        flat = tf.reshape(values, [-1, kernel.shape[1]])
        shape = tf.concat([tf.shape(values)[:-1], [kernel.shape[0]]], axis=0)
        return tf.reshape(tf.nn.bias_add(tf.matmul(flat, kernel, transpose_b=True), bias), shape)

    def _norm(self, name: str, values: Any) -> Any:
        mean, variance = tf.nn.moments(values, axes=[-1], keepdims=True)
        epsilon = getattr(self.config, "layer_norm_eps", EPSILON)
        return tf.nn.batch_normalization(
            values, mean, variance, self.variables[f"{name}.bias"], self.variables[f"{name}.weight"], epsilon
        )


def _check(config: Any) -> None:
    if config.model_type != "bert":
        raise ModelError(f"only BERT encoders can be exported, and this one is {config.model_type}")
    for name, wanted in (("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if (found := getattr(config, name, wanted)) != wanted:
            raise ModelError(f"only a BERT whose {name} is {wanted} can be exported, and this one's is {found}")


def _gelu(values: Any) -> Any:
    return tf.nn.gelu(values, approximate=False)


def _dropped(values: Any, share: float, training: bool) -> Any:
    return tf.nn.dropout(values, share) if training and share else values
