"""
Checkpoints: what a long training needs to go on after a stop, in one file of tensors (no pickle) that appears whole.
"""

from pathlib import Path

import torch
from torch import nn

NETWORK, OPTIMISER = "network.", "optimiser."


def write(path: Path, done: int, network: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Keep the weights and the optimiser's memory after `done` batches; replaces an earlier checkpoint."""
    from safetensors.torch import save_file

    memory = optimiser.state_dict()["state"]
    tensors = {f"{NETWORK}{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"{OPTIMISER}{i} {name}": value for i, one in memory.items() for name, value in one.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    save_file({name: value.contiguous() for name, value in tensors.items()}, partial, metadata={"done": str(done)})
    partial.replace(path)


def restore(path: Path, network: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    """Put back what `write` kept; return the number of batches done, 0 where there is no usable checkpoint."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return 0
    try:
        with safe_open(path, "pt") as file:
            done = int(file.metadata()["done"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dictionary
        network.load_state_dict(_under(NETWORK, tensors))
    except (OSError, SafetensorError, KeyError, RuntimeError):
        return 0
    memory: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _under(OPTIMISER, tensors).items():
        number, _, what = name.partition(" ")
        memory.setdefault(int(number), {})[what] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": memory})
    return done


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
