"""
Counts the floating-point operations of an encoder and measures the machine's peak, for the share of the peak reached.

Each real word piece costs 2 operations per weight of the encoder's layers in the forward pass, and 4 more in the
backward pass (Kaplan et al. 2020). Attention adds, for a text of n pieces, 4 n² x width per layer in the forward pass
(n x n products with the keys, and again with the values; a multiplication and an addition each) and 8 n² x width in the
backward pass. Padding, embeddings and the head are not counted.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from emoclf.hub.devices import has_fast_bf16

SIDE = 2048  # of the square matrices
FORWARD, TRAINING = 2, 6  # operations per weight and word piece


def operations(encoder: Any, lengths: Sequence[int], per_weight: int) -> float:
    """Return the floating-point operations for texts of these lengths; `per_weight` is FORWARD or TRAINING."""
    weights = sum(weight.numel() for weight in encoder.encoder.parameters())
    n_tokens = np.asarray(lengths, dtype=float)
    attention = 2 * per_weight * encoder.config.hidden_size * encoder.config.num_hidden_layers
    return float(per_weight * weights * n_tokens.sum() + attention * (n_tokens**2).sum())


def training_dtype(device: str) -> torch.dtype:
    """Return the data type used for training: bfloat16 if the hardware supports it, or else float32."""
    return torch.bfloat16 if has_fast_bf16(torch.device(device)) else torch.float32


def name_of(number_type: torch.dtype) -> str:
    """Return the short name of a data type."""
    return {torch.bfloat16: "bf16", torch.float32: "fp32"}[number_type]


def peak(seconds: float = 3) -> tuple[float, str]:
    """Return the best measured operations per second in matrix products, and the data type; uses torch's threads.

    The data type is that of training. Without bfloat16 in hardware, a single bfloat16 product takes minutes and is no
    useful limit.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    number_type = training_dtype(device)
    left, right = (torch.randn(SIDE, SIDE, dtype=number_type, device=device) for _ in range(2))
    best, deadline = 0.0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        began = time.perf_counter()
        (left @ right)[0, 0].item()  # waits for the result
        best = max(best, 2 * SIDE**3 / (time.perf_counter() - began))
    return best, name_of(number_type)
