"""
Exports a torch BERT to TensorFlow Hub's format: a trainable encoder with its preprocessing in a subfolder.
"""

from pathlib import Path

from emoclf.backends.on_tfhub.encoder import Encoder
from emoclf.backends.on_tfhub.preprocessing import LENGTH, Preprocessing
from emoclf.backends.on_torch.network import OFFLINE, clear_errors, quiet, refuse_own_code
from emoclf.errors import ModelError
from emoclf.files.folders import atomic_folder
from emoclf.hub.checkpoint_check import check_network
from emoclf.hub.handles import PREPROCESSING
from emoclf.hub.tensorflow_library import check_path, save, tf
from emoclf.hub.uris import locate, names_saved_model

SEED = 0  # of the dropout in the saved graph, so that training from it is reproducible


def export_base(uri: str, folder: Path) -> None:
    """Write the BERT of `uri` atomically into `folder`, which `dir:` and `tfhub:` can then name.

    Raises
    ------
    ModelError : if there is no such BERT, it is in this format already, TensorFlow could not read the folder, or the
        disk is full
    """
    from transformers import AutoModel, AutoTokenizer

    check_path(folder)
    if names_saved_model(uri):
        raise ModelError(f"{uri} is in TensorFlow Hub's format already; copy its folder")
    checkpoint = locate(uri)
    with quiet(), clear_errors(uri):
        refuse_own_code(checkpoint, uri)
        check_network(checkpoint, AutoModel, uri)
        model, report = AutoModel.from_pretrained(
            checkpoint, use_safetensors=True, attn_implementation="sdpa", output_loading_info=True, **OFFLINE
        )
        tokenizer = AutoTokenizer.from_pretrained(checkpoint, **OFFLINE)
    weights = {name: value.float().numpy() for name, value in model.state_dict().items()}
    for name in report["missing_keys"]:
        weights.pop(name, None)
    tf.random.set_seed(SEED)
    encoder = Encoder(model.config, weights)
    preprocessing = Preprocessing(tokenizer, min(LENGTH, model.config.max_position_embeddings))
    with atomic_folder(folder, sum(value.nbytes for value in weights.values())) as unfinished:
        save(encoder.saved(), unfinished)
        save(preprocessing.saved(), unfinished / PREPROCESSING)
