"""
Checks a SavedModel before it is loaded, because loading runs parts of its graph and predicting runs the rest.

`saved_model.pb` is parsed with TensorFlow's own message classes, which run nothing. Every node of the graph and of its
function library must be an operation of `emoclf.hub.graph_operations`; a vocabulary may be read only from the model's
own assets; only the functions that save and restore a checkpoint may name files otherwise, and nothing else may call
them. Sizes are limited, so that a small file cannot demand a large memory before anything is computed.

It promises nothing about how long an allowed graph computes, nor about faults in TensorFlow's own operations.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emoclf.errors import ModelError
from emoclf.hub import graph_functions
from emoclf.hub.graph_operations import ALLOWED, ONLY_IN_SAVERS
from emoclf.hub.model_folders import check_files
from emoclf.hub.tensorflow_library import SavedModel, tf

FILE = "saved_model.pb"
OTHER_FORMS = ("saved_model.cpb", "saved_model.pbtxt", "tfhub_module.pb")  # TensorFlow might read them instead
MOST_BYTES = 128 << 20  # of saved_model.pb; those of published BERTs have up to 30 MB
MOST_NODES = 1_000_000  # of the graph and all functions; a published BERT with 24 layers has about 100,000
MOST_VALUES = 1 << 26  # of a constant; larger ones are written as one value and a shape
REMEDY = "pass a model whose graph only computes, or a checkpoint with safetensors"


def check(folder: Path) -> None:
    """Check the SavedModel in a folder without running any of it.

    Raises
    ------
    ModelError : with the operation, file or size that is refused, and where it stands
    DecodeError, OpError : from TensorFlow, if a file is damaged
    """
    check_files(folder)
    for name in OTHER_FORMS:
        if (folder / name).exists():
            raise ModelError(f"{folder} has a file {name}, which is not checked; remove it, or export the model again")
    meta = _meta_graph(folder)
    _check_nodes(folder, meta)
    graph_functions.check(folder, meta)
    _check_assets(folder, meta)
    _check_checkpoint(folder)


def _meta_graph(folder: Path) -> Any:
    """Return the model's only meta graph."""
    size = (folder / FILE).stat().st_size
    if size > MOST_BYTES:
        raise ModelError(
            f"{folder / FILE} has {size / 1e6:,.0f} MB, and at most {MOST_BYTES / 1e6:,.0f} MB are read; {REMEDY}"
        )
    saved = SavedModel()
    saved.ParseFromString((folder / FILE).read_bytes())
    if len(saved.meta_graphs) != 1 or not saved.meta_graphs[0].HasField("object_graph_def"):
        raise ModelError(f"{folder} is not a SavedModel of TensorFlow 2; export the model with TensorFlow 2")
    return saved.meta_graphs[0]


def _check_nodes(folder: Path, meta: Any) -> None:
    """Check the operation of every node, and the size of every constant."""
    for count, (function, node) in enumerate(_nodes(meta.graph_def), start=1):
        if count > MOST_NODES:
            raise ModelError(f"the graph in {folder / FILE} has more than {MOST_NODES:,} nodes; {REMEDY}")
        if node.op not in ALLOWED and node.op not in ONLY_IN_SAVERS:
            raise ModelError(
                f"{folder / FILE} contains the operation {node.op} (node {node.name!r} in {_where(function)}), which "
                f"is not among those that a BERT needs, so the model is not loaded; {REMEDY}"
            )
        for tensor in _tensors(node.attr.values()):
            if (values := _size(tensor.tensor_shape)) > MOST_VALUES:
                raise ModelError(
                    f"{folder / FILE} contains a constant of {values:,} values (node {node.name!r} in "
                    f"{_where(function)}), more than {MOST_VALUES:,}; {REMEDY}"
                )


def _nodes(graph: Any) -> Iterator[tuple[str, Any]]:
    """Yield each node, with the name of its function; it is empty for the graph itself."""
    for node in graph.node:
        yield "", node
    for function in graph.library.function:
        for node in function.node_def:
            yield function.signature.name, node


def _where(function: str) -> str:
    return f"function {function!r}" if function else "the graph"


def _tensors(attributes: Iterable[Any]) -> Iterator[Any]:
    for value in attributes:
        if value.HasField("tensor"):
            yield value.tensor
        yield from value.list.tensor


def _size(shape: Any) -> int:
    return math.prod(max(dimension.size, 0) for dimension in shape.dim)


def _check_assets(folder: Path, meta: Any) -> None:
    """Check that each asset is a file below the folder `assets`; `check_files` has checked where links lead."""
    for asset in meta.asset_file_def:
        path = Path(asset.filename)
        if path.is_absolute() or ".." in path.parts or not (folder / "assets" / path).is_file():
            raise ModelError(
                f"{folder / FILE} names the asset {asset.filename!r}, and only files in {folder / 'assets'} are read; "
                "download or export the model again"
            )


def _check_checkpoint(folder: Path) -> None:
    """Check that the tensors of the checkpoint are not larger than its files: TensorFlow makes room for them first."""
    reader = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
    types = reader.get_variable_to_dtype_map()
    shapes = reader.get_variable_to_shape_map()
    promised = sum(math.prod(shape) * types[name].size for name, shape in shapes.items() if types[name] != tf.string)
    present = sum(path.stat().st_size for path in (folder / "variables").glob("variables.data-*"))
    if promised > present:
        raise ValueError(f"the index of the variables promises {promised:,} bytes, and their files have {present:,}")
