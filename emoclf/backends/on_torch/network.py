"""
The network in torch: a pre-trained BERT encoder, mean pooling over the words, and one sigmoid per emotion.

The weights have the names that transformers uses for an encoder with a classification head, so a saved classifier is
itself a checkpoint for further training.
"""

import copy
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from emoclf.backends.on_torch.dropout import Dropout, use_fast_dropout
from emoclf.errors import ModelError
from emoclf.hub import checkpoint_check
from emoclf.hub.uris import locate

WEIGHTS = "model.safetensors"
HEAD = "classifier."
OFFLINE = {"local_files_only": True, "trust_remote_code": False}


class EmotionNetwork(nn.Module):
    """Maps word-piece ids to one logit per emotion."""

    def __init__(self, encoder: Any, n_labels: int) -> None:
        super().__init__()
        encoder.pooler = None  # it uses the first token only; mean pooling scores higher
        self.encoder = encoder
        use_fast_dropout(encoder)
        self.dropout = Dropout(encoder.config.hidden_dropout_prob)
        self.classifier = nn.Linear(encoder.config.hidden_size, n_labels)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return logits (n, n_labels) for ids and mask, both (n, length)."""
        vectors = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits: torch.Tensor = self.classifier(self.dropout(mean_pooling(vectors, mask)))
        return logits

    def weights(self) -> dict[str, torch.Tensor]:
        """Return every weight by its name in a checkpoint."""
        encoder = {
            f"{self.encoder.base_model_prefix}.{name}": value for name, value in self.encoder.state_dict().items()
        }
        return encoder | {f"{HEAD}{name}": value for name, value in self.classifier.state_dict().items()}

    def load_weights(self, weights: dict[str, torch.Tensor]) -> None:
        """Load weights from `weights`; raise RuntimeError if a name or a shape differs."""
        prefix = f"{self.encoder.base_model_prefix}."
        renamed = {
            name.replace(prefix, "encoder.", 1) if name.startswith(prefix) else name: w for name, w in weights.items()
        }
        self.load_state_dict(renamed)


def size(module: nn.Module) -> int:
    """Return the size of a module's weights in bytes."""
    return sum(weight.nbytes for weight in module.parameters())


def mean_pooling(vectors: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean of each text's vectors (n, length, width) where the mask (n, length) is 1: (n, width)."""
    weights = mask.unsqueeze(-1).to(vectors.dtype)
    return (vectors * weights).sum(dim=1) / weights.sum(dim=1)


def from_base(uri: str, n_labels: int) -> tuple[EmotionNetwork, Any]:
    """Return a network with the encoder of `uri` and an untrained head, and the encoder's tokenizer.

    Raises
    ------
    ModelError : if there is no such encoder, or its files cannot be used
    """
    from transformers import AutoModel, AutoTokenizer

    folder = locate(uri)
    checkpoint_check.check_memory(folder, uri)
    with quiet(), clear_errors(uri):
        refuse_own_code(folder, uri)
        checkpoint_check.check_network(folder, AutoModel, uri)
        encoder = AutoModel.from_pretrained(folder, use_safetensors=True, attn_implementation="sdpa", **OFFLINE)
        return EmotionNetwork(encoder.float(), n_labels), AutoTokenizer.from_pretrained(folder, **OFFLINE)


def from_folder(folder: Path, n_labels: int) -> tuple[EmotionNetwork, Any]:
    """Return the network and the tokenizer of a saved classifier; raise ModelError if they are damaged."""
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    with quiet(), clear_errors(str(folder)):
        checkpoint_check.check(folder, str(folder))
        checkpoint_check.check_network(folder, AutoModel, str(folder))
        config = AutoConfig.from_pretrained(folder, **OFFLINE)
        network = EmotionNetwork(AutoModel.from_config(config, attn_implementation="sdpa"), n_labels)
        network.load_weights(load_file(folder / WEIGHTS))
        return network, AutoTokenizer.from_pretrained(folder, **OFFLINE)


def write(network: EmotionNetwork, tokenizer: Any, names: Sequence[str], folder: Path) -> None:
    """Write weights, configuration and tokenizer into `folder`; `names` are the names of the emotions."""
    from safetensors.torch import save_file

    weights = {name: value.detach().cpu().contiguous() for name, value in network.weights().items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    config = copy.deepcopy(network.encoder.config)
    config.id2label = dict(enumerate(names))
    config.label2id = {name: j for j, name in enumerate(names)}
    config.problem_type = "multi_label_classification"
    config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_encoder(encoder: Any, tokenizer: Any, folder: Path) -> None:
    """Write an encoder without a head, with its configuration and tokenizer, into `folder`: a checkpoint for `dir:`."""
    with quiet():
        encoder.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def refuse_own_code(folder: Path, uri: str) -> None:
    """Raise ModelError if only Python code that comes with the checkpoint could load it."""
    if checkpoint_check.needs_own_code(folder):
        raise ModelError(
            f"{uri} needs Python code that comes with it, and such code is never run here; pass a model of a kind that "
            "transformers itself implements, such as BERT"
        )


@contextmanager
def clear_errors(name: str) -> Iterator[None]:
    """Turn the various errors of a damaged checkpoint into one ModelError about `name`."""
    try:
        yield
    except ModelError:
        raise
    except BaseException as error:  # each library raises its own
        if not checkpoint_check.is_fault(error):
            raise
        reason = textwrap.shorten(str(error), 300) or type(error).__name__
        raise ModelError(f"{name} cannot be loaded ({reason}); train or download it again") from error


@contextmanager
def quiet() -> Iterator[None]:
    """Hide the progress bars and load reports of transformers: a missing pooler is intended here."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
