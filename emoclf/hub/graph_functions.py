"""
Checks how the functions of a SavedModel call one another, and which of them name files.

A function can be called by an attribute of a node. Calls must end, and may not be nested so deeply, or so often, that
TensorFlow runs out of stack or memory as it unfolds them. File names reach operations only as follows: the name of a
vocabulary is an argument, passed on unchanged, that the saved object binds to one of its assets; and the functions that
save and restore a checkpoint get theirs from TensorFlow.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from emoclf.errors import ModelError
from emoclf.hub.graph_operations import CALLS, ONLY_IN_SAVERS, READS_A_VOCABULARY

DEEPEST = 64  # calls within calls; published BERTs have about ten
MOST_UNFOLDED = 2_000_000  # nodes of one function with all the functions that it calls
REMEDY = "pass a model whose graph only computes, or a checkpoint with safetensors"


@dataclass(frozen=True)
class _Function:
    """A function of the library."""

    arguments: list[str]
    nodes: list[Any]
    calls: set[str] = field(default_factory=set)  # the names of functions in its nodes' attributes


def check(folder: Path, meta: Any) -> None:
    """Check the functions of a meta graph.

    Raises
    ------
    ModelError : with the function that is refused
    """
    library = meta.graph_def.library
    functions = {
        one.signature.name: _Function(
            [argument.name for argument in one.signature.input_arg], list(one.node_def), set(_called(one.node_def))
        )
        for one in library.function
    }
    _check_calls(folder, functions, set(_called(meta.graph_def.node)))
    _check_savers(folder, functions, meta)
    _check_vocabularies(folder, functions, meta.object_graph_def)


def _called(nodes: Iterable[Any]) -> Iterator[str]:
    """Yield the names of the functions that are named in attributes of nodes."""
    for node in nodes:
        waiting = list(node.attr.values())
        while waiting:
            value = waiting.pop()
            for function in ([value.func] if value.HasField("func") else []) + list(value.list.func):
                yield function.name
                waiting.extend(function.attr.values())


def _check_calls(folder: Path, functions: Mapping[str, _Function], called: set[str]) -> None:
    """Check that called functions exist, and that calls end after a limited number of nodes."""
    if missing := sorted(called.union(*(one.calls for one in functions.values())) - functions.keys()):
        raise ModelError(f"the graph in {folder} calls the function {missing[0]!r}, which it lacks; {REMEDY}")
    depths: dict[str, int] = {}
    unfolded: dict[str, int] = {}
    try:
        order = list(TopologicalSorter({name: one.calls for name, one in functions.items()}).static_order())
    except CycleError as error:
        raise ModelError(f"the function {error.args[1][0]!r} in {folder} calls itself without end; {REMEDY}") from error
    for name in order:  # those that are called come first
        one = functions[name]
        depths[name] = 1 + max((depths[other] for other in one.calls), default=0)
        unfolded[name] = len(one.nodes) + sum(unfolded[other] for other in _called(one.nodes))
        if depths[name] > DEEPEST or unfolded[name] > MOST_UNFOLDED:
            raise ModelError(
                f"the function {name!r} in {folder} has {depths[name]} levels of calls and {unfolded[name]:,} nodes, "
                f"and at most {DEEPEST} levels and {MOST_UNFOLDED:,} nodes are run; {REMEDY}"
            )


def _check_savers(folder: Path, functions: Mapping[str, _Function], meta: Any) -> None:
    """Check that operations on checkpoints are only in functions that no other function and no saved object calls."""
    saver = meta.saver_def
    ends = {name.partition(":")[0] for name in (saver.save_tensor_name, saver.restore_op_name)}
    savers = _reachable(functions, _called(node for node in meta.graph_def.node if node.name in ends))
    gradients = [one.gradient_func for one in meta.graph_def.library.gradient]
    gradients += [one.gradient_func for one in meta.graph_def.library.registered_gradients]
    others = [*(functions.keys() - savers), *meta.object_graph_def.concrete_functions, *gradients]
    for name in sorted(_reachable(functions, others)):
        for node in functions[name].nodes:
            if node.op in ONLY_IN_SAVERS:
                raise ModelError(
                    f"{folder} contains the operation {node.op} (node {node.name!r} in function {name!r}) outside the "
                    f"functions that save and restore its variables, so the model is not loaded; {REMEDY}"
                )


def _reachable(functions: Mapping[str, _Function], names: Iterable[str]) -> set[str]:
    """Return the functions with these names, and all that they call."""
    found: set[str] = set()
    waiting = [name for name in names if name in functions]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting.extend(functions[name].calls)
    return found


def _check_vocabularies(folder: Path, functions: Mapping[str, _Function], objects: Any) -> None:
    """Follow the name of each vocabulary's file, from the operation that reads it back to an asset of the model."""
    waiting = [
        (name, _argument(folder, name, one, node, 1))
        for name, one in functions.items()
        for node in one.nodes
        if node.op == READS_A_VOCABULARY
    ]
    callers = _callers(functions)
    done: set[tuple[str, int]] = set()
    while waiting:
        if (current := waiting.pop()) in done:
            continue
        done.add(current)
        name, position = current
        if name in objects.concrete_functions and not _is_asset(functions[name], position, name, objects):
            raise _not_an_asset(folder, name)
        waiting += [
            (caller, _argument(folder, caller, functions[caller], node, position)) for caller, node in callers[name]
        ]


def _callers(functions: Mapping[str, _Function]) -> dict[str, list[tuple[str, Any]]]:
    """Return, for each function, the nodes that call it, each with the name of the function that it is in."""
    callers: dict[str, list[tuple[str, Any]]] = {name: [] for name in functions}
    for name, one in functions.items():
        for node in one.nodes if one.calls else ():
            for called in _called([node]):
                callers[called].append((name, node))
    return callers


def _argument(folder: Path, name: str, function: _Function, node: Any, position: int) -> int:
    """Return which argument of the function is this input of its node; raise ModelError if it is none."""
    passes_on = node.op in CALLS or node.op == READS_A_VOCABULARY
    if not passes_on or position >= len(node.input) or node.input[position] not in function.arguments:
        raise _not_an_asset(folder, name)
    return function.arguments.index(node.input[position])


def _is_asset(function: _Function, position: int, name: str, objects: Any) -> bool:
    """Return whether a saved object binds this argument to an asset; the bound arguments are the last ones."""
    bound = list(objects.concrete_functions[name].bound_inputs)
    place = position - (len(function.arguments) - len(bound))
    if not 0 <= place < len(bound) or not 0 <= bound[place] < len(objects.nodes):
        return False
    return bool(objects.nodes[bound[place]].WhichOneof("kind") == "asset")


def _not_an_asset(folder: Path, name: str) -> ModelError:
    return ModelError(
        f"the function {name!r} in {folder} reads a vocabulary ({READS_A_VOCABULARY}) that is not an asset of the "
        f"model, so the model is not loaded; {REMEDY}"
    )
