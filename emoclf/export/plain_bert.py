"""
Converts a trained network to transformers' BertForSequenceClassification with the same logits.

The network averages all word vectors, but the plain model uses only the first one, through a tanh. One additional layer
bridges the difference. Its queries and keys are 0, so every word attends equally to all words and receives their mean,
already mapped to logits by the head. The non-linear parts of that layer and the tanh are made linear by scaling: a
layer norm of values far below its epsilon is linear, and so is tanh near 0; the residual around the attention is scaled
down until it is negligible. Scales are powers of two, which are exact in float32 and bfloat16. float16 cannot represent
them.
"""

import copy
import math
from pathlib import Path
from typing import Any

import torch

from emoclf.backends.on_torch.network import WEIGHTS, EmotionNetwork
from emoclf.errors import ModelError
from emoclf.metrics.calibration import Calibration
from emoclf.training.classifier import Classifier

LINEAR = 2.0**-16  # relative to the non-linear range of layer norm or tanh; the error is below float32's precision
NEGLIGIBLE = 2.0**-28  # relative to the signal: below float32's precision too


def save(classifier: Classifier, calibration: Calibration | None, folder: Path) -> None:
    """Write a classifier as a folder for transformers: the sigmoids are the classifier's probabilities.

    The configuration contains the thresholds and, if there is one, the slope and intercept that calibrate a logit, by
    emotion. The thresholds apply to the model's output, not to calibrated probabilities.
    """
    from safetensors.torch import save_file

    if not isinstance(classifier.network, EmotionNetwork):
        raise ModelError("transformers cannot read a classifier for TensorFlow; export it with `cli.py export-tfhub`")
    model, tokenizer = plain_bert(classifier.network), copy.deepcopy(classifier.tokenizer)
    names = classifier.label_set.names
    model.config.id2label = dict(enumerate(names))
    model.config.label2id = {name: j for j, name in enumerate(names)}
    model.config.problem_type = "multi_label_classification"
    model.config.thresholds = {name: round(float(t), 6) for name, t in zip(names, classifier.thresholds, strict=True)}
    if calibration is not None:
        model.config.calibration = {
            "slope": dict(zip(names, calibration.slope, strict=True)),
            "intercept": dict(zip(names, calibration.intercept, strict=True)),
        }
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    save_file(model.state_dict(), folder / WEIGHTS, metadata={"format": "pt"})
    tokenizer.model_max_length = classifier.max_length
    tokenizer.split_special_tokens = tokenizer.init_kwargs["split_special_tokens"] = True  # only both survive saving
    tokenizer.save_pretrained(folder)


def plain_bert(network: EmotionNetwork) -> Any:
    """Return a BertForSequenceClassification with one more layer than the network's encoder, and the same logits.

    Raises
    ------
    ModelError : if the encoder is not a BERT
    """
    from transformers import BertForSequenceClassification

    encoder, head = network.encoder, network.classifier
    if encoder.config.model_type != "bert":
        raise ModelError(f"only BERT encoders can be exported, and this one is {encoder.config.model_type}")
    if 2 * head.out_features > encoder.config.hidden_size:
        raise ModelError(
            f"{head.out_features} emotions need an encoder with a hidden size of at least "
            f"{2 * head.out_features}, and this one's is {encoder.config.hidden_size}"
        )
    config = copy.deepcopy(encoder.config)
    config.num_hidden_layers += 1
    config.num_labels = head.out_features
    model = BertForSequenceClassification(config).eval()
    weights = {name: value.detach().float().cpu() for name, value in encoder.state_dict().items()}
    with torch.no_grad():
        model.bert.load_state_dict(weights, strict=False)  # the missing weights of layer and pooler are set below
        scale = LINEAR * 2.0 ** math.floor(math.log2(math.sqrt(config.layer_norm_eps)))
        for parameter in model.bert.encoder.layer[-2].output.LayerNorm.parameters():
            parameter.mul_(scale * NEGLIGIBLE)
        _average(model.bert.encoder.layer[-1], head.weight.detach().float().cpu(), scale)
        _read_out(model, head)
    return model


def _average(layer: Any, head: torch.Tensor, scale: float) -> None:
    """Make the layer put the mean logits times LINEAR into its first n columns, and their negatives into the next n.

    With their negatives, the logits have mean 0, so the layer norm subtracts nothing.
    """
    n, identity = len(head), torch.eye(len(head))
    for parameter in layer.parameters():
        parameter.zero_()
    layer.attention.self.value.weight[:n] = head / NEGLIGIBLE
    layer.attention.output.dense.weight[: 2 * n, :n] = torch.cat([identity, -identity])
    gain = math.sqrt(layer.output.LayerNorm.eps)  # the divisor of a layer norm for tiny values
    layer.attention.output.LayerNorm.weight.fill_(gain)
    layer.output.LayerNorm.weight.fill_(gain * LINEAR / scale)


def _read_out(model: Any, head: torch.nn.Linear) -> None:
    """Set pooler and classifier: through the tanh, and back to the logits' scale."""
    n, identity = head.out_features, torch.eye(head.out_features)
    pooler = model.bert.pooler.dense
    for parameter in (pooler.weight, pooler.bias, model.classifier.weight):
        parameter.zero_()
    pooler.weight[:n, : 2 * n] = torch.cat([identity, -identity], dim=1) / 2
    model.classifier.weight[:, :n] = identity / LINEAR
    model.classifier.bias.copy_(head.bias.detach())
