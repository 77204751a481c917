"""Tests of SavedModels of others: one that could do more than compute is refused before any part of it has run."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoclf.errors import ModelError
from emoclf.hub import graph_check, graph_functions, model_folders
from emoclf.hub.graph_operations import ALLOWED, ONLY_IN_SAVERS

pytestmark = pytest.mark.training
WORDS = ("happy", "sad", "train")


@pytest.fixture(scope="module")
def tf() -> Any:
    from emoclf.hub.tensorflow_library import tf

    return tf


@pytest.fixture(scope="module")
def published(tf: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel with a vocabulary among its assets, a variable, and a table that its checkpoint contains."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    whole, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    entries = tf.lookup.TextFileInitializer(str(folder / "vocab.txt"), tf.string, whole, tf.int64, number)
    model = tf.train.Checkpoint(kernel=tf.Variable([[1.0], [2.0], [3.0], [4.0]]))
    model.table = tf.lookup.StaticVocabularyTable(entries, 1)
    model.counts = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    inner = tf.function(lambda texts: tf.gather(model.kernel, model.table.lookup(texts)), autograph=False)
    model.__call__ = tf.function(inner, [tf.TensorSpec([None], tf.string)], autograph=False)
    return _save(tf, model, folder / "model")


def _save(tf: Any, model: Any, folder: Path) -> Path:
    tf.saved_model.save(model, str(folder))
    return folder


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Path:
    """A copy of the published model, to be changed."""
    return Path(shutil.copytree(published, tmp_path / "model"))


def edit(folder: Path, change: Callable[[Any], None]) -> None:
    """Change the meta graph of a SavedModel."""
    from emoclf.hub.tensorflow_library import SavedModel

    saved, file = SavedModel(), folder / "saved_model.pb"
    saved.ParseFromString(file.read_bytes())
    change(saved.meta_graphs[0])
    file.write_bytes(saved.SerializeToString())


def function(meta: Any, part: str) -> Any:
    """The function of a meta graph whose name contains this part."""
    return next(one for one in meta.graph_def.library.function if part in one.signature.name)


def refused(folder: Path, words: str) -> None:
    """Check that the model is refused, in one sentence with these words and a remedy."""
    with pytest.raises(ModelError, match=words) as error:
        graph_check.check(folder)
    assert "; " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_model_with_a_vocabulary_is_accepted_and_gives_the_same_vectors_when_loaded(tf: Any, published: Path) -> None:
    graph_check.check(published)
    found = tf.saved_model.load(str(published))(tf.constant(["train", "happy", "else"]))
    assert np.array_equal(found, [[3.0], [1.0], [4.0]])


def test_a_model_saved_again_after_loading_is_accepted(tf: Any, published: Path, tmp_path: Path) -> None:
    graph_check.check(_save(tf, tf.saved_model.load(str(published)), tmp_path / "again"))


def _writes_in_its_initialiser(tf: Any, secret: Path) -> Any:
    class Writing(tf.saved_model.experimental.TrackableResource):
        def _create_resource(self) -> Any:
            return tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)

        def _initialize(self) -> None:
            tf.io.write_file(str(secret), "written")

    return tf.train.Checkpoint(resource=Writing())


def _called(tf: Any, call: Callable[[Any], Any]) -> Any:
    def traced(texts: Any) -> Any:
        found = call(texts)
        return tf.size(texts) if isinstance(found, tf.Operation) else found

    model = tf.train.Checkpoint()
    model.__call__ = tf.function(traced, [tf.TensorSpec([None], tf.string)], autograph=False)
    return model


def _in_a_branch(tf: Any, secret: Path) -> Any:
    def write() -> Any:
        tf.io.write_file(str(secret), "written")
        return tf.constant(1)

    return _called(tf, lambda texts: tf.cond(tf.size(texts) > 3, write, lambda: tf.constant(0)))


def _restores(tf: Any, secret: Path) -> Any:
    return _called(
        tf,
        lambda texts: tf.raw_ops.RestoreV2(
            prefix=str(secret), tensor_names=["a"], shape_and_slices=[""], dtypes=[tf.float32]
        ),
    )


def _memory(tf: Any, secret: Path) -> Any:
    call = tf.raw_ops.ImmutableConst
    return _called(tf, lambda texts: call(dtype=tf.float32, shape=[1], memory_region_name=str(secret)))


HARMFUL: dict[str, Callable[[Any, Path], Any]] = {
    "WriteFile": _writes_in_its_initialiser,
    "WriteFile.*_true_": _in_a_branch,
    "EagerPyFunc": lambda tf, secret: _called(tf, lambda texts: tf.py_function(secret.touch, [], [])),
    "PyFunc": lambda tf, secret: _called(tf, lambda texts: tf.numpy_function(secret.touch, [], [])),
    "ReadFile": lambda tf, secret: _called(tf, lambda texts: tf.io.read_file("/etc/passwd")),
    "MatchingFiles": lambda tf, secret: _called(tf, lambda texts: tf.io.matching_files("/etc/*")),
    "PrintV2": lambda tf, secret: _called(tf, lambda texts: tf.print("a", output_stream=f"file://{secret}")),
    "RestoreV2.*outside the functions that save and restore": _restores,
    "ImmutableConst": _memory,
    "Dataset": lambda tf, secret: _called(
        tf, lambda texts: tf.data.TextLineDataset("/etc/passwd").reduce("", lambda whole, line: whole + line)
    ),
}


@pytest.mark.parametrize("operation", HARMFUL)
def test_a_model_that_reads_writes_or_calls_python_is_refused_before_it_has_run(
    tf: Any, tmp_path: Path, operation: str
) -> None:
    secret = tmp_path / "secret"
    folder = _save(tf, HARMFUL[operation](tf, secret), tmp_path / "model")
    secret.unlink(missing_ok=True)  # saving has run some of it
    refused(folder, operation)
    assert not secret.exists()


def test_the_network_refuses_such_a_model_before_loading_it(tf: Any, tmp_path: Path) -> None:
    from emoclf.backends.on_tfhub import network

    secret = tmp_path / "secret"
    folder = _save(tf, _writes_in_its_initialiser(tf, secret), tmp_path / "model")
    _save(tf, tf.train.Checkpoint(), folder / "preprocessing")
    secret.unlink(missing_ok=True)
    with pytest.raises(ModelError, match=r"contains the operation WriteFile \(node .* in function "):
        network.from_base(f"dir:{folder}", 11)
    assert not secret.exists()


def test_an_operation_of_a_custom_library_is_refused(copy: Path) -> None:
    edit(copy, lambda meta: meta.graph_def.node.add(name="x", op="MyOwnOp"))
    refused(copy, r"the operation MyOwnOp \(node 'x' in the graph\)")


def test_a_vocabulary_that_is_not_an_asset_is_refused(copy: Path) -> None:
    def name_a_file(meta: Any) -> None:
        found = function(meta, "initializer")
        reader = next(node for node in found.node_def if node.op == "InitializeTableFromTextFileV2")
        constant = found.node_def.add(name="path", op="Const")
        constant.attr["value"].tensor.string_val.append(b"/etc/passwd")
        reader.input[1] = "path:output:0"

    edit(copy, name_a_file)
    refused(copy, "reads a vocabulary .* that is not an asset of the model")


def test_a_vocabulary_bound_to_another_object_than_an_asset_is_refused(copy: Path) -> None:
    def bind_to_a_constant(meta: Any) -> None:
        objects = meta.object_graph_def
        name = function(meta, "initializer").signature.name
        asset = next(i for i, node in enumerate(objects.nodes) if node.WhichOneof("kind") == "asset")
        bound = objects.concrete_functions[name].bound_inputs
        bound[list(bound).index(asset)] = 0

    edit(copy, bind_to_a_constant)
    refused(copy, "reads a vocabulary .* that is not an asset of the model")


@pytest.mark.parametrize("name", ["../../vocab.txt", "/etc/passwd", "missing.txt"])
def test_an_asset_outside_the_assets_is_refused(copy: Path, name: str) -> None:
    (copy.parent / "vocab.txt").write_text("a")
    edit(copy, lambda meta: setattr(meta.asset_file_def[0], "filename", name))
    refused(copy, f"names the asset '{name}', and only files in .*assets are read")


def test_an_asset_that_is_a_link_out_of_the_folder_is_refused(copy: Path, tmp_path: Path) -> None:
    asset = copy / "assets" / "vocab.txt"
    asset.rename(tmp_path / "elsewhere.txt")
    asset.symlink_to(tmp_path / "elsewhere.txt")
    refused(copy, r"vocab\.txt is a link to .*elsewhere\.txt, outside the model's folder")


def test_a_function_that_calls_itself_is_refused(copy: Path) -> None:
    def call_itself(meta: Any) -> None:
        found = function(meta, "destroyer")
        found.node_def.add(name="again", op="PartitionedCall").attr["f"].func.name = found.signature.name

    edit(copy, call_itself)
    refused(copy, r"the function '__inference__destroyer_\d+' in .* calls itself without end")


def _chain(meta: Any, length: int, calls: int) -> None:
    library = meta.graph_def.library
    for number in range(length):
        one = library.function.add()
        one.signature.name = f"f{number}"
        for call in range(calls if number else 0):
            one.node_def.add(name=f"call{call}", op="PartitionedCall").attr["f"].func.name = f"f{number - 1}"


def test_functions_that_are_nested_too_deeply_or_unfold_without_measure_are_refused(
    published: Path, tmp_path: Path
) -> None:
    deep, wide = (Path(shutil.copytree(published, tmp_path / name)) for name in ("deep", "wide"))
    edit(deep, lambda meta: _chain(meta, graph_functions.DEEPEST + 1, 1))
    refused(deep, "has 65 levels of calls")
    edit(wide, lambda meta: _chain(meta, 30, 2))
    refused(wide, "nodes, and at most 64 levels")


def test_a_call_of_a_missing_function_is_refused(copy: Path) -> None:
    def call_nothing(meta: Any) -> None:
        attributes = function(meta, "destroyer").node_def.add(name="call", op="PartitionedCall").attr
        attributes["f"].func.attr["inner"].list.func.add(name="nowhere")
        attributes["f"].func.name = meta.graph_def.library.function[0].signature.name

    edit(copy, call_nothing)
    refused(copy, "calls the function 'nowhere', which it lacks")


def test_a_saver_that_the_model_itself_can_call_is_refused(copy: Path) -> None:
    def call_the_saver(meta: Any) -> None:
        called = function(meta, "traced_restore").signature.name
        function(meta, "destroyer").node_def.add(name="x", op="PartitionedCall").attr["f"].func.name = called

    edit(copy, call_the_saver)
    refused(copy, r"RestoreV2 .* outside the functions that save and restore its variables")


def test_a_constant_that_is_small_in_the_file_and_huge_in_memory_is_refused(copy: Path) -> None:
    def enlarge(meta: Any) -> None:
        tensor = meta.graph_def.node.add(name="huge", op="Const").attr["value"].tensor
        tensor.tensor_shape.dim.add(size=10**12)
        tensor.float_val.append(1.0)

    edit(copy, enlarge)
    refused(copy, r"a constant of 1,000,000,000,000 values \(node 'huge' in the graph\)")


def test_variables_that_are_larger_than_their_files_are_refused_before_there_is_room_for_them(copy: Path) -> None:
    data = copy / "variables" / "variables.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:8])
    with pytest.raises(ValueError, match=r"the index of the variables promises .* bytes, and their files have 8"):
        graph_check.check(copy)


def test_files_that_are_too_large_or_have_too_many_nodes_are_refused(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_check, "MOST_NODES", 10)
    refused(copy, "has more than 10 nodes")
    os.truncate(copy / "saved_model.pb", graph_check.MOST_BYTES + 1)
    refused(copy, r"saved_model\.pb has 134 MB, and at most 134 MB are read")


@pytest.mark.parametrize("size", [1, 100, 1000])
def test_a_truncated_graph_is_refused_as_damaged(copy: Path, size: int) -> None:
    from google.protobuf.message import DecodeError

    os.truncate(copy / "saved_model.pb", size)
    with pytest.raises((DecodeError, ModelError)):
        graph_check.check(copy)


def test_a_model_of_tensorflow_1_or_in_another_form_is_refused(copy: Path) -> None:
    edit(copy, lambda meta: meta.ClearField("object_graph_def"))
    refused(copy, "is not a SavedModel of TensorFlow 2")
    (copy / "saved_model.cpb").touch()
    refused(copy, r"has a file saved_model\.cpb, which is not checked")


def test_a_pipe_in_the_folder_is_refused_before_it_is_opened(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(copy / "variables" / "pipe")
    refused(copy, "pipe is not a regular file")
    (copy / "variables" / "pipe").unlink()
    monkeypatch.setattr(model_folders, "MOST_FILES", 3)
    refused(copy, "has more than 3 files; name the folder of the model alone")


def test_every_allowed_operation_exists_and_none_names_files_hosts_or_python(tf: Any) -> None:
    from tensorflow.python.framework import op_def_registry

    assert [name for name in ALLOWED | ONLY_IN_SAVERS if op_def_registry.get(name) is None] == []
    suspicious = ("File", "PyFunc", "Dataset", "Iterator", "Remote", "Reader", "Print", "Summary", "Session", "Queue")
    found = {name for name in ALLOWED if any(part in name for part in suspicious)}
    assert found == {"InitializeTableFromTextFileV2"}
